# SPDX-License-Identifier: GPL-2.0-or-later
# Leaves everything behind that teardown knows of, in use.

make_cache_fs xfs
start_9p_server
start_nfs_server
make_files /export 2 64
make_files /share 2 64
start_daemon
mount_9p
mount_nfs 4.2
checksum /mnt/9p/f* /mnt/nfs/f*
sleep 10000 <>/mnt/9p/f1 3<>/mnt/nfs/f1 4<>/cache/left-open &
