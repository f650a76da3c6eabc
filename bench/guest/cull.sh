# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's part of bench/cull. RUNS: names of disks such as "raw-1", in the order in which the contestants
# take their turns. CULL: objects to be culled. TRACE: yes to count system calls instead of time.

. /results/settings

mkfs.ext4 -q -F /dev/vdb
mount -t ext4 /dev/vdb /export
modprobe cachefiles
export STATE_DIRECTORY=/export/state

disk_called() {
    for _disk in /sys/block/vd*; do
        [ "$(cat "$_disk/serial")" != "$1" ] || echo "/dev/${_disk##*/}"
    done
}

# cold DISK: mounted, and nothing of it in memory.
cold() {
    umount $CACHE 2>/dev/null || true
    drop_caches
    mount -t ext4 "$(disk_called "$1")" $CACHE
}

# take_index: as it is after days of running: in step, nothing left to look at.
take_index() {
    rm -rf /export/state
    cp -r $CACHE/state /export/state
}

# contest NAME COMMAND...: measured; PID is its process afterwards.
contest() {
    _result=/results/cull.$1
    shift
    if [ "$TRACE" = yes ]; then
        cull_meter "$CULL" /usr/sbin/strace -c -f -U name,calls -o "$_result.strace" "$@" >"$_result" 2>>"$DAEMON_LOG"
    else
        cull_meter "$CULL" "$@" >"$_result" 2>>"$DAEMON_LOG"
    fi
    PID=$(pidof cull_replay || pidof cachefilesd)
}

run_raw() {
    contest "$1" /usr/bin/cull_replay $CACHE $CACHE/replay 'frun 20%' 'fcull 18%'
}

run_ours() {
    contest "$1" /usr/bin/cachefilesd -n -s -f $CONF
    DAEMON_PID=$PID
    daemon_status objects
    grep 'status: ' "$DAEMON_LOG" | tail -n 1 | tr ' ' '\n' | grep = >>"/results/cull.$1"
}

run_stock() {
    # The stock daemon aborts when an address happens to look poisoned to it; without randomisation none does.
    contest "$1" /usr/bin/linux64 -R /stock/cachefilesd -n -s -f $CONF
}

for run in $RUNS; do
    [ "${run%-*}" != ours ] || { cold "$run" && take_index; }
    cold "$run"
    configure 'frun 20%' 'fcull 18%'
    "run_${run%-*}" "$run"
    kill -TERM $PID
    wait_until '! cache_is_bound'
    wait_until '! [ -d /proc/$PID ] || grep -q "^State:.Z" /proc/$PID/status'
done
umount $CACHE
