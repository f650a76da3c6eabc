# SPDX-License-Identifier: GPL-2.0-or-later
# The file system that others fill to the last block has the index on it as well, which then cannot
# be written.

. /vm/culling.sh
. /vm/full_disk.sh

make_cache_fs "$CACHE_FS"
start_9p_server
mkdir -p /run/vm/index $CACHE/elsewhere
mount --bind $CACHE/elsewhere /run/vm/index
INDEX_DIRECTORY=/run/vm/index
set_limits 'brun: 10%, bcull: 7%, bstop: 3%'
outlive_full_disk
