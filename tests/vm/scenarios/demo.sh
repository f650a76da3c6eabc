# SPDX-License-Identifier: GPL-2.0-or-later
# What the daemon is for, in one minute: an NFS mount read cold and warm through the cache, what lies in the cache,
# and what goes when room is needed. scripts/demo prints what this writes.

STORY=/results/demo.txt
tell() { echo "$*" | tee -a $STORY; }

# from_server: MiB that the mount has read from its server so far (proc_pid_mountstats(5)).
from_server() { awk '/mounted on \/mnt\/nfs/ { found = 1 } found && $1 == "bytes:" { print int($6 / 1048576); exit }' /proc/self/mountstats; }

# read_files FIRST LAST: through a new mount with nothing in memory; says how much the server had to send.
read_files() {
    drop_caches
    mount_nfs 4.2
    for _file in $(seq "$1" "$2"); do cat /mnt/nfs/f$_file; done | md5sum >/run/vm/sum
    from_server
    unmount /mnt/nfs
}

: >$STORY
make_cache_fs
start_nfs_server
make_files /export 24 1024
contents=$(for file in $(seq 24); do cat /export/f$file; done | md5sum)

cat >/run/vm/demo.yaml <<EOF
cache: {directory: $CACHE, tag: $CACHE_TAG}
index: {directory: /var/lib/cachefilesd}
EOF
CONF=/run/vm/demo.yaml
start_daemon
tell "Linux $(uname -r): the cache is online, on $CACHE_FS. An NFS 4.2 mount with 24 files of 1 MiB uses it."

sent=$(read_files 1 24)
tell "Read cold: the server sent $sent MiB."
assert_eq "$(cat /run/vm/sum)" "$contents" "what a cold read gives"
hits=$(fscache_stat IO.rd)
sent=$(read_files 1 24)
tell "Read warm: the server sent $sent MiB; the cache answered $(($(fscache_stat IO.rd) - hits)) reads."
assert_eq "$(cat /run/vm/sum)" "$contents" "what a warm read gives"
assert_eq "$sent" 0 "MiB sent for a warm read"

sleep 2 # the order is to the second
read_files 17 24 >/dev/null
wait_for_release
wait_until '[ "$(daemon_status objects)" = 24 ]' "the index knows every object"
tell "In the cache: $(daemon_status objects) objects, $(($(daemon_status bytes) / 1048576)) MiB. Files 17 to 24 were used last."

echo 'limits: {max-files: 10}' >>$CONF
reload_daemon
wait_until '[ "$(object_count)" -le 10 ]' "the limit holds"
tell "A limit of 10 objects (max-files, applied by SIGHUP): $(daemon_status culled) were culled, with $(daemon_status questions) commands to the driver."

sent=$(read_files 17 24)
tell "Files 17 to 24 again: the server sent $sent MiB. The least recently used went; these were still there."
assert_eq "$sent" 0 "MiB sent for what was used last"
stop_daemon
tell "The daemon has stopped, and the cache is withdrawn."
