# SPDX-License-Identifier: GPL-2.0-or-later
# One scenario for each place where the index may be.

# outlive_full_disk: with the configuration as it is.
outlive_full_disk() {
    start_daemon
    make_group a 16 1024
    make_group b 16 1024
    cache_group a

    # Not one block is left. The driver may give up the cache then, as it does when an xattr cannot
    # be written.
    fallocate -l $(($(stat -f -c %f $CACHE) * $(stat -f -c %S $CACHE))) $CACHE/filler || true
    dd if=/dev/zero of=$CACHE/last bs=4k 2>/dev/null || true
    mount_9p
    assert_eq "$(checksum /mnt/9p/b/f*)" "$(checksum /share/b/f*)" \
        "what is read while nothing can be cached"
    wait_until 'daemon_said "culling started"'
    wait_until '[ "$(object_count)" = 0 ]' "everything is culled, as it is still not enough"
    unmount /mnt/9p
    assert daemon_is_running

    rm $CACHE/filler $CACHE/last
    wait_until 'status_is culling 0'
    wait_until 'cache_is_bound'
    cache_group b
    wait_until index_agrees
    stop_daemon

    # What was kept back while nothing could be written is in the index now: it is in step.
    start_daemon
    wait_until 'status_is in_step 1'
    wait_until index_agrees
    assert_eq "$(left_of b)" 16
    refute daemon_said 'corrupt'
    stop_daemon
}
