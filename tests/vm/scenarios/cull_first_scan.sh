# SPDX-License-Identifier: GPL-2.0-or-later
# A daemon that starts without an index, on a cache that has to be made smaller and that nobody has mounted: first it
# reads all of it, then the oldest go, and not whatever it has seen so far.

. /vm/culling.sh
. /vm/index.sh

make_cache_fs
start_9p_server
set_limits ''
start_daemon
# Each group in a volume of its own, the youngest in the one that is read first.
for number in 3 2 1; do
    make_group group$number 8 16
    cache_group group$number tag-$number
done
wait_until_settled
stop_daemon
rm -r $INDEX_DIRECTORY
set_limits 'max-files: 11'
start_daemon
wait_until '[ "$(object_count)" -le 11 ]'
wait_until index_is_in_step
assert_oldest_went group3 group2 group1
assert_eq "$(left_of group3)" 0 "what is left of the oldest group"
assert_eq "$(daemon_status culled_volumes)" 1
stop_daemon
