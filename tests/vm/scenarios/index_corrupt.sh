# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever stands where the index should be: the daemon starts, says so, moves it aside, and makes a
# new one.

. /vm/culling.sh
. /vm/index.sh

DATABASE=$INDEX_DIRECTORY/$CACHE_TAG.db

size() { stat -c %s $DATABASE; }
overwrite() { dd if=/dev/urandom of=$DATABASE conv=notrunc "$@" 2>/dev/null; }

garbage() { overwrite bs=4096 seek=1 count=$(($(size) / 4096 - 1)); }
no_header() { overwrite bs=100 count=1; }
truncated() { truncate -s $(($(size) / 2)) $DATABASE; }
empty() { : >$DATABASE; }
text() { echo 'not a database' >$DATABASE; }
folder() { rm $DATABASE && mkdir -p $DATABASE/sub; }
foreign() { rm $DATABASE && sqlite3 $DATABASE 'CREATE TABLE objects (id INTEGER, title TEXT)'; }
newer() { sqlite3 $DATABASE 'PRAGMA user_version = 9999'; }

start_with_objects
stop_daemon
expected=0
for damage in garbage no_header truncated empty text folder foreign newer; do
    $damage
    expected=$((expected + 1))
    start_daemon
    wait_until index_is_in_step
    assert_eq "$(times_moved_aside)" $expected "indexes moved aside, after: $damage"
    assert_eq "$(files_moved_aside)" 1 "what is kept of them, after: $damage"
    # One that was a directory stays when others are deleted: nobody knows what is in it.
    rm -rf "$INDEX_DIRECTORY/$CACHE_TAG".db.corrupt-*
    wait_until_settled
    stop_daemon
done

# In the middle of the work, too.
start_daemon
wait_until_settled
garbage
set_limits 'max-files: 11'
wait_until '[ "$(object_count)" -le 11 ]'
wait_until index_is_in_step
assert_oldest_went a b
stop_daemon
