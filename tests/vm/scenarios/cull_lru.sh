# SPDX-License-Identifier: GPL-2.0-or-later
# What was used least recently goes first, to the second, also where the mount keeps no atimes
# (relatime).

. /vm/culling.sh
. /vm/lru.sh

cull_least_recently_used relatime
