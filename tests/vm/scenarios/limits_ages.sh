# SPDX-License-Identifier: GPL-2.0-or-later
# max-age: what was not used for so long goes without being in the way. min-age: what was used
# within that time stays, whatever is demanded.

. /vm/culling.sh

# The clock is moved, so that nobody has to wait.
pass_hours() { date -s "@$(($(date +%s) + $1 * 3600))"; }

make_cache_fs
start_9p_server
set_limits 'max-age: 1d'
start_daemon
make_group old 8 16
make_group new 8 16
cache_group old
pass_hours 12
cache_group new
assert_eq "$(daemon_status culled)" 0
pass_hours 13
wait_until '[ "$(left_of old)" = 0 ]' "what is older than a day goes"
sleep 5
assert_eq "$(left_of new)" 8 "what is left of what is half a day old"

set_limits 'max-age: 1d, min-age: 15h, max-files: 2'
wait_until 'status_is stalled 1'
assert_eq "$(left_of new)" 8 "what is left of what is too young"
pass_hours 3
wait_until '[ "$(object_count)" = 2 ]' "what has reached min-age can go"

set_limits 'max-age: 5h'
wait_until '[ "$(object_count)" = 0 ]' "a shorter max-age counts at once"
wait_until index_agrees
stop_daemon
