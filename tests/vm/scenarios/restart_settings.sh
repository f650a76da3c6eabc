# SPDX-License-Identifier: GPL-2.0-or-later
# What only a bind can change is bound anew at a restart; anything else is no reason to.

. /vm/culling.sh
. /vm/supervise.sh

# settings LIMITS: for the next start; the daemon that runs is not told.
settings() { DAEMON_PID= && set_limits "$1"; }

# bound_anew: this start of the daemon did not take the cache over.
bound_anew() { status_is taken_over 0 && cache_is_bound; }

make_cache_fs
mkdir /cache/first /cache/second
CACHE=/cache/first
settings 'bcull: 5%, brun: 7%'
start_supervised
assert bound_anew

settings 'bcull: 5%, brun: 7%, max-files: 1000'
restart_supervised
assert status_is taken_over 1

settings 'bcull: 6%, brun: 8%'
restart_supervised
assert bound_anew
assert daemon_said 'other settings'

CACHE=/cache/second
settings 'bcull: 6%, brun: 8%'
restart_supervised
assert bound_anew
assert test -d /cache/second/graveyard

CACHE_TAG=other
settings 'bcull: 6%, brun: 8%'
restart_supervised
assert bound_anew
assert_eq "$(tail -n +3 /proc/fs/fscache/caches | wc -l)" 1 "how many caches there are"

# What was kept and is of no use any more is given back.
for EVENTS in auto off auto inotify; do
    settings 'bcull: 6%, brun: 8%'
    restart_supervised
    assert status_is taken_over 1
    kept='cachefiles cachefiles-binding '
    [ $EVENTS != auto ] || kept="${kept}cachefiles-events "
    assert_eq "$(stored | sort | tr '\n' ' ')" "$kept" "what is kept with events from $EVENTS"
done
stop_supervised
