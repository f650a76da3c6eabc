# SPDX-License-Identifier: GPL-2.0-or-later
# Power cuts: a disk whose writes and flushes are logged, and other disks that have what such a cut leaves
# (tests/campaign/power_cut.hpp). Everything is on the one disk for the cache, the log on the one for exports.

CUT_SECTORS=$((640 * 2048))
CUT_LOG=/dev/vdb

# dm_disk NAME: the device's path; without udev it has no other name.
dm_disk() { echo "/dev/dm-$(dmsetup info -c --noheadings -o minor "$1")"; }

# make_logged_disk: CACHE_DISK becomes a blank disk whose writes are logged. Marks go to the device "logged".
make_logged_disk() {
    modprobe -a dm-mod dm-log-writes dm-snapshot
    dmsetup create live --table "0 $CUT_SECTORS linear /dev/vda 0"
    dmsetup create before --table "0 $CUT_SECTORS linear /dev/vda $CUT_SECTORS"
    dmsetup create scratch --table "0 $CUT_SECTORS linear /dev/vda $((2 * CUT_SECTORS))"
    dmsetup create logged --table "0 $CUT_SECTORS log-writes $(dm_disk live) $CUT_LOG"
    CACHE_DISK=$(dm_disk logged)
}

# make_logged_fs: without discards, which replay_log would write as zeros, all over the disk.
make_logged_fs() {
    case $CACHE_FS in
        ext4) make_cache_fs ext4 defaults -E nodiscard ;;
        xfs) make_cache_fs xfs defaults -K ;;
    esac
}

# mark_log NUMBER: as of now.
mark_log() { dmsetup message logged 0 mark "$1"; }

# end_log: nothing more is written; the file system has been unmounted.
end_log() {
    dmsetup remove logged
    ! dmesg | grep 'log-writes: Ran out' || fail "the log of writes was too small"
    CUT_FROM=0
}

# cut_points COUNT SEED NUMBER: numbers of log entries after that mark, in order; cut_power takes them in that order.
cut_points() { replay_log cuts $CUT_LOG "$1" "$2" "$3"; }

# cut_power ENTRIES SEED: CACHE_DISK is what is left when the power fails after so many entries of the log. CUT_MARK is
# the last mark before that.
cut_power() {
    set -- "$1" "$2" $(replay_log flushed $CUT_LOG "$(dm_disk before)" $CUT_FROM "$1")
    CUT_FROM=$3
    CUT_MARK=$4
    dmsetup create cut --table "0 $CUT_SECTORS snapshot $(dm_disk before) $(dm_disk scratch) N 8"
    CACHE_DISK=$(dm_disk cut)
    replay_log rest $CUT_LOG "$CACHE_DISK" "$1" "$2"
}

# end_cut: what has been done to the disk since is forgotten; the file system has been unmounted.
end_cut() { dmsetup remove cut; }
