# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon as the cache itself, under the workload of tests/campaign, on a disk that loses its power. Wants
# power_cut.sh. CAMPAIGN_SOURCE: options of the source, the same for all of its programs.

CAMPAIGN_SOURCE="--source-seed 1 --files 60 --largest 1048576"
CAMPAIGN_JOURNAL=/run/vm/journal
CAMPAIGN_SOCKET=/run/vm/netfs
CAMPAIGN_CUTS=/results/$SCENARIO.cuts

# start_cache [LIMITS]: the daemon is the cache; the index is on the same disk.
start_cache() {
    mkdir -p $CACHE/store $CACHE/index
    cat >/run/vm/user.yaml <<END
cache: {directory: $CACHE/store, tag: vm}
limits: {${1:-}}
index: {directory: $CACHE/index, reserve: 0}
daemon: {backend: user, space-check-interval: 1s}
user: {socket: $CAMPAIGN_SOCKET, commit-interval: 1s}
END
    _online=$(grep -c 'is online' "$DAEMON_LOG" 2>/dev/null || true)
    $DAEMON -n -s -f /run/vm/user.yaml 2>>"$DAEMON_LOG" &
    DAEMON_PID=$!
    wait_until '[ "$(grep -c "is online" "$DAEMON_LOG")" -gt "${_online:-0}" ] || ! daemon_is_running' \
        "the cache is online"
    daemon_is_running || fail "the daemon ended: $(tail -n 5 "$DAEMON_LOG")"
}

# stop_cache: SIGTERM; it must end well.
stop_cache() {
    kill -TERM "$DAEMON_PID"
    _status=0
    wait "$DAEMON_PID" || _status=$?
    assert_eq $_status 0 "the daemon's exit status"
    DAEMON_PID=
}

# start_workload SEED OPERATIONS: of each of its threads. Every line of its journal is a mark in the disk's log.
start_workload() {
    campaign_workload $CAMPAIGN_SOURCE --socket $CAMPAIGN_SOCKET --journal $CAMPAIGN_JOURNAL --marks logged \
        --seed "$1" --operations "$2" >/run/vm/workload.out &
    WORKLOAD_PID=$!
    wait_until 'grep -q running /run/vm/workload.out'
}

workload_is_running() { kill -0 "$WORKLOAD_PID" 2>/dev/null; }

# end_workload: waits for its end; it must not have seen a wrong byte.
end_workload() {
    wait_until '! workload_is_running' "the workload ends"
    wait "$WORKLOAD_PID" || fail "the workload: $(cat /run/vm/workload.out)"
    cat /run/vm/workload.out
}

# journal_lines: how many there are.
journal_lines() { wc -l <$CAMPAIGN_JOURNAL; }

# at_line NUMBER: waits until the workload's journal has that many lines.
at_line() { wait_until "[ \$(journal_lines) -ge $1 ] || ! workload_is_running"; }

# check_cut ENTRIES SEED: what the cache claims after a power cut at that point of the log: on the disk as it is found,
# and through a daemon that starts on it.
check_cut() {
    cut_power "$1" "$2"
    mount "$CACHE_DISK" $CACHE
    _direct=$(campaign_check $CAMPAIGN_SOURCE direct --cache $CACHE/store --database $CACHE/index/vm.db) ||
        fail "wrong blocks on the disk after the cut at $1: $_direct"
    start_cache
    _online=$(campaign_check $CAMPAIGN_SOURCE online --socket $CAMPAIGN_SOCKET --journal $CAMPAIGN_JOURNAL \
        --until "$CUT_MARK" --seed "$2") || fail "wrong blocks served after the cut at $1: $_online"
    echo "cut=$1 mark=$CUT_MARK direct: $_direct online: $_online" >>"$CAMPAIGN_CUTS"
    # What the daemon is asked for are the versions of that moment, of which it may well have nothing.
    case $_direct in
        "compared=0 "*) fail "no block was found on the disk after the cut at $1" ;;
    esac
    kill_daemon
    umount $CACHE
    end_cut
}

# fill_cache SEED OPERATIONS: a workload whose end is on the disk. CAMPAIGN_LINE is where the next one begins.
fill_cache() {
    start_cache
    start_workload "$1" "$2"
    end_workload
    stop_cache
    CAMPAIGN_LINE=$(journal_lines)
    mark_log "$CAMPAIGN_LINE"
}

# run_campaign CUTS SEED OPERATIONS: a workload on a cache that has something, with two deaths of the daemon and with culling in
# it; then that many cuts, each of which has to find blocks.
run_campaign() {
    make_logged_disk
    make_logged_fs
    fill_cache $(($2 * 2)) "$3"
    start_cache
    start_workload $(($2 * 2 + 1)) "$3"
    at_line $((CAMPAIGN_LINE + $3))
    kill_daemon
    start_cache
    at_line $((CAMPAIGN_LINE + 2 * $3))
    kill_daemon
    start_cache 'max-size: 8M'
    end_workload
    stop_cache
    umount $CACHE
    end_log
    _number=0
    for _cut in $(cut_points "$1" "$2" "$CAMPAIGN_LINE"); do
        _number=$((_number + 1))
        check_cut "$_cut" $(($2 * 1000 + _number))
    done
    assert_eq $_number "$1" "cuts"
}
