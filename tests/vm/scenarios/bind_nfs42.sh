# SPDX-License-Identifier: GPL-2.0-or-later
# An NFSv4.2 mount is cached, and a second mount reads from the cache.

. /vm/round_trip.sh

make_cache_fs
start_nfs_server
make_files /export 8 256
round_trip /export /mnt/nfs mount_nfs 4.2
