# SPDX-License-Identifier: GPL-2.0-or-later
# The queue of events is too short for what happens while the daemon cannot read it: it notices, and
# compares.

. /vm/culling.sh
. /vm/index.sh

echo 16 >/proc/sys/fs/fanotify/max_queued_events
make_cache_fs
start_9p_server
set_limits ''
start_daemon
make_group a 200 1
mount_9p
cat /mnt/9p/a/f1 >/dev/null # the volume's directories are made: many events, too
wait_until 'status_is in_step 1'
overflows=$(daemon_status overflows)

kill -STOP "$DAEMON_PID"
cat /mnt/9p/a/f* >/dev/null
unmount /mnt/9p
wait_until '[ "$(object_count)" = 200 ]'
wait_for_release
objects | head -n 50 | xargs rm
kill -CONT "$DAEMON_PID"

wait_until '[ "$(daemon_status overflows)" -gt $overflows ]'
assert daemon_said 'dropped events'
wait_until index_is_in_step
assert status_is objects 150
set_limits 'max-files: 100'
wait_until '[ "$(object_count)" -le 100 ]'
wait_until index_is_in_step
echo 16384 >/proc/sys/fs/fanotify/max_queued_events
stop_daemon
