# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that nobody has mounted, and whose objects all have to go, goes with one command; the
# reaper empties it. One that is mounted is culled object by object.

. /vm/culling.sh

make_cache_fs
start_9p_server
set_limits ''
start_daemon
make_group dead 20 16
make_group live 20 16
cache_group dead tag-dead
cache_group live tag-live
directory=$(find $CACHE/cache -maxdepth 1 -name '*tag-dead')
assert [ -d "$directory" ]

set_limits 'max-files: 21'
wait_until '[ ! -e "$directory" ]' "the volume has gone"
wait_until '[ -z "$(ls $CACHE/graveyard)" ]' "the graveyard is empty"
wait_until 'status_is culling 0'
assert_eq "$(daemon_status culled_volumes)" 1
assert_eq "$(daemon_status questions)" 1 "the number of cull commands"
assert_eq "$(daemon_status culled)" 20
assert_eq "$(left_of live)" 20 "what is left of the other volume"
wait_until 'status_is reaped_files 20'

# Mounted, but with nothing in use: its objects go, its directory cannot.
mount_9p /mnt/9p tag-live
set_limits 'max-files: 1'
wait_until '[ "$(object_count)" = 1 ]'
assert_eq "$(daemon_status culled_volumes)" 1
assert [ -d $CACHE/cache/I9p,*tag-live ]
assert_eq "$(checksum /mnt/9p/live/f*)" "$(checksum /share/live/f*)"
unmount /mnt/9p
stop_daemon
