# SPDX-License-Identifier: GPL-2.0-or-later
# The graveyard is emptied of whatever lies in it, but never beyond it: not along links, and not
# into what is mounted there.

. /vm/culling.sh
. /vm/index.sh
. /vm/foreign.sh

graveyard_is_empty() { [ -z "$(ls -A $CACHE/graveyard)" ]; }

start_with_objects
make_outside
stop_daemon
litter $CACHE/graveyard
litter $CACHE/graveyard/00000001
mkdir -p $CACHE/graveyard/00000002/mounted $CACHE/graveyard/other
mount --bind /outside $CACHE/graveyard/00000002/mounted
mount -t tmpfs foreign $CACHE/graveyard/other && echo kept >$CACHE/graveyard/other/kept
touch $CACHE/graveyard/mounted-file /outside/file
mount --bind /outside/file $CACHE/graveyard/mounted-file
_outside=$(describe_outside)

start_daemon
wait_until 'daemon_said "graveyard cannot be deleted"'
wait_until '[ "$(ls -A $CACHE/graveyard | wc -l)" = 3 ]' "all but what is mounted is deleted"
assert_outside_intact
assert_eq "$(cat $CACHE/graveyard/other/kept)" kept
assert daemon_is_running

# Taken away at last, it goes too, with what the culler buries then.
umount $CACHE/graveyard/00000002/mounted $CACHE/graveyard/other $CACHE/graveyard/mounted-file
set_limits 'max-files: 1'
wait_until '[ "$(object_count)" -le 1 ]'
litter $CACHE/graveyard
stop_daemon
start_daemon
wait_until graveyard_is_empty
assert_outside_intact
stop_daemon
