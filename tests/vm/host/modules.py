# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel modules a guest may load, with all that they depend on, ready for busybox's modprobe."""

import hashlib
import lzma
import pathlib
import shutil
import subprocess
import tempfile

from .kernels import Kernel
from .missing import find

WANTED = [
    "virtio_pci", "virtio_blk",
    "9p", "9pnet_virtio",
    "ext4", "xfs", "loop", "fuse",
    "cachefiles",
    "nfs", "nfsv3", "nfsv4", "nfsd",
    # Disks that fail, lose writes or are slow on request.
    "dm-mod", "dm-flakey", "dm-delay", "dm-log-writes", "dm-snapshot",
]


def stage(kernel: Kernel, cache: pathlib.Path) -> pathlib.Path:
    """A directory with lib/modules/<release> of only the wanted modules, decompressed."""
    key = hashlib.sha256(repr((kernel.release, WANTED)).encode()).hexdigest()[:12]
    staged = cache / "kernels" / kernel.series / f"modules-{key}"
    if not staged.exists():
        partial = pathlib.Path(tempfile.mkdtemp(prefix="partial-", dir=staged.parent))
        source = kernel.root / "lib/modules" / kernel.release
        target = partial / "lib/modules" / kernel.release
        for module in _closure(kernel):
            _copy(module, target / module.relative_to(source))
        for index in source.glob("modules.builtin*"):
            shutil.copy(index, target)
        shutil.copy(source / "modules.order", target)
        subprocess.run([find("depmod"), "-b", partial, kernel.release], check=True)
        try:
            partial.rename(staged)
        except OSError:  # another run was faster
            shutil.rmtree(partial)
    return staged


def _closure(kernel: Kernel) -> list[pathlib.Path]:
    lines = subprocess.run(
        [find("modprobe"), "-d", kernel.root, "-S", kernel.release, "--show-depends", "-a"] + WANTED,
        stdout=subprocess.PIPE, text=True, check=True,
    ).stdout.splitlines()
    # Other lines are "builtin NAME".
    return sorted({pathlib.Path(line.split()[1]) for line in lines if line.startswith("insmod ")})


def _copy(module: pathlib.Path, target: pathlib.Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if module.suffix == ".xz":
        target.with_suffix("").write_bytes(lzma.decompress(module.read_bytes()))
    else:
        shutil.copy(module, target)
