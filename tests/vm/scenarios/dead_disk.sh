# SPDX-License-Identifier: GPL-2.0-or-later
# The disk fails under the cache: for a moment, and the cache comes back by itself; for good, and it
# comes back when the file system has been mounted anew.

. /vm/culling.sh
. /vm/index.sh
. /vm/faults.sh

# read_after COMMAND: has the driver look for the objects of group a on the disk. The mount's
# volume is in use before: an error in setting that up would be no reason to give up the cache.
# An object that is in use is not read: its reader would get the disk's error (seen on 6.12).
read_after() {
    mount_9p
    cat /mnt/9p/first/f1 >/dev/null
    "$@"
    drop_caches
    assert_eq "$(checksum /mnt/9p/a/f*)" "$sum" "what is read after: $*"
}

# cache_works: what is read through a new mount comes out of the cache.
cache_works() {
    drop_caches
    mount_9p
    _reads=$(fscache_stat IO.rd)
    assert_eq "$(checksum /mnt/9p/a/f*)" "$sum" "what is read when it is back"
    assert_num "$(fscache_stat IO.rd)" -gt "$_reads" "reads from the cache when it is back"
    unmount /mnt/9p
    wait_for_release
}

make_faulty_disk
make_cache_fs xfs noatime
start_9p_server
make_group a 40 16
make_group first 1 16
sum=$(checksum /share/a/f*)
set_limits ''
start_daemon
cache_group a
cache_group first
wait_until_settled

# For a moment: the daemon does not see it before it is over.
kill -STOP "$DAEMON_PID"
read_after disk_fails
assert_eq "$(cache_state)" E "the cache on a disk that fails"
disk_works
kill -CONT "$DAEMON_PID"
wait_until 'status_is losses 1 && status_is online 1'
assert daemon_said 'the cache is online again'
unmount /mnt/9p
cache_works
wait_until_settled

# For good: XFS shuts down. The cache can be bound at times, and dies with its next use.
read_after disk_fails
wait_until '[ "$(daemon_status losses)" -ge 2 ]' "the daemon notices that the cache is dead"
assert_eq "$(checksum /mnt/9p/a/f*)" "$sum" "what is read while the cache is dead"
unmount /mnt/9p
stop_daemon
disk_works
umount $CACHE
mount -t xfs -o noatime "$CACHE_DISK" $CACHE
start_daemon
wait_until index_is_in_step
cache_works
set_limits 'max-files: 20'
wait_until '[ "$(object_count)" -le 20 ]'
wait_until index_is_in_step
stop_daemon
