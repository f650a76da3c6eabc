# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's part of bench/pinned. PROGRAMS: names of daemons, "ours" or "stock"; DURATION: seconds.

. /results/settings

# pinned NAME: the cache wants to be emptied, and everything in it is in use.
pinned() {
    make_cache_fs
    # No file system is that empty, so there is always a demand; and above bstop, so objects are made.
    configure 'brun 99%' 'bcull 98%' 'bstop 1%'
    start_daemon
    mount_9p
    rm -f /run/vm/ready
    hold_files /mnt/9p /run/vm/ready &
    _holder=$!
    wait_until '[ -e /run/vm/ready ]' "all files are open"
    # The first that were closed are let go of ten seconds later.
    sleep 15
    _culled=$(fscache_stat NoSpace.cull)
    _cpu=$(daemon_cpu)
    sleep "$DURATION"
    echo "$1 $(($(daemon_cpu) - _cpu)) $(($(fscache_stat NoSpace.cull) - _culled)) $(cookies_in_use)" >>/results/pinned.result
    kill $_holder
    wait $_holder || true
    unmount /mnt/9p
    stop_daemon
    umount $CACHE
}

for name in $PROGRAMS; do
    case $name in
        ours) DAEMON=/bin/cachefilesd ;;
        stock) DAEMON=/stock/cachefilesd ;;
    esac
    pinned "$name"
done
