# SPDX-License-Identifier: GPL-2.0-or-later
# The tree changed while this index was not in use: objects came and went, and so did a volume and a
# fan-out directory.

. /vm/culling.sh
. /vm/index.sh

start_with_objects
make_group gone 4 16
cache_group gone gone
wait_until_settled
stop_daemon

# Another daemon's work, which had an index of its own.
INDEX_DIRECTORY=/run/vm/elsewhere
set_limits ''
start_daemon
make_group c 4 16
cache_group c
stop_daemon
INDEX_DIRECTORY=/var/lib/cachefilesd

# And somebody's who knows no daemon.
rm $(head -n 2 /run/vm/a.objects)
rm -r "$(dirname "$(tail -n 1 /run/vm/b.objects)")"
rm -r "$(dirname "$(dirname "$(head -n 1 /run/vm/gone.objects)")")"
for group in a b c; do
    xargs ls <"/run/vm/$group.objects" 2>/dev/null >/run/vm/left || true
    mv /run/vm/left "/run/vm/$group.objects"
done
left=$(object_count)
assert_num "$left" -lt 18
assert_num "$left" -ge 10

set_limits ''
start_daemon
wait_until index_is_in_step
assert status_is objects "$left"
# Of 768 directories only those are read that changed.
assert_num "$(daemon_status last_directories_read)" -le 7
assert_works a b c
