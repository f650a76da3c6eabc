# SPDX-License-Identifier: GPL-2.0-or-later
# A stock configuration is taken as it is, with everything that made the stock daemon refuse it.

make_cache_fs
CONF=/run/vm/stock.conf
{
    printf '\n# a comment\n\t  # another one\n'
    printf '\tdir   /cache  \r\n'
    printf 'tag vm\t\n'
    # Lower than what the driver begins with, and in the order that it refuses.
    printf 'brun 4%%\r\nbstop 1%%\nbcull 3%% \n'
    printf 'frun 20%%\n  fcull 15%%\nfstop 10%%\n'
    printf 'culltable 14\nresume_thresholds - 5\nnocull\n'
    printf 'debug 0' # and no newline
} >$CONF
"$DAEMON" --check -f $CONF >/run/vm/check 2>&1
assert grep -q 'stock.conf:.*culltable' /run/vm/check
start_daemon
assert_eq "$(cache_state)" A
set -- $(stat -f -c '%b %c' $CACHE)
driver=$(dmesg | grep -o 'bcull *[0-9]*' | tail -n 1)
echo "the driver's view: ${driver:-not logged}, of $1 blocks"
stop_daemon
assert daemon_said 'culltable'

# Stock's default for everything but the directory.
echo "dir $CACHE" >$CONF
CACHE_TAG=CacheFiles
start_daemon
assert_eq "$(cache_state)" A
stop_daemon
