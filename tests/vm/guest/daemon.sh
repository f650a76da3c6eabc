# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon under test.

CONF=/run/vm/cachefilesd.conf
CACHE_TAG=vm
DAEMON_PID=
DAEMON_LOG=/results/$SCENARIO.daemon

# configure [LINE...]: the configuration that start_daemon uses, in the stock format.
configure() {
    printf 'dir %s\ntag %s\n' $CACHE $CACHE_TAG >$CONF
    for _line; do echo "$_line" >>$CONF; done
}

# start_daemon [ARGUMENT...]: and waits until it has bound the cache. CONF may name another file;
# NOTIFY_SOCKET is passed on.
start_daemon() {
    [ -e $CONF ] || configure
    case $DAEMON in
        # The stock daemon aborts when an address happens to look poisoned to it; without
        # randomisation none does.
        /stock/*) linux64 -R "$DAEMON" -n -s -f "$CONF" "$@" 2>>"$DAEMON_LOG" & ;;
        *) "$DAEMON" -n -s -f "$CONF" "$@" 2>>"$DAEMON_LOG" & ;;
    esac
    DAEMON_PID=$!
    wait_until 'cache_is_bound || ! daemon_is_running' "the daemon binds the cache"
    daemon_is_running || fail "the daemon ended: $(tail -n 5 "$DAEMON_LOG")"
}

daemon_is_running() { [ -d "/proc/$DAEMON_PID" ] && ! grep -q '^State:.Z' "/proc/$DAEMON_PID/status"; }

# stop_daemon: SIGTERM; it must end well, and the cache with it.
stop_daemon() {
    kill -TERM "$DAEMON_PID"
    _status=0
    wait "$DAEMON_PID" || _status=$?
    assert_eq $_status 0 "the daemon's exit status"
    wait_until '! cache_is_bound'
    DAEMON_PID=
}

# kill_daemon [SIGNAL]: KILL by default; waits for its end and says nothing about it.
kill_daemon() {
    kill -"${1:-KILL}" "$DAEMON_PID"
    wait "$DAEMON_PID" || true
    DAEMON_PID=
}

# reload_daemon: SIGHUP.
reload_daemon() { kill -HUP "$DAEMON_PID"; }

# daemon_status KEY: from the line that the daemon logs on SIGUSR1.
daemon_status() {
    _lines=$(grep -c 'status: ' "$DAEMON_LOG" || true)
    kill -USR1 "$DAEMON_PID"
    wait_until '[ "$(grep -c "status: " "$DAEMON_LOG")" -gt "$_lines" ]' "the daemon logs its status"
    grep 'status: ' "$DAEMON_LOG" | tail -n 1 | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# daemon_said PATTERN
daemon_said() { grep -qE "$1" "$DAEMON_LOG"; }

# daemon_memory: resident KiB.
daemon_memory() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON_PID/status"; }

# daemon_cpu: clock ticks (1/100 s) of processor time so far.
daemon_cpu() { sed 's/.*) //' "/proc/$DAEMON_PID/stat" | awk '{ print $12 + $13 }'; }
