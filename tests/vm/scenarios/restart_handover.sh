# SPDX-License-Identifier: GPL-2.0-or-later
# A restart leaves the cache online: nothing is withdrawn, nothing is read again, and what happens
# meanwhile is known afterwards.

. /vm/culling.sh
. /vm/index.sh
. /vm/supervise.sh

# No atimes: only the events say what was used while no daemon ran.
make_cache_fs "$CACHE_FS" noatime
start_9p_server
set_limits ''
start_supervised
for group in a b held; do
    make_group $group 4 16
    cache_group $group
done
mount_9p /mnt/held vm cached1
hold /mnt/held/held/f*
wait_until_settled

restart_supervised
assert status_is taken_over 1
wait_until index_is_in_step
assert status_is last_objects_read 0
assert status_is last_directories_read 0
assert_eq "$(cookies_in_use)" 4 "objects in use after the restart"

# While no daemon runs: a is used again, which moves no directory's mtime, and c comes into being.
rest_supervised
assert_eq "$(cache_state)" A "the cache without a daemon"
make_group c 4 16
reads=$(fscache_stat IO.rd)
mount_9p /mnt/group
objects >/run/vm/before
cat /mnt/group/a/f* /mnt/group/c/f* >/dev/null
assert_num "$(fscache_stat IO.rd)" -gt "$reads" "reads from the cache while no daemon runs"
unmount /mnt/group
wait_until '[ "$(object_count)" = 16 ]' "objects are made while no daemon runs"
wait_until '[ "$(cookies_in_use)" = 4 ]'
objects | sort - /run/vm/before | uniq -u >/run/vm/c.objects
sleep 2

restart_supervised
assert status_is taken_over 1
wait_until index_is_in_step
assert_num "$(daemon_status changes)" -ge 8 "what the kept events told"

# The culler goes on, in the right order: of b nothing was used since, a was, c is the youngest, and
# one group is in use.
set_limits 'max-files: 13'
wait_until '[ "$(object_count)" -le 13 ]'
assert_oldest_went b a c held
assert_eq "$(left_of held)" 4 "what is left of the objects in use"
let_go
unmount /mnt/held
assert_bound_once
stop_supervised
