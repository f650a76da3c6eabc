# SPDX-License-Identifier: GPL-2.0-or-later
# A 9P mount is cached, and a second mount reads from the cache.

. /vm/round_trip.sh

make_cache_fs
start_9p_server
make_files /share 8 256
round_trip /share /mnt/9p mount_9p
