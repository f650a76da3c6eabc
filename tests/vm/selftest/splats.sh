# SPDX-License-Identifier: GPL-2.0-or-later
# All commands succeed, but the kernel complains.

echo '<1>BUG: made up by the selftest' >/dev/kmsg
