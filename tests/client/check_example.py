#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The example program with a real daemon: what is read the first time is fetched, the second time it is not; the same in
a second process, and after a restart of the daemon; a file that changes is fetched again; without a daemon all of it."""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "user"))
from daemon import Daemon  # noqa: E402

SIZES = {"large": 5_000_000, "small": 700, "empty": 0}
EXAMPLE = sys.argv[1]


def fetched(daemon, source):
    """What the program says of each read: [(bytes, sum, fetched)], two for each file."""
    output = subprocess.run([EXAMPLE, str(source), *SIZES], check=True, capture_output=True, text=True,
                            env={**os.environ, "CACHEFILESD_SOCKET": str(daemon.socket)}).stdout
    lines = re.findall(r": (\d+) bytes \((\w+)\), (\d+) of them fetched", output)
    assert len(lines) == 2 * len(SIZES), output
    return [(int(size), total, int(count)) for size, total, count in lines]


def check(daemon, source, first, second=0):
    """`first`, `second`: whether the first, the second read of a file is fetched."""
    sums = []
    for i, (size, total, count) in enumerate(fetched(daemon, source)):
        name = list(SIZES)[i // 2]
        expected = SIZES[name] * ((first, second)[i % 2])
        assert size == SIZES[name] and count == expected, f"{name}: {count} of {size} fetched, not {expected}"
        sums.append(total)
    assert sums[0::2] == sums[1::2], "not the same bytes the second time"
    return sums


def run(daemon):
    source = daemon.root / "source"
    source.mkdir()
    for name, size in SIZES.items():
        (source / name).write_bytes(os.urandom(size))

    sums = check(daemon, source, 1, 1)  # there is no daemon yet
    daemon.start()
    assert check(daemon, source, 1) == sums
    assert check(daemon, source, 0) == sums
    daemon.stop()
    daemon.start()
    assert check(daemon, source, 0) == sums
    for name, size in SIZES.items():
        (source / name).write_bytes(os.urandom(size))
        os.utime(source / name, (1, 1))
    assert check(daemon, source, 1) != sums
    print("as it should be")


def main():
    daemon = Daemon()
    try:
        run(daemon)
    finally:
        daemon.close()


main()
