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
fail_to_mark "$(head -n 1 /run/vm/a.objects)" /mnt/9p/a/f* -- '[ "$(cache_state)" = E ]'

restart_supervised
assert status_is taken_over 0
assert daemon_said 'kept online has failed'
assert_eq "$(cache_state)" A
wait_until index_is_in_step
unmount /mnt/9p
stop_supervised
