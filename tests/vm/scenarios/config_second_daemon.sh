# SPDX-License-Identifier: GPL-2.0-or-later
# A second daemon says who is in its way, and ends; the first one does not notice.

. /vm/culling.sh

# refused TEXT: a daemon with the configuration as it is now says TEXT and ends with status 1.
refused() {
    _status=0
    "$DAEMON" -n -s -f "$CONF" >/run/vm/second 2>&1 || _status=$?
    assert_eq $_status 1 "exit status of the second daemon"
    assert grep -E "$1" /run/vm/second
    assert_eq "$(wc -l </run/vm/second)" 1 "lines of the second daemon"
}

make_cache_fs
set_limits ''
start_daemon
first=$DAEMON_PID
lines=$(wc -l <"$DAEMON_LOG")
id=$(awk '$NF == "vm" { print $1 }' /proc/fs/fscache/caches)

DAEMON_PID=
INDEX_DIRECTORY=/run/vm/other
set_limits ''
refused "/dev/cachefiles.*held by cachefilesd \(process $first\)"
INDEX_DIRECTORY=/var/lib/cachefilesd
set_limits ''
refused "/var/lib/cachefilesd/vm.db-lock.* cachefilesd \(process $first\)"

DAEMON_PID=$first
assert daemon_is_running
assert_eq "$(wc -l <"$DAEMON_LOG")" "$lines" "lines that the first daemon has logged"
assert_eq "$(awk '$NF == "vm" { print $1, $(NF - 1) }' /proc/fs/fscache/caches)" "$id A" "the cache"
stop_daemon
