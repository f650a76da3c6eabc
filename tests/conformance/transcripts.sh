# SPDX-License-Identifier: GPL-2.0-or-later
# For tests/vm/run: plays the cases on the real driver. tests/conformance/run judges the transcripts.

make_cache_fs ext4
insmod /conformance/cachefiles_conformance.ko
conformance_runner --target kernel --root /cache --out "/results/transcripts" /conformance/cases/*.case
rmmod cachefiles_conformance
