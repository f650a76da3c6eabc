# SPDX-License-Identifier: GPL-2.0-or-later
# Where fanotify is not to be had: a watch for every directory.

. /vm/culling.sh
. /vm/follow_events.sh

EVENTS=inotify
follow_events
