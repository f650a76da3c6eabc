# SPDX-License-Identifier: GPL-2.0-or-later
# Without events the index is brought in step by comparing it with the tree.

. /vm/culling.sh
. /vm/index.sh

start_with_objects
stop_daemon
make_group c 4 16
EVENTS=off
set_limits ''
start_daemon
assert_eq "$(find /proc/$DAEMON_PID/fd -lname "*notify*")" "" "groups of events"
wait_until index_is_in_step
assert status_is last_objects_read 0

# Nobody tells the daemon of these objects.
mount_9p
cat /mnt/9p/c/f* >/dev/null
unmount /mnt/9p
wait_until '[ "$(object_count)" = 20 ]'
wait_for_release
assert status_is objects 16
assert status_is changes 0

# The next comparison does: here that of a start.
stop_daemon
start_daemon
wait_until index_is_in_step
assert status_is objects 20
set_limits 'max-files: 11'
wait_until '[ "$(object_count)" -le 11 ]'
assert_oldest_went a b
wait_until index_is_in_step
stop_daemon
