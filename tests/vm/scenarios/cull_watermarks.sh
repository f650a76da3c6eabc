# SPDX-License-Identifier: GPL-2.0-or-later
# Others fill the file system while no network file system does anything, so that nothing makes the
# driver look: culling begins at the next look all the same, takes the oldest, and ends at `run`.

. /vm/culling.sh

SPACE_CHECK=10s
make_cache_fs
start_9p_server
set_limits 'brun: 7%, bcull: 6%, bstop: 1%'
start_daemon
for group in a b c d; do
    make_group $group 4 4096
    cache_group $group
done
# The driver's own flag is in what the daemon reads from the device.
strace -qq -f -p "$DAEMON_PID" -e trace=read -s 16 -o /run/vm/strace &
tracer=$!
wait_until 'grep -q cull=0 /run/vm/strace'

begin=$(cut -d . -f 1 /proc/uptime)
fill_to 5
wait_until 'daemon_said "culling started \(watermark\)"'
assert_num $(($(cut -d . -f 1 /proc/uptime) - begin)) -lt 60 \
    "seconds until culling begins, which should be ten"
wait_until 'status_is culling 0'
assert grep -q cull=1 /run/vm/strace
wait_until 'grep cull= /run/vm/strace | tail -n 1 | grep -q cull=0' "the driver wants no more room"
kill $tracer
assert_num "$(free_percent)" -ge 7
assert_oldest_went a b c d
assert_eq "$(left_of d)" 4 "what is left of the youngest: more was culled than asked for"
wait_until index_agrees
stop_daemon
