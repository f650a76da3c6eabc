# SPDX-License-Identifier: GPL-2.0-or-later
# Started as from an init script, without -n: the command returns when the cache is online, or with
# the failure.

make_cache_fs
configure 'brun 20%' 'bcull 15%' 'bstop 10%'
pid_file=/run/vm/pid

"$DAEMON" -d -f $CONF -p $pid_file
DAEMON_PID=$(cat $pid_file)
assert daemon_is_running
assert_eq "$(cache_state)" A "the cache when the command has returned"
assert_eq "$(readlink /proc/$DAEMON_PID/cwd)" /
assert_eq "$(readlink /proc/$DAEMON_PID/fd/0)" /dev/null
assert_eq "$(awk '{ print $6 }' /proc/$DAEMON_PID/stat)" "$DAEMON_PID" "its session"

# A second one: the caller learns that it failed, and the first one's file stays.
status=0
"$DAEMON" -f $CONF -p $pid_file 2>/run/vm/second || status=$?
assert_eq $status 1 "exit status"
assert_eq "$(cat $pid_file)" "$DAEMON_PID" "what stands in the first one's file"
assert daemon_is_running

kill -TERM "$DAEMON_PID"
wait_until '! daemon_is_running'
wait_until '! cache_is_bound'
refute test -e $pid_file

# -n -s -N: in the foreground, on stderr, no culling, and no file.
"$DAEMON" -n -s -N -f $CONF -p $pid_file 2>"$DAEMON_LOG" &
DAEMON_PID=$!
wait_until cache_is_bound
refute test -e $pid_file
wait_until 'daemon_said "is online"'
stop_daemon
