# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's side, read from /proc/fs/fscache. The counters run from boot on: compare, never expect a value.

# fscache_stat LABEL.KEY, e.g. IO.rd (reads from the cache), IO.wr, NoSpace.cull, LRU.exp. Those are
# the same on 6.1 and 6.12.
fscache_stat() {
    _value=$(sed -n "s/^${1%.*} *:.* ${1#*.}=\([0-9]*\).*/\1/p" /proc/fs/fscache/stats)
    [ -n "$_value" ] || fail "no $1 in /proc/fs/fscache/stats"
    echo "$_value"
}

# cache_state: A active, E in error, W withdrawn, P preparing; nothing without a cache.
cache_state() {
    awk -v tag="$CACHE_TAG" '$NF == tag { print $(NF - 1) }' /proc/fs/fscache/caches 2>/dev/null
}

cache_is_bound() { [ "$(cache_state)" = A ]; }

# cookie_count: all cookies, with or without an object.
cookie_count() { tail -n +3 /proc/fs/fscache/cookies | wc -l; }

# cookies_in_use: those that hold an object, so that it cannot be culled.
cookies_in_use() {
    awk 'NR > 2 && $6 !~ /^[-DF]$/ { n++ } END { print n + 0 }' /proc/fs/fscache/cookies
}

# cookies_active: those whose object has been found or made.
cookies_active() { awk '$6 == "A"' /proc/fs/fscache/cookies | wc -l; }

# wait_for_release: until the kernel holds no object, which takes ten seconds after the last use.
wait_for_release() { wait_until '[ "$(cookies_in_use)" = 0 ]' "the kernel lets go of all objects"; }
