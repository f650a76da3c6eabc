# SPDX-License-Identifier: GPL-2.0-or-later
# A cache on a disk that loses its power: whatever is lost, no block that is claimed afterwards is wrong. The long form is
# tests/campaign/power-cut.

. /vm/power_cut.sh
. /vm/campaign.sh

run_campaign 3 1 60
