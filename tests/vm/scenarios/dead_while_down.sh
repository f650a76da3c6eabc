# SPDX-License-Identifier: GPL-2.0-or-later
# The cache dies while no daemon runs: the next one finds a dead device, and binds anew.

. /vm/culling.sh
. /vm/faults.sh
. /vm/index.sh
. /vm/supervise.sh

make_cache_fs
start_9p_server
set_limits ''
start_supervised
make_group a 4 16
cache_group a
mount_9p
rest_supervised
break_cache a
wait_until '[ "$(cache_state)" = E ]' "the driver gives up the cache"
mend_objects a

restart_supervised
assert status_is taken_over 0
assert daemon_said 'kept online has failed'
assert_eq "$(cache_state)" A
wait_until index_is_in_step
unmount /mnt/9p
stop_supervised
