# SPDX-License-Identifier: GPL-2.0-or-later
# min-free: below it the oldest objects go until 105 % are free; it counts beside the watermarks.

. /vm/culling.sh

free_kib() { echo $(($(stat -f -c %a $CACHE) * $(stat -f -c %S $CACHE) / 1024)); }

make_cache_fs
start_9p_server
set_limits 'brun: 3%, bcull: 2%, bstop: 1%'
start_daemon
for group in a b c; do
    make_group $group 8 1024
    cache_group $group
done
fill_to 5
assert_eq "$(daemon_status culled)" 0

# A tenth of a per cent too little is free, so that 105 % make some 5 MiB: five objects, not one.
free=$(free_kib)
limit=$((free + free / 1000))
set_limits "brun: 3%, bcull: 2%, bstop: 1%, min-free: ${limit}KiB"
wait_until '[ "$(free_kib)" -ge $((limit * 105 / 100)) ]' "105 % of min-free are free"
wait_until 'status_is culling 0'
assert daemon_said 'culling started \(min-free\)'
assert_oldest_went a b c
assert_eq "$(left_of c)" 8 "what is left of the youngest"
wait_until index_agrees
stop_daemon
