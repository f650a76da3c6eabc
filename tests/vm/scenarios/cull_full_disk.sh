# SPDX-License-Identifier: GPL-2.0-or-later
# Others fill the cache's file system to the last block: the daemon culls, and caching goes on when
# there is room.

. /vm/culling.sh
. /vm/full_disk.sh

make_cache_fs "$CACHE_FS"
start_9p_server
set_limits 'brun: 10%, bcull: 7%, bstop: 3%'
outlive_full_disk
