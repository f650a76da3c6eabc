# SPDX-License-Identifier: GPL-2.0-or-later
# What was used least recently goes first on a mount on which no file ever tells when it was read.

. /vm/culling.sh
. /vm/lru.sh

cull_least_recently_used noatime
