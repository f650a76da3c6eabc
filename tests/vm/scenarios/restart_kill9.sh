# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed again and again while mounts are read: the cache stays, and so does what is
# known about it.

. /vm/culling.sh
. /vm/index.sh
. /vm/supervise.sh

make_cache_fs
start_9p_server
set_limits ''
start_supervised
make_group a 8 64
make_group b 8 64
mount_9p /mnt/a
sums=$(checksum /mnt/a/a/f*)

# Cold and warm reads, all the time. A wrong byte ends the loop, and that the scenario.
number=8
while [ "$(checksum /mnt/a/a/f*)" = "$sums" ]; do
    number=$((number + 1))
    mount_9p /mnt/b vm cached1
    sha1sum /mnt/b/b/f*
    unmount /mnt/b
    dd if=/dev/urandom of=/share/b/f$number bs=1k count=64
    sync
done >/dev/null 2>&1 &
load=$!

for round in 1 2 3 4 5 6 7 8 9 10; do
    kill -KILL "$DAEMON_PID"
    wait_for_start $((round + 1))
    assert status_is taken_over 1
    [ $((round % 2)) = 0 ] || wait_until 'status_is in_step 1'
done
assert kill -0 $load
assert_eq "$(grep -c '^ended: signal 9' "$SUPERVISOR_LOG")" 10 "how often the daemon was killed"
kill $load
wait $load || true

unmount /mnt/a
wait_until '! grep -q " /mnt/b " /proc/mounts || umount /mnt/b'
wait_for_release
wait_until index_is_in_step
before=$(object_count)
set_limits 'max-files: 10'
wait_until '[ "$(object_count)" -le 10 ]'
wait_until index_is_in_step
assert_num "$before" -gt 10 "objects before they were culled"
assert_bound_once
stop_supervised
