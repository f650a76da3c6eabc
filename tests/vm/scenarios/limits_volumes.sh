# SPDX-License-Identifier: GPL-2.0-or-later
# Volumes have limits of their own, told by their keys; a pinned one is left alone until it is
# pinned no more.

. /vm/culling.sh

make_cache_fs
start_9p_server
set_limits ''
start_daemon
for group in a b c; do
    make_group $group 8 64
    cache_group $group tag-$group
done
rule_a='match: "9p,*,tag-a", max-size: 150KiB'
rule_b='match: "9p,*,tag-b", pin: true'
rule_c='match: "9p,*,tag-c", max-files: 3'

set_limits '' "$rule_a" "$rule_b" "$rule_c"
wait_until '[ "$(left_of a) $(left_of b) $(left_of c)" = "2 8 3" ]'
set_limits 'max-files: 4' "$rule_a" "$rule_b" "$rule_c"
wait_until 'status_is stalled 1'
assert_eq "$(left_of a) $(left_of b) $(left_of c)" '0 8 0'

# No more pinned, but with an age limit of its own.
set_limits 'max-files: 7' 'match: "9p,*,tag-b", max-age: 1h'
wait_until '[ "$(left_of b)" = 7 ]'
date -s "@$(($(date +%s) + 7200))"
wait_until '[ "$(object_count)" = 0 ]' "what is too old for its volume goes"
wait_until index_agrees
stop_daemon
