# SPDX-License-Identifier: GPL-2.0-or-later
# For tests/vm/run: a cache directory that one backend fills and the other one reads, in both directions, and the driver alone
# to compare with. tests/conformance/run judges the transcripts.

play() { # play TARGET WHAT FOLDER
    conformance_runner --target "$1" --root /cache --keep --out "/results/handover/$3" "/conformance/handover/$2.case"
}

make_cache_fs ext4
insmod /conformance/cachefiles_conformance.ko
for first in kernel user; do
    for second in kernel user; do
        [ $first$second != useruser ] || continue
        rm -rf /cache/case
        play $first populate "$first-$second"
        play $second read "$first-$second"
    done
done
rmmod cachefiles_conformance
