# SPDX-License-Identifier: GPL-2.0-or-later
"""A source, a daemon, and the source mounted through the cache."""
import contextlib
import errno
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "user"))

from daemon import Daemon  # pylint: disable=wrong-import-position
from slow_source import SlowSource  # pylint: disable=wrong-import-position

BLOCK = 256 << 10


class Mount:
    """cachefiles-mount, in the foreground."""

    def __init__(self, source, target, socket, *options, descriptors=None):
        self.source, self.target = pathlib.Path(source), pathlib.Path(target)
        self.command = [os.environ["CACHEFILES_MOUNT"], str(source), str(target), "-f", "-o",
                        ",".join([f"socket={socket}", *options])]
        if descriptors:
            self.command = ["prlimit", f"--nofile={descriptors}:{descriptors}", *self.command]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        while not self.is_mounted():
            if self.process.poll() is not None:
                raise RuntimeError(f"cachefiles-mount ended: {self.process.stderr.read()}")
            time.sleep(0.01)
        return self

    def is_mounted(self):
        """And alive."""
        with open("/proc/self/mountinfo", encoding="utf-8") as table:
            if all(line.split()[4] != str(self.target) for line in table):
                return False
        with contextlib.suppress(OSError):
            os.statvfs(self.target)
            return True
        return False

    def end(self):
        """As umount(8) ends it: 0, once all is stored."""
        subprocess.run(["umount", str(self.target)], check=True)
        status = self.process.wait()
        self.process.stderr.close()
        self.process = None
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.process = None

    def close(self):
        subprocess.run(["umount", "-l", str(self.target)], check=False, stderr=subprocess.DEVNULL)
        if self.process:
            self.kill()

    def path(self, name):
        return self.target / name

    def read(self, name):
        return self.path(name).read_bytes()

    def number(self, key):
        """Of cachefiles.mount."""
        text = os.getxattr(self.target, "cachefiles.mount").decode()
        return int(dict(line.split("=", 1) for line in text.splitlines())[key])

    def cached(self, name):
        """Bytes of a file that are in the cache."""
        return int(os.getxattr(self.path(name), "cachefiles.cached").split()[0])

    def wait_until(self, condition):
        while not condition():
            assert self.process.poll() is None, f"the mount ended: {self.process.stderr.read()}"
            time.sleep(0.02)


class Case(unittest.TestCase):
    """Each test has a source of its own, in a temporary directory."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK):
            raise unittest.SkipTest("mounting wants root and /dev/fuse")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cachefiles-mount-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.source = self.folder / "source"
        self.source.mkdir()
        (self.folder / "mnt").mkdir()

    def daemon(self, **sections):
        daemon = Daemon(**sections)
        self.addCleanup(daemon.close)
        return daemon.start()

    def mount(self, daemon, *options, source=None, descriptors=None):
        """`daemon`: None is none. `descriptors`: all that the process may have."""
        socket = daemon.socket if daemon else self.folder / "no-daemon"
        mount = Mount(source or self.source, self.folder / "mnt", socket, *options, descriptors=descriptors)
        self.addCleanup(mount.close)
        return mount.start()

    def slow(self, **options):
        """The source, shown by slow_source; it answers for `slow.mount_point`."""
        (self.folder / "slow").mkdir()
        slow = SlowSource(os.environ["SLOW_SOURCE"], self.source, self.folder / "slow", self.folder, **options)
        self.addCleanup(slow.end)
        return slow.__enter__()  # pylint: disable=unnecessary-dunder-call

    def put(self, name, data):
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return data

    def settle(self):
        """What is younger may be written again within a tick of the clock, and is not cached."""
        newest = max((os.stat(path, follow_symlinks=False).st_ctime_ns for path in self.source.rglob("*")),
                     default=0)
        while time.time_ns() < newest + 300_000_000:
            time.sleep(0.02)

    def assert_errno(self, error):
        return _Errno(self, error)

    def warm(self, mount, *names):
        """Reads files until they are wholly cached."""
        for name in names:
            size = len(mount.read(name))
            mount.wait_until(lambda name=name, size=size: mount.cached(name) == size or not mount.read(name))

    @contextlib.contextmanager
    def opened_for_the_kernel(self, mount, name):
        """A descriptor of a warm file that is read by passthrough, which is had once nobody has the file open otherwise:
        the kernel tells of the last close a moment after it."""
        opened = []

        def reopen():
            for old in opened:
                os.close(old)
            before = mount.number("passthrough_opens")
            opened[:] = [os.open(mount.path(name), os.O_RDONLY)]
            return mount.number("passthrough_opens") > before

        mount.wait_until(reopen)
        try:
            yield opened[0]
        finally:
            os.close(opened[0])

    @staticmethod
    def drop_pages(mount, *names):
        """Those that the kernel has of the mount's files: of these alone, other tests run beside this one."""
        for name in names:
            with descriptor(mount.path(name), os.O_RDONLY) as file:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


class _Errno:
    def __init__(self, case, error):
        self.case, self.error = case, error

    def __enter__(self):
        return self

    def __exit__(self, kind, raised, _):
        self.case.assertIsNotNone(kind, f"no {errno.errorcode[self.error]}")
        if not issubclass(kind, OSError):
            return False
        self.case.assertEqual(errno.errorcode[raised.errno], errno.errorcode[self.error])
        return True


@contextlib.contextmanager
def descriptor(path, flags):
    opened = os.open(path, flags)
    try:
        yield opened
    finally:
        os.close(opened)


def main():
    # 77: nothing could be tried.
    program = unittest.main(verbosity=2, exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == 0 and result.skipped else 0)
