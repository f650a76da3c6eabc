# SPDX-License-Identifier: GPL-2.0-or-later
# The judge of the power cut scenarios is judged: after a cut every file that was flushed is there and whole, and of
# those that were not, some are lost.

. /vm/power_cut.sh

# flushed_file NUMBER: one that is on the disk before its mark is in the log.
flushed_file() {
    yes "flushed $1" | head -c 100000 >$CACHE/f$1
    sync
    mark_log "$1"
}

# loose_files NUMBER: some that nobody flushed, but wrote to the disk.
loose_files() {
    for _loose in 1 2 3 4; do
        yes "loose $1" | dd of=$CACHE/l$1-$_loose bs=16k count=8 oflag=direct iflag=fullblock 2>/dev/null
    done
}

make_logged_disk
make_logged_fs
mark_log 0
for number in $(seq 12); do
    flushed_file "$number"
    loose_files "$number"
done
umount $CACHE
end_log

lost=0
whole=0
for cut in $(cut_points 12 5 0); do
    cut_power "$cut" "$cut"
    mount "$CACHE_DISK" $CACHE
    for number in $(seq "$CUT_MARK"); do
        assert_eq "$(yes "flushed $number" | head -c 100000 | md5sum)" "$(md5sum <$CACHE/f$number)" "flushed file $number"
        for loose in 1 2 3 4; do
            if [ "$(yes "loose $number" | head -c 131072 | md5sum)" = "$(md5sum <$CACHE/l$number-$loose)" ]; then
                whole=$((whole + 1))
            else
                lost=$((lost + 1))
            fi
        done 2>/dev/null
    done
    umount $CACHE
    end_cut
done
assert_num "$whole" -gt 0 "files that were not flushed and are whole"
assert_num "$lost" -gt 0 "files that were not flushed and are lost"
