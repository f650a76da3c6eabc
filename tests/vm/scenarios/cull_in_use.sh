# SPDX-License-Identifier: GPL-2.0-or-later
# Objects in use are never lost, though more is demanded than all others together: the driver
# refuses them, reads go on from the cache, and they are culled when they have been let go.

. /vm/culling.sh

make_cache_fs
start_9p_server
set_limits ''
start_daemon
make_group held 20 64
make_group idle 20 64
cache_group held
cache_group idle

mount_9p
hold /mnt/9p/held/f*
set_limits 'max-files: 4'
wait_until 'status_is stalled 1'
assert_eq "$(left_of idle)" 0 "what is left of what nobody uses, though it is younger"
assert_eq "$(left_of held)" 20 "what is left of what is in use"
assert_eq "$(daemon_status in_use)" 20
assert_num "$(daemon_status busy)" -ge 20
assert_eq "$(daemon_status culled)" 20

# A mount in use is right throughout, and still served by the cache.
reads=$(fscache_stat IO.rd)
drop_caches
assert_eq "$(checksum /mnt/9p/held/f*)" "$(checksum /share/held/f*)" "what is read of files in use"
assert_num "$(fscache_stat IO.rd)" -gt "$reads" "the number of reads from the cache"
assert_eq "$(checksum /mnt/9p/idle/f*)" "$(checksum /share/idle/f*)" \
    "what is read of files that were culled"

let_go
wait_until '[ "$(object_count)" = 4 ]' "what was let go is culled"
wait_until 'status_is stalled 0'
wait_until 'index_agrees'
drop_caches
assert_eq "$(checksum /mnt/9p/held/f*)" "$(checksum /share/held/f*)" \
    "what is read after the culling"
unmount /mnt/9p
stop_daemon
