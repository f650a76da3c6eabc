# SPDX-License-Identifier: GPL-2.0-or-later
# What the steps share. State that outlives a step is kept below /run/steps.

UNIT=cachefilesd.service
CACHE=/var/cache/fscache
BUS=org.cachefiles1
mkdir -p /run/steps

property() { systemctl show -P "$1" $UNIT; }
is_active() { [ "$(property ActiveState)/$(property SubState)" = active/running ]; }
main_pid() { property MainPID; }
# quietly COMMAND ARGUMENT...: all that it says, without what the shell tells of it; for $( ).
quietly() {
    { set +x; } 2>/dev/null
    "$@" 2>&1
}
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# --- the driver: its state, and how often it had a cache bound and unregistered since boot ---
cache_state() { awk 'NR > 2 { print $(NF - 1) }' /proc/fs/fscache/caches; }
bound_count() { dmesg | grep -c 'CacheFiles: File cache on .* registered' || true; }
withdrawn_count() { dmesg | grep -c 'CacheFiles: File cache on .* unregistering' || true; }
cookies_in_use() { awk 'NR > 2 && $6 !~ /^[-DF]$/ { n++ } END { print n + 0 }' /proc/fs/fscache/cookies; }
reads_from_cache() { sed -n 's/^IO *: rd=\([0-9]*\).*/\1/p' /proc/fs/fscache/stats; }
object_count() { find $CACHE/cache -type f | wc -l; }

# kept_device: "kept" if the daemon's device is the very open file that the service manager keeps. The driver has a cache as
# long as that file is open, and lets nobody open another.
kept_device() { perl /test/guest/same_file "$(main_pid)" /dev/cachefiles; }

# state WHAT: one line of the log that the test is there for.
state() {
    { set +x; } 2>/dev/null
    echo "-- $1: $UNIT $(property ActiveState)/$(property SubState) pid=$(main_pid) restarts=$(property NRestarts)" \
        "descriptors-kept=$(property NFileDescriptorStore) device=$(kept_device) | driver: cache=$(cache_state)" \
        "bound=$(bound_count) withdrawn=$(withdrawn_count) in-use=$(cookies_in_use) objects=$(object_count)"
    set -x
}

# note WHAT...: another.
note() {
    { set +x; } 2>/dev/null
    echo "-- $*"
    set -x
}

# --- the mount in use ---
mount_nfs() { mount -t nfs -o fsc,vers=4.2,proto=tcp 127.0.0.1:/srv/export /mnt/nfs; }

read_mount() { assert_eq "$(checksum /mnt/nfs/f*)" "$(checksum /srv/export/f*)" "what the mount gives"; }

# read_from_cache: the same, without what the memory still holds; the driver has to read it from the disk.
read_from_cache() {
    _before=$(reads_from_cache)
    echo 1 >/proc/sys/vm/drop_caches
    read_mount
    assert_num "$(reads_from_cache)" -gt "$_before" "reads from the cache"
}

# remember_driver WHAT, and not_withdrawn: in between the driver's cache has been online without a gap.
remember_driver() {
    assert_eq "$(kept_device)" kept "the daemon's device"
    echo "$(bound_count) $(withdrawn_count)" >/run/steps/driver
    state "before $1"
}
not_withdrawn() {
    wait_until '[ "$(kept_device)" = kept ]' "the daemon has the device that was kept"
    assert_eq "$(bound_count) $(withdrawn_count)" "$(cat /run/steps/driver)" "times bound and withdrawn"
    assert_eq "$(cache_state)" A "state of the driver's cache"
    read_from_cache
}

# logged PATTERN: by the service in this boot.
logged() { journalctl -b -u $UNIT -o cat --no-pager | grep -q -- "$1"; }
# explained ID PATTERN: there is a message with that id, and its explanation has the pattern.
explained() { journalctl -b -x -u $UNIT MESSAGE_ID="$1" --no-pager | grep -q -- "$2"; }

install_packages() { apt-get -y -o Dpkg::Use-Pty=0 install "$@"; }
version_installed() { dpkg-query -W -f '${Version}' cachefilesd; }
pgrep_cachefilesd() { grep -qs '^cachefilesd$' /proc/[0-9]*/comm; }
