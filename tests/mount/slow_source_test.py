#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the slow source shows what is there, is slow, and fails as it is told: other tests and bench/mount rely on it."""
import errno
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from slow_source import SlowSource  # noqa: E402

READ_ONE = "import sys; open(sys.argv[1], 'rb').read(1)"


def mounts_are_possible() -> bool:
    return os.access("/dev/fuse", os.R_OK | os.W_OK) and os.geteuid() == 0


class SlowSourceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="slow-source-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.below, self.mount = self.root / "below", self.root / "mount"
        self.below.mkdir()
        self.mount.mkdir()
        (self.below / "file").write_bytes(bytes(range(256)) * 1000)
        self.file = self.mount / "file"

    def source(self, **options):
        source = SlowSource(os.environ["SLOW_SOURCE"], self.below, self.mount, self.root, **options)
        self.addCleanup(lambda: source.end())
        return source.__enter__()

    def reader(self):
        return subprocess.Popen([sys.executable, "-c", READ_ONE, self.file], stderr=subprocess.DEVNULL)

    def wait_until_hung(self, source, count):
        while source.counts()["hung"] < count:
            time.sleep(0.01)

    def test_shows_what_is_there(self):
        source = self.source()
        self.assertEqual(self.file.read_bytes(), (self.below / "file").read_bytes())
        self.assertEqual(self.file.stat().st_ino, (self.below / "file").stat().st_ino)
        self.assertEqual(os.listdir(self.mount), ["file"])
        self.assertEqual(source.counts()["bytes_read"], 256000)
        with self.assertRaises(OSError) as refused:
            (self.mount / "new").write_bytes(b"")
        self.assertEqual(refused.exception.errno, errno.EROFS)

    def test_what_changes_below_is_seen_at_once(self):
        self.source()
        self.file.read_bytes()
        (self.below / "file").write_bytes(b"other")
        self.assertEqual(self.file.read_bytes(), b"other")

    def test_writes(self):
        self.source(writable=True)
        (self.mount / "new").write_bytes(b"text")
        os.rename(self.mount / "new", self.mount / "newer")
        os.link(self.mount / "newer", self.mount / "link")
        os.truncate(self.mount / "link", 2)
        self.assertEqual((self.below / "newer").read_bytes(), b"te")
        os.unlink(self.mount / "link")
        self.assertEqual(sorted(os.listdir(self.below)), ["file", "newer"])

    def test_a_request_takes_its_time(self):
        source = self.source(delay="20ms")
        begin, before = time.monotonic(), sum(source.counts().values())
        self.file.stat()
        self.assertGreater(sum(source.counts().values()), before)
        self.assertGreaterEqual(time.monotonic() - begin, 0.020)

    def test_the_link_has_its_bandwidth(self):
        self.source(rate="1MiB")
        begin = time.monotonic()
        self.file.read_bytes()
        self.assertGreaterEqual(time.monotonic() - begin, 256000 / 2**20)

    def test_everything_fails(self):
        source = self.source()
        for name in ("EIO", "ESTALE"):
            source.command(f"error={name}")
            with self.assertRaises(OSError) as failure:
                self.file.read_bytes()
            self.assertEqual(failure.exception.errno, getattr(errno, name))
        source.command("ok")
        self.assertEqual(len(self.file.read_bytes()), 256000)
        with self.assertRaises(ValueError):
            source.command("error=NONSENSE")

    def test_hangs_until_it_is_released(self):
        source = self.source()
        source.command("hang")
        readers = [self.reader() for _ in range(3)]
        self.wait_until_hung(source, 1)
        self.assertEqual([reader.poll() for reader in readers], [None] * 3)
        source.command("ok")
        self.assertEqual([reader.wait() for reader in readers], [0] * 3)

    def test_who_hangs_can_be_killed(self):
        source = self.source()
        source.command("hang")
        reader = self.reader()
        self.wait_until_hung(source, 1)
        reader.kill()
        self.assertEqual(reader.wait(), -signal.SIGKILL)
        self.assertEqual(source.counts()["hung"], 0)

    def test_ends_while_something_hangs(self):
        source = self.source()
        source.command("hang")
        reader = self.reader()
        self.wait_until_hung(source, 1)
        source.end()
        self.assertNotEqual(reader.wait(), 0)
        self.assertFalse(os.path.ismount(self.mount))


if __name__ == "__main__":
    if not mounts_are_possible():
        print("skipped: only root can try it, with a /dev/fuse", file=sys.stderr)
        sys.exit(77)
    unittest.main()
