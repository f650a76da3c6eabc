# SPDX-License-Identifier: GPL-2.0-or-later
# max-size: above it the oldest objects go, down to 95 %, and not at every file that comes back; a
# reload changes it.

. /vm/culling.sh

make_cache_fs
start_9p_server
set_limits 'max-size: 1GiB'
start_daemon
for group in a b c; do
    make_group $group 4 256
    cache_group $group
done
make_group d 1 256
assert_eq "$(daemon_status culled)" 0

# 3072 KiB are there; ten objects would be less than the limit, nine are less than 95 % of it.
set_limits 'max-size: 2610KiB'
wait_until '[ "$(object_count)" = 9 ]'
assert_oldest_went a b c
cache_group d
sleep 6 # three looks at the space
assert_eq "$(object_count)" 10 "the number of objects that are below the limit"

set_limits 'max-size: 1350KiB'
wait_until '[ "$(object_count)" = 5 ]'
assert_oldest_went a b c d
assert_eq "$(left_of a)$(left_of b)" 00 "what is left of the oldest"

set_limits 'max-size: none'
cache_group a
assert_eq "$(object_count)" 9 "the number of objects without a limit"
wait_until index_agrees
stop_daemon
