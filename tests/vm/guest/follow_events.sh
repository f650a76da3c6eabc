# SPDX-License-Identifier: GPL-2.0-or-later
# One scenario for each source of events. Wants culling.sh, and EVENTS.

# follow_events: the index follows the cache by events alone: new objects, culled ones, invalidated
# ones, some removed behind the daemon's back. After each its totals are those of the tree, to the
# byte.
follow_events() {
    make_cache_fs
    start_nfs_server
    set_limits ''
    start_daemon
    make_files /export 40 64
    mount_nfs 4.2
    cat /mnt/nfs/f* >/dev/null
    wait_until '[ "$(object_count)" = 40 ]'
    wait_until index_agrees

    set_limits 'max-files: 30'
    wait_until '[ "$(daemon_status culled)" -ge 10 ]'
    wait_until index_agrees
    set_limits ''

    # A write through NFS invalidates: the object goes, and comes back when the file is read again.
    for number in 1 2 3 4 5 6 7 8 9 10; do
        echo more >>"/mnt/nfs/f$number"
    done
    wait_until index_agrees
    drop_caches
    cat /mnt/nfs/f* >/dev/null
    rm /mnt/nfs/f2*
    unmount /mnt/nfs
    wait_for_release
    wait_until index_agrees

    before=$(object_count)
    objects | head -n 5 | xargs rm
    wait_until "status_is objects $((before - 5))" "what was removed behind the daemon's back is known"
    assert index_agrees
    mount_nfs 4.2
    cat /mnt/nfs/f* >/dev/null
    unmount /mnt/nfs
    wait_for_release
    wait_until index_agrees
    assert_eq "$(daemon_status reconciled)" 1 \
        "how often the tree was compared with the index: at start only"
    stop_daemon
}
