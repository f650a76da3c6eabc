# SPDX-License-Identifier: GPL-2.0-or-later
# Leaves a mount that teardown cannot take away: the host has to boot afresh.

make_cache_fs
dd if=/dev/zero of=/cache/swap bs=1M count=8
chmod 600 /cache/swap
mkswap /cache/swap
swapon /cache/swap
