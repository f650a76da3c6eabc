# SPDX-License-Identifier: GPL-2.0-or-later
# For scenarios about making room: limits, objects of known age, files held in use.

SPACE_CHECK=2s
EVENTS=auto
INDEX_DIRECTORY=/var/lib/cachefilesd

# set_limits LIMITS [VOLUME RULE...]: as YAML flow mappings without their braces, e.g. 'max-files:
# 8, min-age: 1h'. Writes the configuration; a daemon that runs takes it over at once.
set_limits() {
    CONF=/run/vm/cachefilesd.yaml
    {
        echo "cache: {directory: $CACHE, tag: $CACHE_TAG}"
        echo "limits: {$1}"
        echo "index: {directory: $INDEX_DIRECTORY}"
        echo "daemon: {space-check-interval: $SPACE_CHECK, events: $EVENTS}"
        echo "volumes:"
        shift
        for _rule; do echo "- {$_rule}"; done
    } >$CONF
    [ -z "$DAEMON_PID" ] || {
        _reloads=$(grep -c 'reloaded: ' "$DAEMON_LOG" || true)
        reload_daemon
        wait_until '[ "$(grep -c "reloaded: " "$DAEMON_LOG")" -gt "$_reloads" ]' \
            "the daemon reloads its configuration"
    }
}

# status_is KEY VALUE: of the daemon, see daemon_status.
status_is() { [ "$(daemon_status "$1")" = "$2" ]; }

# make_group NAME COUNT KIBIBYTES: files on the 9P server, in a folder of that name.
make_group() {
    rm -rf "/share/$1" # an earlier scenario's
    mkdir -p "/share/$1"
    make_files "/share/$1" "$2" "$3"
}

# use_group NAME [CACHETAG [DEVICE]]: reads a group through a mount of its own. On return its
# objects are idle, the index knows when they were used, and whatever is used next is younger by
# more than a second.
use_group() {
    _changes=$(daemon_status changes)
    mount_9p /mnt/group "${2:-vm}" "${3:-cached0}"
    cat "/mnt/group/$1"/f* >/dev/null
    unmount /mnt/group
    _changes=$((_changes + $(ls "/share/$1" | wc -l)))
    wait_until '[ "$(daemon_status changes)" -ge $_changes ]' \
        "the daemon has seen that group $1 was let go"
    wait_for_release
    sleep 2
}

# cache_group NAME [CACHETAG [DEVICE]]: uses a group for the first time. /run/vm/NAME.objects lists
# its objects.
cache_group() {
    objects >/run/vm/before
    use_group "$@"
    objects | sort - /run/vm/before | uniq -u >"/run/vm/$1.objects"
    assert_eq "$(wc -l <"/run/vm/$1.objects")" "$(ls "/share/$1" | wc -l)" \
        "the number of objects of group $1"
    wait_until 'status_is objects "$(object_count)"' "the index knows the objects of group $1"
}

# left_of NAME: how many objects of a group are still there.
left_of() { xargs ls <"/run/vm/$1.objects" 2>/dev/null | wc -l; }

# assert_oldest_went NAME...: of these groups, oldest first, some objects are gone, and none but the
# oldest: no object went before every object of each older group.
assert_oldest_went() {
    _kept=no
    for _group; do
        _left=$(left_of "$_group")
        _size=$(wc -l <"/run/vm/$_group.objects")
        [ "$_kept" = no ] || assert_eq "$_left" "$_size" \
            "what is left of group $_group, younger than one of which something is left"
        [ "$_left" = 0 ] || _kept=yes
    done
    assert_num "$(object_count)" -lt "$(cat $(printf '/run/vm/%s.objects ' "$@") | wc -l)"
}

# object_bytes: disk space of all object files.
object_bytes() { objects | xargs -r stat -c %b | awk '{ sum += $1 * 512 } END { print sum + 0 }'; }

# index_agrees: the daemon's totals are those of the tree.
index_agrees() { status_is objects "$(object_count)" && status_is bytes "$(object_bytes)"; }

# hold FILE...: keeps files open, and so their objects in use, until the process HOLDER ends.
hold() {
    tail -f -s 100000 -c 1 "$@" >/dev/null &
    HOLDER=$!
    _descriptors=$(($# + 3))
    wait_until '[ "$(ls /proc/$HOLDER/fd | wc -l)" -ge $_descriptors ]' "the files are open"
}

# let_go [PID]: ends a holder.
let_go() {
    kill "${1:-$HOLDER}"
    wait "${1:-$HOLDER}" || true
}

# slowness: how many times as long as a plain machine this one takes for the same work, at least 1.
# Guests are emulated, on hosts that have other things to do.
slowness() {
    # 36 ms of processor time on a machine of 2020; clock ticks are 10 ms.
    sh -c 'i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; sed "s/.*) //" /proc/$$/stat' |
        awk '{ times = ($12 + $13) / 3.6; print int(times < 1 ? 1 : times) }'
}
