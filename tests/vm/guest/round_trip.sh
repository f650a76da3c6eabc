# SPDX-License-Identifier: GPL-2.0-or-later
# One scenario for every kind of mount: read cold, unmount, read warm.

# round_trip SERVER_DIRECTORY MOUNT_POINT MOUNT_COMMAND...
round_trip() {
    _server=$1
    _mount_point=$2
    shift 2
    start_daemon
    "$@"
    _contents=$(checksum $_server/f*)
    assert_eq "$(checksum $_mount_point/f*)" "$_contents" "what a cold read gives"
    unmount $_mount_point
    wait_until '[ "$(object_count)" = "$(ls $_server | grep -c ^f)" ]' "every file has its object"
    drop_caches

    _reads=$(fscache_stat IO.rd)
    "$@"
    assert_eq "$(checksum $_mount_point/f*)" "$_contents" "what a warm read gives"
    assert_num "$(fscache_stat IO.rd)" -gt "$_reads" "the number of reads from the cache"
    unmount $_mount_point
    stop_daemon
}
