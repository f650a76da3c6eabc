# SPDX-License-Identifier: GPL-2.0-or-later
# For scenarios in which the cache dies, or its disk fails, hangs, and comes back. Wants culling.sh.

# break_cache GROUP: the driver cannot mark an object as modified, which is an I/O error to it. The group has been
# cached, and is there on /mnt/9p. Its objects are in use before anything is written: a use that begins the lookup
# marks nothing. mend_objects GROUP makes them as they were.
break_cache() {
    for _object in $(cat "/run/vm/$1.objects"); do xfs_io -c 'chattr +i' "$_object"; done
    hold "/mnt/9p/$1"/f*
    wait_until '[ "$(cookies_active)" -ge "$(ls "/share/'"$1"'" | wc -l)" ]' "the objects of group $1 are in use"
    for _file in "/mnt/9p/$1"/f*; do echo more >>"$_file"; done
    let_go
}

mend_objects() {
    for _object in $(cat "/run/vm/$1.objects"); do xfs_io -r -c 'chattr -i' "$_object"; done
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
