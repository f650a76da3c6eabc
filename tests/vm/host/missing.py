# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine lacks. The tests are skipped then, not failed."""

import os
import shutil

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
