# SPDX-License-Identifier: GPL-2.0-or-later
# The driver gives up the cache after an error of one object: the daemon brings it back, and mounts
# are cached again.

. /vm/culling.sh
. /vm/faults.sh
. /vm/index.sh
. /vm/supervise.sh

make_cache_fs
start_9p_server
set_limits ''
start_supervised
make_group a 4 16
make_group b 4 16
cache_group a

mount_9p
break_cache a
wait_until 'status_is losses 1' "the daemon notices that the cache is dead"
wait_until 'status_is online 1'
mend_objects a
assert daemon_said 'given up the cache after an I/O error'
assert daemon_said 'the cache is online again'
assert_eq "$(cache_state)" A
kept='cachefiles cachefiles-binding cachefiles-events '
assert_eq "$(stored | sort | tr '\n' ' ')" "$kept" "what is kept"

# The same mount is cached again with its next use, and the index follows.
cat /mnt/9p/b/f* >/dev/null
unmount /mnt/9p
wait_until '[ "$(object_count)" = 8 ]'
wait_until index_is_in_step
set_limits 'max-files: 4'
wait_until '[ "$(object_count)" -le 4 ]'

# What is kept is the new binding.
restart_supervised
assert status_is taken_over 1
assert_eq "$(cache_state)" A
stop_supervised
