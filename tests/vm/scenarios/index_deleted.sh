# SPDX-License-Identifier: GPL-2.0-or-later
# Without its index the daemon makes a new one from the tree, and culls in the order that the files'
# times tell.

. /vm/culling.sh
. /vm/index.sh

start_with_objects
stop_daemon
rm -r $INDEX_DIRECTORY
start_daemon
wait_until index_is_in_step
assert status_is last_objects_read 16
assert daemon_said '16 objects looked at'
assert_works a b
