# SPDX-License-Identifier: GPL-2.0-or-later
# One scenario for every mount option of the cache's file system that has to do with atime.

# cull_least_recently_used MOUNT_OPTION
cull_least_recently_used() {
    make_cache_fs "$CACHE_FS" "$1"
    start_9p_server
    set_limits ''
    start_daemon
    for _age in a b c d e f; do
        make_group $_age 2 16
        cache_group $_age
    done

    # a is used again: read from the cache, which no atime tells.
    _reads=$(fscache_stat IO.rd)
    use_group a
    assert_num "$(fscache_stat IO.rd)" -gt "$_reads" "the number of reads from the cache"

    set_limits 'max-files: 9'
    wait_until '[ "$(object_count)" = 9 ]'
    assert_oldest_went b c d e f a
    set_limits 'max-files: 6'
    wait_until '[ "$(object_count)" = 6 ]'
    assert_oldest_went b c d e f a
    set_limits 'max-files: 2'
    wait_until '[ "$(object_count)" = 2 ]'
    assert_eq "$(left_of a)" 2 "what is left of the group used last"
    assert_eq "$(daemon_status culled)" 10
    assert_eq "$(daemon_status objects)" 2
    stop_daemon
}
