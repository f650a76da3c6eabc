# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever lies in the cache and is not the driver's: the daemon goes on, counts it, culls what is
# real, and touches nothing outside.

. /vm/culling.sh
. /vm/index.sh
. /vm/foreign.sh

start_with_objects
# Where the driver is going to put the objects of group c: what is mounted below must not hide them.
make_group c 4 16
cache_group c
sed 's|/[^/]*$||' /run/vm/c.objects >/run/vm/c.directories
stop_daemon
xargs rm </run/vm/c.objects
make_outside
volume=$(volumes)
fanout=$(dirname "$(head -n 1 /run/vm/b.objects)")
empty=$(find "$volume" -mindepth 1 -maxdepth 1 -type d -empty | grep -vxFf /run/vm/c.directories | head -n 1)
litter $CACHE/cache
litter "$volume"
litter "$fanout"
mkdir "$CACHE/cache/Imounted" && mount --bind /outside "$CACHE/cache/Imounted"
mount -t tmpfs foreign "$empty" && echo kept >"$empty/Dkept"
ln -s /outside "$volume/@zz"
# As the driver would take it: a command ends at a newline.
mkdir "$volume$(printf '\nx')"
cp "$(head -n 1 /run/vm/b.objects)" "$(head -n 1 /run/vm/b.objects)$(printf '\nx')"

start_daemon
wait_until 'status_is in_step 1'
foreign=$(daemon_status foreign)
assert_num "$foreign" -ge 40 "entries that are not the driver's"
wait_until '[ "$(grep -c "are not the driver" "$DAEMON_LOG")" = 1 ]'
assert daemon_said "^cachefilesd: $foreign entries in the cache are not the driver's"

# The same again while it runs.
mkdir "$CACHE/cache/more" "$volume/more" "$fanout/more"
litter $CACHE/cache/more
litter "$fanout/more"
cache_group c
set_limits 'max-files: 10'
wait_until '[ "$(object_count)" -le 10 ]'
wait_until index_is_in_step
assert_eq "$(left_of c)" 4 "what is left of the youngest group"
assert_eq "$(left_of a)" 0 "what is left of the oldest group"
assert_outside_intact
assert_eq "$(cat "$empty/Dkept")" kept
for directory in "$CACHE/cache" "$volume" "$fanout"; do
    assert_eq "$(litter_left "$directory")" "$(litter_left /run/vm/litter)" "litter in $directory"
done
assert_eq "$(grep -c "are not the driver" "$DAEMON_LOG")" 1 "how often the daemon has said so"
umount "$CACHE/cache/Imounted" "$empty"
stop_daemon
