# SPDX-License-Identifier: GPL-2.0-or-later
# There are bytes enough, but inodes run out: the driver's file limits are kept, too.

. /vm/culling.sh

make_cache_fs ext4 defaults -N 2048
start_9p_server
set_limits 'frun: 10%, fcull: 5%, fstop: 1%'
start_daemon
for group in a b; do
    make_group $group 80 4
    cache_group $group
done
inodes=$(stat -f -c %c $CACHE)
free_inodes() { stat -f -c %d $CACHE; }
mkdir $CACHE/others
(cd $CACHE/others && seq $(($(free_inodes) - inodes * 4 / 100)) | xargs touch)

# 6 % make some 120 files, which is more than one group, and less than both.
wait_until '[ "$(free_inodes)" -ge $((inodes / 100 * 10)) ]' "a tenth of the inodes is free"
wait_until 'status_is culling 0'
assert daemon_said 'culling started \(watermark\)'
assert_oldest_went a b
assert_eq "$(left_of a)" 0
assert_num "$(left_of b)" -gt 30
wait_until index_agrees
stop_daemon
