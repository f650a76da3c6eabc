# SPDX-License-Identifier: GPL-2.0-or-later
# What scenarios are written in. A scenario is sourced after this file by a shell with -eu:
# any command that fails ends it as failed, so a plain command is an assertion too.
#
# Given by the harness: SCENARIO (its name), CACHE_FS (ext4 or xfs), DAEMON (the program under test).
# /results is a folder of the host: what is put there as $SCENARIO.* outlives the guest.

. /vm/assert.sh
. /vm/cache.sh
. /vm/daemon.sh
. /vm/mounts.sh
. /vm/fscache.sh
