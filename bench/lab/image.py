# SPDX-License-Identifier: GPL-2.0-or-later
"""Disk images with a cache in them, made once on this machine and copied for each contestant."""

import contextlib
import pathlib
import subprocess
import tempfile
import time

# See populate.cpp: nine tenths of the objects, 20 % of the inodes and some filler make up the rest.
INODES_PER_OBJECT = 1.2
BLOCK = 4096


SETTLING = 4  # seconds after which a directory's mtime says that it is at rest; see daemon/kernel/settling.hpp


def make(path: pathlib.Path, tools: pathlib.Path, objects: int, cull: int) -> pathlib.Path:
    """An ext4 image at `path` with so many objects, of which culling at frun 20 % takes `cull`, and in
    the folder `state` an index in step with them, as our daemon leaves it when it ends."""
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    format_for(partial, objects)
    with mounted(partial) as root:
        subprocess.run([tools / "populate", root, str(objects), str(cull)], check=True)
        time.sleep(SETTLING)
        subprocess.run([tools / "scan_tree", root, root / "state/vm.db", "2", "check"], check=True, stdout=subprocess.DEVNULL)
    partial.rename(path)
    return path


def populated(path: pathlib.Path, tools: pathlib.Path, objects: int, *more: str) -> pathlib.Path:
    """An ext4 image with a cache as populate.cpp makes one, at its root."""
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    format_for(partial, objects)
    with mounted(partial) as root:
        subprocess.run([tools / "populate", root, str(objects), *more], check=True)
    partial.rename(path)
    return path


def format_for(path: pathlib.Path, objects: int) -> None:
    """A new ext4 image with room for them."""
    inodes = int(objects * INODES_PER_OBJECT) + 2000
    # Twice the blocks that are used: the block limits are never reached.
    size = objects * BLOCK * 2 + inodes * 256 + (256 << 20)
    path.unlink(missing_ok=True)
    with path.open("wb") as image:
        image.truncate(size)
    # Nothing is left for the kernel to initialise while a contestant runs.
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", "-b", str(BLOCK), "-N", str(inodes),
                    "-E", "lazy_itable_init=0,lazy_journal_init=0", path], check=True)


def copy(image: pathlib.Path, to: pathlib.Path) -> pathlib.Path:
    """An earlier copy is written over, not deleted: a file system that tells its disk of each piece that a file loses
    needs minutes for that. What is left of it is in blocks, and in a log, that the file system in the image takes for empty."""
    subprocess.run(["dd", f"if={image}", f"of={to}", "bs=1M", "conv=notrunc,sparse", "status=none"], check=True)
    return to


@contextlib.contextmanager
def mounted(image: pathlib.Path):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["mount", "-o", "loop", image, root], check=True)
        try:
            yield pathlib.Path(root)
        finally:
            subprocess.run(["umount", root], check=True)
