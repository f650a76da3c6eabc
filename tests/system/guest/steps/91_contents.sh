# SPDX-License-Identifier: GPL-2.0-or-later
# What is asked of the cache while nobody uses it, done with the driver: compared, shown, culled in part, emptied.

# The driver lets go of an object some seconds after its last use.
wait_until '[ "$(cookies_in_use)" = 0 ]'
state "before it is changed"
cachefilesctl verify >/run/steps/said
cat /run/steps/said
assert grep -q 'Compared 8 objects: the index and the cache agree' /run/steps/said
note "verify: $(cat /run/steps/said)"
object=$(cd $CACHE && find cache -type f | head -n 1)
cachefilesctl show "$CACHE/$object" >/run/steps/said
cat /run/steps/said
assert grep -q 'On disk' /run/steps/said
dry=$(cachefilesctl cull --files 3 --dry-run)
assert_eq "$(object_count)" 8 "objects after a dry run"
done=$(cachefilesctl cull --files 3 --yes)
assert_eq "$(object_count)" 5 "objects after culling three"
assert_eq "${done#Removed}" "${dry#Would remove}" "what was said before and after"
note "cull --files 3: $done"
volume=${object#cache/I}
volume=${volume%%/*}
cachefilesctl pin "$volume"
# A pinned volume is emptied only by its name.
cachefilesctl purge --all --yes
assert_eq "$(object_count)" 5 "objects of a pinned volume"
note "purge $volume: $(cachefilesctl purge "$volume" --yes)"
assert_eq "$(object_count)" 0 "objects after a purge"
cachefilesctl metrics >/run/steps/said
assert grep -q '^cachefiles_culled_objects_total{cache="mycache"} 8$' /run/steps/said
# It is filled again, by a mount that finds nothing wrong.
mount_nfs
read_mount
umount /mnt/nfs
# The pin has outlasted its volume.
wait_until 'cachefilesctl unpin "$volume"' "the volume is back"
wait_until '[ "$(object_count)" = 8 ]' "every file has its object again"
state "culled, emptied, filled again"
