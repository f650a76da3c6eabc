# SPDX-License-Identifier: GPL-2.0-or-later
# For scenarios about the index and the tree being in step. Wants culling.sh.

# index_is_in_step: and has exactly as many objects as the tree.
index_is_in_step() { status_is in_step 1 && status_is objects "$(object_count)"; }

# wait_until_settled: in step, and every directory is known to be, so that a start reads none again.
wait_until_settled() {
    wait_until 'index_is_in_step && status_is unsettled 0' "index and tree are in step"
}

# start_with_objects: a daemon, and two groups of eight objects, a older than b.
start_with_objects() {
    make_cache_fs
    start_9p_server
    set_limits ''
    start_daemon
    for _group in a b; do
        make_group $_group 8 16
        cache_group $_group
    done
    wait_until_settled
}

# assert_works GROUP...: with the daemon that runs now. The index is in step, what is oldest goes
# first, and the next start finds that nothing has to be read.
assert_works() {
    wait_until index_is_in_step
    _objects=$(object_count)
    set_limits "max-files: $((_objects - 5))"
    wait_until '[ "$(object_count)" -le $((_objects - 5)) ]'
    assert_oldest_went "$@"
    wait_until_settled
    stop_daemon
    set_limits ''
    start_daemon
    wait_until index_is_in_step
    assert status_is last_objects_read 0
    stop_daemon
}

# times_moved_aside: how often the daemon has said that a database was of no use.
times_moved_aside() { grep -c 'index unusable.*moved to' "$DAEMON_LOG" || true; }

# files_moved_aside: the databases of no use that lie beside the index.
files_moved_aside() {
    find "$INDEX_DIRECTORY" -maxdepth 1 -name "$CACHE_TAG.db.corrupt-*" ! -name '*-wal' | wc -l
}
