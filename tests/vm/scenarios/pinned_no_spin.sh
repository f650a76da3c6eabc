# SPDX-License-Identifier: GPL-2.0-or-later
# Everything is in use, and the driver wants room: the daemon says once that it is stalled, and
# waits for releases instead of asking again and again. Culling goes on by itself when there are
# some.

. /vm/culling.sh

stretch=60 # seconds
trickle=15

make_cache_fs
start_9p_server
set_limits 'brun: 40%, bcull: 35%, bstop: 1%'
start_daemon
make_group held 200 4
cache_group held
mount_9p
singles=
for number in $(seq $trickle); do
    hold "/mnt/9p/held/f$number"
    singles="$singles $HOLDER"
done
hold $(seq $((trickle + 1)) 200 | sed 's,^,/mnt/9p/held/f,')

fill_to 30
wait_until 'status_is stalled 1'
assert_eq "$(daemon_status reason)" watermark
assert_eq "$(object_count)" 200

passes=$(daemon_status passes)
questions=$(daemon_status questions)
before=$(slowness)
ticks=$(daemon_cpu)
begin=$(cut -d . -f 1 /proc/uptime)
for single in $singles; do
    let_go "$single"
    sleep $((stretch / trickle))
done
ticks=$(($(daemon_cpu) - ticks))
seconds=$(($(cut -d . -f 1 /proc/uptime) - begin))
slowness=$((($(slowness) + before) / 2))
echo "$ticks ticks in $seconds s on a machine that is $slowness times slow"
assert_num $((ticks / slowness)) -lt $seconds "1 % of the time in clock ticks; processor time"
wait_until '[ "$(object_count)" = $((200 - trickle)) ]' "what was let go one by one is culled"
# Each may be found in use once more, and each wakes the culler; nothing else does but its timer.
assert_num $(($(daemon_status questions) - questions)) -le $((2 * trickle + 10)) "cull commands"
assert_num $(($(daemon_status passes) - passes)) -le $((4 * trickle)) "passes"
assert_eq "$(grep -c 'culling stalled' "$DAEMON_LOG")" 1 \
    "how often the daemon says that it is stalled"
assert_eq "$(daemon_status stalls)" 1

let_go
wait_until '[ "$(object_count)" = 0 ]' "everything that was let go is culled"

# When room came from elsewhere the stall is over, and another one is said again.
rm $CACHE/filler
wait_until 'status_is culling 0'
assert status_is stalled 0
fill_to 30
wait_until '[ "$(grep -c "culling stalled" "$DAEMON_LOG")" = 2 ]' \
    "the daemon says that it is stalled again"
unmount /mnt/9p
stop_daemon
