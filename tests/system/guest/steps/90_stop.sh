# SPDX-License-Identifier: GPL-2.0-or-later
withdrawn=$(withdrawn_count)
state "before the stop"
systemctl stop $UNIT
assert_eq "$(withdrawn_count)" $((withdrawn + 1)) "times withdrawn"
assert_eq "$(property NFileDescriptorStore)" 0 "descriptors kept"
said=$(quietly cachefilesctl status || echo "exit status $?")
case $said in *"exit status 3") ;; *) fail "cachefilesctl without a daemon: $said" ;; esac
read_mount
state stopped
# Nobody holds the disk any more.
umount $CACHE
note "umount $CACHE: done, with the mount still in use"
mount $CACHE
systemctl start $UNIT
wait_until is_active
state "started again"
touch /run/steps/leave
wait_until 'umount /mnt/nfs'
refute test -e /run/steps/wrong
mount_nfs
read_mount
wait_until '[ "$(cookies_in_use)" -ge 8 ]'
read_from_cache
umount /mnt/nfs
state "unmounted and mounted again"
