# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done to a tree by bench/mount, and the tree. Each kind of work gives how much of it was done, which divided by
the time is a speed."""

import dataclasses
import os
import pathlib
import random
import subprocess
import time

PIECE = 1 << 20
PAGE = 4096
PER_FOLDER = 100
SMALL = 8 << 10  # bytes; of a source file as there are many


@dataclasses.dataclass
class Tree:
    """`big` bytes in one file, `files` small ones, and a clone of the repository at `top`."""

    top: pathlib.Path
    big: int
    files: int

    def make(self, root: pathlib.Path) -> None:
        with (root / "big").open("wb") as file:
            for _ in range(self.big // PIECE):
                file.write(os.urandom(PIECE))
        for number in range(self.files):
            path = root / self.small(number)
            if number % PER_FOLDER == 0:
                path.parent.mkdir(parents=True)
            path.write_bytes(os.urandom(SMALL))
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", self.top, root / "repository"], check=True)
        # Files of the same second as the index are read again, and again; afterwards they are older.
        time.sleep(1.1)
        subprocess.run(["git", "-C", root / "repository", "status", "--porcelain"], check=True)

    @staticmethod
    def small(number: int) -> str:
        return f"small/{number // PER_FOLDER}/{number}"


def sequential(path: pathlib.Path) -> float:
    """MiB."""
    buffer = bytearray(PIECE)
    total = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            total += count
    return total / PIECE


def random_pages(path: pathlib.Path, count: int, seed: int) -> float:
    """Reads of 4 KiB."""
    pages = path.stat().st_size // PAGE
    buffers = [bytearray(PAGE)]
    file = os.open(path, os.O_RDONLY)
    for page in random.Random(seed).sample(range(pages), count):
        os.preadv(file, buffers, page * PAGE)
    os.close(file)
    return count


def find(root: pathlib.Path) -> float:
    """Trees; each file's size is looked at."""
    subprocess.run(["find", root, "-size", "+999G"], check=True, stdout=subprocess.DEVNULL)
    return 1


def git_status(repository: pathlib.Path) -> float:
    """Runs. By type, size and seconds of the time alone: only ours keeps the source's modes, inode numbers and change
    times, without which git would read all of every other contestant's files."""
    settings = ["safe.directory=*", "core.checkStat=minimal", "core.trustctime=false", "core.fileMode=false"]
    command = ["git", *(word for setting in settings for word in ("-c", setting)), "-C", repository, "status", "--porcelain"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"})
    if done.stdout:
        raise SystemExit(f"git status of {repository}:\n{done.stdout.decode()}")
    return 1


def small_files(root: pathlib.Path, files: int) -> float:
    """Files that are opened, read and closed."""
    for number in range(files):
        file = os.open(root / Tree.small(number), os.O_RDONLY)
        if len(os.read(file, SMALL)) != SMALL:
            raise SystemExit(f"{Tree.small(number)} is short")
        os.close(file)
    return files
