# SPDX-License-Identifier: GPL-2.0-or-later
"""A cpio archive in the "newc" form that the kernel unpacks as its initramfs."""

import stat
from typing import BinaryIO


class Writer:
    """Writes entries in the order given; parents are made as they are first needed."""

    def __init__(self, out: BinaryIO):
        self._out = out
        self._inode = 0
        self._directories: set[str] = set()

    def directory(self, path: str) -> None:
        path = path.strip("/")
        if not path or path in self._directories:
            return
        self._parent_of(path)
        self._directories.add(path)
        self._entry(path, stat.S_IFDIR | 0o755, b"")

    def file(self, path: str, data: bytes, mode: int) -> None:
        path = path.strip("/")
        self._parent_of(path)
        self._entry(path, stat.S_IFREG | stat.S_IMODE(mode), data)

    def symlink(self, path: str, target: str) -> None:
        path = path.strip("/")
        self._parent_of(path)
        self._entry(path, stat.S_IFLNK | 0o777, target.encode())

    def finish(self) -> None:
        self._entry("TRAILER!!!", 0, b"")

    def _parent_of(self, path: str) -> None:
        self.directory(path.rpartition("/")[0])

    def _entry(self, path: str, mode: int, data: bytes) -> None:
        self._inode += 1
        name = path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = [self._inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0]
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        self._out.write(header + name + _padding(len(header) + len(name)))
        self._out.write(data + _padding(len(data)))


def _padding(length: int) -> bytes:
    return b"\0" * (-length % 4)
