# SPDX-License-Identifier: GPL-2.0-or-later
# For scenarios in which the cache dies, or its disk fails, hangs, and comes back.

# fail_to_mark OBJECT FILE... -- 'CONDITION': until that holds, writes to the files on a cached mount, of which one
# has an object that cannot be marked as modified: an I/O error in the eyes of the driver. A use that comes while
# the driver still looks the object up marks nothing, so that once is not always enough.
fail_to_mark() {
    _object=$1 _files=
    shift
    while [ "$1" != -- ]; do
        _files="$_files $1"
        shift
    done
    xfs_io -c 'chattr +i' "$_object"
    wait_until "$2 || { echo more | tee -a $_files >/dev/null && false; }" "the driver gives up the cache"
    xfs_io -r -c 'chattr -i' "$_object"
}

# make_faulty_disk: CACHE_DISK becomes a device over the disk whose behaviour can be changed.
make_faulty_disk() {
    modprobe dm-mod
    _sectors=$(blockdev --getsz /dev/vda)
    dmsetup create faulty --table "0 $_sectors linear /dev/vda 0"
    # Without udev it has no other name.
    CACHE_DISK=/dev/dm-$(dmsetup info -c --noheadings -o minor faulty)
}

# disk_fails: from now on every access is an I/O error. What was written before is on the disk.
disk_fails() {
    dmsetup suspend faulty
    dmsetup load faulty --table "0 $_sectors error"
    dmsetup resume faulty
}

# disk_works: again. A file system cannot be frozen for it: that would write to a disk that fails.
disk_works() {
    dmsetup suspend --nolockfs --noflush faulty
    dmsetup load faulty --table "0 $_sectors linear /dev/vda 0"
    dmsetup resume faulty
}

# disk_hangs: whoever changes something in the file system waits until disk_goes_on.
disk_hangs() { dmsetup suspend faulty; }
disk_goes_on() { dmsetup resume faulty; }
