# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's part of bench/starts. STARTS: how often; OBJECTS: in the cache.

. /results/settings
set +x

make_cache_fs
populate $CACHE "$OBJECTS"
configure
failures=0

# complain WHAT
complain() {
    failures=$((failures + 1))
    echo "start $number: $1" | tee -a /results/starts.failures
}

for number in $(seq "$STARTS"); do
    $DAEMON -n -s -f $CONF 2>/run/vm/daemon.log &
    pid=$!
    tries=0
    until cache_is_bound || [ $tries -ge 1500 ] || ! kill -0 $pid 2>/dev/null; do
        tries=$((tries + 1))
        sleep 0.02
    done
    cache_is_bound || complain "not bound"
    # Every other time while it still compares the tree with its index.
    [ $((number % 2)) = 0 ] || sleep 0.2
    status=0
    kill -TERM $pid || complain "it ended early"
    wait $pid || status=$?
    [ $status = 0 ] || complain "exit status $status"
    ! cache_is_bound || complain "still bound"
    ! dmesg | grep -qE 'BUG:|WARNING:|Oops' || { complain "the kernel complained"; break; }
    [ $((number % 50)) != 0 ] || echo "$number starts, $failures failures"
done
echo "$number $failures" >/results/starts.result
