# SPDX-License-Identifier: GPL-2.0-or-later
# max-files: above it the oldest objects go, down to 95 %, and not at every file that comes back.

. /vm/culling.sh

make_cache_fs
start_9p_server
set_limits 'max-files: 60'
start_daemon
make_group a 22 4
make_group b 22 4
make_group c 2 4
make_group d 1 4
cache_group a
cache_group b
assert_eq "$(daemon_status culled)" 0

set_limits 'max-files: 40'
wait_until '[ "$(object_count)" = 38 ]'
cache_group c
sleep 6 # three looks at the space
assert_eq "$(object_count)" 40 "the number of objects that are not above the limit"

# One more is one too many. cache_group would count before it has gone.
mount_9p
cat /mnt/9p/d/f1 >/dev/null
unmount /mnt/9p
wait_until '[ "$(daemon_status culled)" = 9 ]'
assert_eq "$(object_count)" 38
assert_oldest_went a b c
assert_eq "$(left_of a)" 13
wait_until index_agrees
stop_daemon
