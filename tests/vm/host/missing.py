# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine lacks. The tests are skipped then, not failed."""

import os
import shutil
import sys

SKIPPED = 77  # the exit status that ctest and automake take as "could not run here"
# Every program that a run needs, and Debian's package of it.
PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "depmod": "kmod", "modprobe": "kmod",
    "dpkg-deb": "dpkg",
    "exportfs": "nfs-kernel-server", "rpc.mountd": "nfs-kernel-server", "rpc.nfsd": "nfs-kernel-server",
    "getfattr": "attr", "setfattr": "attr",
    "ldd": "libc-bin",
    "mkfs.ext4": "e2fsprogs",
    "mkfs.xfs": "xfsprogs",
    "mount.nfs": "nfs-common", "umount.nfs": "nfs-common",
    "rpcbind": "rpcbind",
    "zstd": "zstd",
}
# Administration programs are outside an ordinary user's PATH on Debian.
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


class Missing(Exception):
    """Something that the machine has to have before a VM can run; the text names it."""


def or_skipped(who: str, work) -> int:
    """The exit status of `work`; 77, said in the name of `who`, if the machine lacks what it needs."""
    try:
        return work()
    except Missing as missing:
        print(f"{who}: skipped, this machine lacks {missing}", file=sys.stderr)
        return SKIPPED


def find(program: str) -> str | None:
    return shutil.which(program, path=SEARCH)


def need_all() -> None:
    """What any run needs, all of it named at once."""
    need(*PACKAGES)


def need(*programs: str) -> None:
    absent = [program for program in programs if find(program) is None]
    if absent:
        packages = sorted({PACKAGES[program] for program in absent if program in PACKAGES})
        hint = f" (Debian: apt-get install {' '.join(packages)})" if packages else ""
        raise Missing(f"{', '.join(absent)}{hint}")
