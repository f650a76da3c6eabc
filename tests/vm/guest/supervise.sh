# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon under a service manager that keeps its descriptors (tests/vm/tools/supervisor.cpp).

SUPERVISOR_PID=
SUPERVISOR_LOG=/results/$SCENARIO.supervisor

# start_supervised [WATCHDOG_SECONDS]: and waits until the daemon is ready.
start_supervised() {
    [ -e "$CONF" ] || configure
    supervisor /run/vm/notify "${1:-0}" "$DAEMON" -n -s -f "$CONF" \
        >"$SUPERVISOR_LOG" 2>>"$DAEMON_LOG" &
    SUPERVISOR_PID=$!
    wait_for_start 1
}

# starts: how often the daemon was started.
starts() { grep -c '^started ' "$SUPERVISOR_LOG" || true; }

# wait_for_start NUMBER: until the process of that number, from 1, says that it is ready. DAEMON_PID
# becomes its own.
wait_for_start() {
    wait_until "is_ready $1 || ! kill -0 $SUPERVISOR_PID 2>/dev/null" "start $1 of the daemon"
    assert is_ready "$1"
    DAEMON_PID=$(awk '$1 == "started" { pid = $2 } END { print pid }' "$SUPERVISOR_LOG")
}

is_ready() {
    awk -v wanted="$1" '$1 == "started" { n++ }
        n >= wanted && /^message READY=1/ { ready = 1 }
        END { exit !ready }' "$SUPERVISOR_LOG" 2>/dev/null
}

# restart_supervised: as systemctl restart; what is stored is handed on.
restart_supervised() {
    _start=$(($(starts) + 1))
    kill -USR2 "$SUPERVISOR_PID"
    wait_for_start $_start
}

# rest_supervised: ends the daemon. Its descriptors are kept; restart_supervised starts it again.
rest_supervised() {
    _ends=$(grep -c '^ended' "$SUPERVISOR_LOG" || true)
    kill -USR1 "$SUPERVISOR_PID"
    wait_until '[ "$(grep -c ^ended "$SUPERVISOR_LOG")" -gt $_ends ]' "the daemon ends"
    assert_eq "$(grep '^ended' "$SUPERVISOR_LOG" | tail -n 1)" 'ended: exit 0'
    DAEMON_PID=
}

# stop_supervised: as systemctl stop; nothing is kept.
stop_supervised() {
    kill -TERM "$SUPERVISOR_PID"
    wait "$SUPERVISOR_PID"
    wait_until '! cache_is_bound'
    DAEMON_PID=
}

# stored: the names that the service manager keeps now, one per line.
stored() { sed -n 's/.*; keeping //p' "$SUPERVISOR_LOG" | tail -n 1 | tr ':' '\n'; }

# assert_bound_once: since the scenario began the driver has not lost or withdrawn the cache. It says
# so in the kernel's log; its number for the cache is the same after a withdrawal with mounts.
assert_bound_once() {
    assert_eq "$(cache_state)" A "the state of the cache"
    assert_eq "$(dmesg | grep -E 'CacheFiles: .*(register|Error)|Withdrawing|stopped' | wc -l)" 1 \
        "what the kernel says about the cache"
}
