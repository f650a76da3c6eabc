# SPDX-License-Identifier: GPL-2.0-or-later
# What the daemon picks by itself: fanotify.

. /vm/culling.sh
. /vm/follow_events.sh

follow_events
assert_eq "$(grep -c 'cannot be followed' "$DAEMON_LOG")" 0 "complaints about fanotify"
