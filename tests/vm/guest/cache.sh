# SPDX-License-Identifier: GPL-2.0-or-later
# The cache's file system and what lies in it.

CACHE=/cache
CACHE_DISK=/dev/vda

# make_cache_fs [ext4|xfs [MOUNT OPTIONS [MKFS OPTION...]]]: a new, empty one on /cache.
make_cache_fs() {
    _type=${1:-$CACHE_FS}
    _options=${2:-defaults}
    [ $# -le 2 ] && set -- || shift 2
    case $_type in
        ext4) mkfs.ext4 -q -F "$@" $CACHE_DISK ;;
        xfs) mkfs.xfs -q -f "$@" $CACHE_DISK ;;
        *) fail "no such file system here: $_type" ;;
    esac
    mount -t "$_type" -o "$_options" $CACHE_DISK $CACHE
    modprobe cachefiles
}

# objects: the paths of all object files. Directories may vanish meanwhile: daemons remove them.
objects() { find $CACHE/cache -type f 2>/dev/null || true; }

object_count() { objects | wc -l; }

# volumes: the paths of all volume directories.
volumes() { find $CACHE/cache -mindepth 1 -maxdepth 1 -type d -name 'I*'; }

# free_percent: of the cache file system's blocks, as the driver counts them.
free_percent() {
    set -- $(stat -f -c '%a %b' $CACHE)
    echo $(($1 * 100 / $2))
}

# fill_to PERCENT: takes space with one file until no more than PERCENT of the blocks are free.
fill_to() {
    set -- "$1" $(stat -f -c '%a %b %S' $CACHE)
    _blocks=$(($2 - $3 * $1 / 100))
    [ $_blocks -le 0 ] || fallocate -l $((_blocks * $4)) $CACHE/filler
}
