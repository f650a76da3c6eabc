# SPDX-License-Identifier: GPL-2.0-or-later
# After a stop in order a start reads no directory, and the first cull needs none to be read.

. /vm/culling.sh
. /vm/index.sh

make_cache_fs
start_9p_server
set_limits ''
start_daemon
for group in a b; do
    make_group $group 8 16
    cache_group $group
done
mount_9p
cat /mnt/9p/b/f1 >/dev/null # in use until the stop, which marks what is not at rest yet
sync
stop_daemon
unmount /mnt/9p

start_daemon
assert status_is taken_over 0
wait_until 'status_is in_step 1'
assert status_is last_objects_read 0
assert status_is last_directories_read 0
assert status_is objects 16
set_limits 'max-files: 8'
wait_until '[ "$(object_count)" -le 8 ]'
assert_oldest_went a b
assert status_is objects "$(object_count)"
assert status_is last_objects_read 0
assert status_is reconciled 1
stop_daemon
