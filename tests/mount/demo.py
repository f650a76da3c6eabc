# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, told to somebody who watches; scripts/demo runs it."""
import hashlib
import os
import pathlib
import sys
import tempfile
import time

import case
from daemon import Daemon
from slow_source import SlowSource
from typed import say, show

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests/bus"))

from service import Bus  # pylint: disable=wrong-import-position

MIB = 1 << 20
TREE = pathlib.Path("/usr/lib/gcc")  # there wherever this was built: some big files, many small ones
DELAY, RATE = "300us", "100MiB"  # of a network that is neither fast nor bad


def digests(root):
    """Of all files, by their paths."""
    found = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


class Demo:
    def __init__(self, folder, daemon, slow):
        self.daemon, self.slow = daemon, slow
        self.target = pathlib.Path(folder) / "fast"
        self.target.mkdir()
        self.mount = case.Mount(slow.mount_point, self.target, daemon.socket)
        self.wanted = digests(TREE)
        self.size = sum((TREE / name).stat().st_size for name in self.wanted)

    def read(self, what, root=None):
        """All of the tree; seconds."""
        before = self.slow.counts()["bytes_read"]
        begin = time.monotonic()
        found = digests(root or self.target)
        took = time.monotonic() - begin
        asked = self.slow.counts()["bytes_read"] - before
        say(f"  {what}: {len(found)} files, {self.size // MIB} MiB in {took:.1f} s, {self.size / MIB / took:,.0f} MiB/s; "
            f"{asked / MIB:,.1f} MiB of it from the source")
        if found != self.wanted:
            raise SystemExit("what was read is not what the source has")
        return took

    def gain(self):
        say(f"{TREE} as a network file system would show it: {DELAY} for each request, {RATE}/s.")
        say(f"cachefiles-mount shows it at {self.target}, cached. Every file is read, and compared with the original:")
        alone = self.read("without a cache", self.slow.mount_point)
        self.mount.start()
        self.read("cold")
        self.mount.end()  # what the kernel has of it goes, and what is in the cache stays
        self.mount.start()
        warm = self.read("warm, mounted anew")
        again = self.read("once more")
        say(f"  the gain: {alone / warm:.1f} and {alone / again:.1f} times as fast as without\n")

    def insight(self):
        show("cachefilesctl status")
        show(f"cachefilesctl cached {self.target}")

    def culling(self):
        limit = self.size // 2
        say("The cache gets a limit of half of that:\n")
        show(f"cachefilesctl limits max-size={limit // MIB}MiB")
        self.daemon.wait_until(lambda: self.daemon.number("bytes") <= limit and self.daemon.number("culling") == 0)
        for line in self.daemon.log().splitlines():
            if ": culling " in line:
                say(f"log: {line.removeprefix('cachefilesd: ')}")
        show(f"cachefilesctl cached {self.target}")
        say("What was culled is read from the source again:")
        self.read("after the culling")

    def end(self):
        self.mount.end()
        self.daemon.stop()
        say("\nThe mount and the daemon have ended, and everything that they made is removed.")


def main():
    bus = Bus().start()
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
    daemon = Daemon(daemon={"space-check-interval": "1s"}, index={"touch-granularity": "1s"})
    try:
        with tempfile.TemporaryDirectory(prefix="cachefiles-demo-") as folder:
            source = pathlib.Path(folder) / "slow"
            source.mkdir()
            with SlowSource(os.environ["SLOW_SOURCE"], TREE, source, folder, delay=DELAY, rate=RATE) as slow:
                demo = Demo(folder, daemon.start(), slow)
                try:
                    demo.gain()
                    demo.insight()
                    demo.culling()
                    demo.end()
                finally:
                    demo.mount.close()
    finally:
        daemon.close()
        bus.close()


if __name__ == "__main__":
    main()
