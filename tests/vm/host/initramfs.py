# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs the initramfs, and only when something that goes into it has changed."""

import hashlib
import pathlib
import shutil
import subprocess
import tempfile

from . import contents
from .cpio import Writer

# Debug sections are most of a C++ program, and nothing in the guest reads them.
STRIP_ABOVE = 1 << 20


def pack(archive: pathlib.Path, files: dict[str, contents.Source]) -> None:
    key = _key(files)
    key_file = archive.with_suffix(".key")
    if archive.exists() and key_file.exists() and key_file.read_text() == key:
        return
    key_file.unlink(missing_ok=True)
    # Not compressed: unpacking is the emulated CPU's work, and qemu hands the bytes over at once.
    with archive.open("wb") as out:
        writer = Writer(out)
        for path in contents.DIRECTORIES:
            writer.directory(path)
        for path, target in contents.LINKS.items():
            writer.symlink(path, target)
        for path, target in contents.applets(files).items():
            writer.symlink(path, target)
        for path, source in sorted(files.items()):
            writer.file(path, _bytes(source), source.mode)
        writer.finish()
    key_file.write_text(key)


def _key(files: dict[str, contents.Source]) -> str:
    parts = [f"{path} {source.mode} {source.identity()}" for path, source in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _bytes(source: contents.Source) -> bytes:
    data = source.read()
    if not (data.startswith(b"\x7fELF") and len(data) > STRIP_ABOVE and shutil.which("strip")):
        return data
    with tempfile.NamedTemporaryFile() as stripped:
        done = subprocess.run(
            ["strip", "-g", "-o", stripped.name, source.path], stderr=subprocess.DEVNULL, check=False
        )
        return data if done.returncode else pathlib.Path(stripped.name).read_bytes()
