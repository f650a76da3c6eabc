#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cachefiles-mount as others call it: mount(8) with what fstab says, ordinary users with fusermount3, whoever finds a dead
mount. CACHEFILESD and CACHEFILES_MOUNT name the programs."""
import ctypes
import errno
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import case
from case import Case
from daemon import Daemon

NOBODY = 65534
CLONE_NEWNS = 0x20000


class Background(Case):
    """The mount goes on in the background, as for everybody but tests."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.target = self.folder / "mnt"
        self.program = self.folder / "cachefiles-mount"
        shutil.copy(os.environ["CACHEFILES_MOUNT"], self.program)  # where everybody may run it
        self.put("file", b"content\n")
        self.addCleanup(self.leave)

    def leave(self):
        for number in self.processes():
            os.kill(number, signal.SIGKILL)
        while self.line():
            subprocess.run(["umount", "-l", str(self.target)], check=True)

    def run_program(self, *command, **options):
        """Status, and what it printed. Whoever is left in the background has none of the pipes."""
        done = subprocess.run([str(word) for word in command], text=True, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)
        return done.returncode, done.stdout

    def succeed(self, *command, **options):
        self.assertEqual(self.run_program(*command, **options), (0, ""))

    def refuse(self, status, part, *command, **options):
        found, output = self.run_program(*command, **options)
        self.assertEqual(found, status, output)
        self.assertIn(part, output)
        self.assertIsNone(self.line())
        self.assertEqual(self.processes(), [])

    def line(self):
        """Of the mount in mountinfo: options, type, source; the topmost one."""
        found = None
        for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[4] == str(self.target):
                rest = words[words.index("-") + 1:]
                found = set(words[5].split(",")), rest[0], rest[1]
        return found

    def processes(self):
        """That serve the mount."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            program = os.path.basename(words[0])
            if program in (b"cachefiles-mount", b"mount.cachefiles") and os.fsencode(self.target) in words:
                found.append(int(path.parent.name))
        return found

    def until_it_has_ended(self):
        while self.processes():
            time.sleep(0.01)

    def unmount(self, *command):
        self.succeed(*(command or ("umount", self.target)))
        self.assertIsNone(self.line())
        self.until_it_has_ended()

    def content(self):
        return (self.target / "file").read_bytes()


class Directly(Background):
    def test_it_returns_when_the_mount_is_there(self):
        daemon = self.daemon()
        self.succeed(self.program, self.source, self.target, "-o", f"socket={daemon.socket}")
        self.assertEqual(self.content(), b"content\n")
        self.assertEqual(self.line(), ({"ro", "nosuid", "nodev", "relatime"}, "fuse.cachefiles", str(self.source)))
        self.assertEqual(len(self.processes()), 1)
        process = pathlib.Path("/proc") / str(self.processes()[0])
        self.assertEqual(os.readlink(process / "cwd"), "/")  # no directory is held
        for number in range(3):
            self.assertEqual(os.readlink(process / "fd" / str(number)), "/dev/null")
        self.unmount()

    def test_relative_paths(self):
        self.succeed(self.program, "source", "mnt", cwd=self.folder)
        self.assertEqual(self.content(), b"content\n")
        self.unmount()

    def test_over_the_source_itself(self):
        self.succeed(self.program, self.source, self.source)
        self.target = self.source
        self.assertEqual((self.content(), self.line()[1]), (b"content\n", "fuse.cachefiles"))
        self.unmount()

    def test_what_it_refuses(self):
        file = self.folder / "file"
        file.touch()
        for part, source, target in (("No such file or directory", self.folder / "nothing", self.target),
                                     ("No such file or directory", self.source, self.folder / "nothing"),
                                     ("Not a directory", file, self.target), ("Not a directory", self.source, file)):
            self.refuse(1, part, self.program, source, target)
        (self.source / "inside").mkdir()
        self.refuse(1, "it would show itself", self.program, self.source, self.source / "inside")
        for wrong in ("nonsense", "revalidate", "revalidate=x", "readahead=2G", "cache=", "ro,timeout=-1"):
            self.refuse(2, wrong.split(",")[-1].split("=")[0], self.program, self.source, self.target, "-o", wrong)
        for wrong in ((), ("a",), ("a", "b", "c"), ("-x",), ("-o",)):
            self.refuse(2, "Try --help", self.program, *wrong)

    def test_a_source_is_mounted_once(self):
        daemon = self.daemon()
        options = ("-o", f"socket={daemon.socket}")
        self.succeed(self.program, self.source, self.target, *options)
        other = self.folder / "other"
        other.mkdir()
        status, output = self.run_program(self.program, self.source, other, *options)
        self.assertEqual((status, "is mounted through the cache already" in output), (1, True), output)
        self.assertFalse(os.path.ismount(other))
        self.assertEqual(self.content(), b"content\n")
        (self.source / "below").mkdir()
        self.succeed(self.program, self.source / "below", other, *options)  # another volume
        subprocess.run(["umount", str(other)], check=True)
        self.unmount()

    def test_a_dead_mount_is_mounted_again(self):
        for _ in range(2):
            self.succeed(self.program, self.source, self.target)
            self.assertEqual(self.content(), b"content\n")
            os.kill(self.processes()[0], signal.SIGKILL)
            self.until_it_has_ended()
            with self.assert_errno(errno.ENOTCONN):
                self.content()
        self.succeed(self.program, self.source, self.target)
        self.assertEqual(self.content(), b"content\n")
        self.unmount()

    def test_signals_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self.succeed(self.program, self.source, self.target)
            os.kill(self.processes()[0], number)
            self.until_it_has_ended()
            self.assertIsNone(self.line())


class ByMount(Background):
    """In a mount namespace of its own, where mount(8) finds the helper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            raise unittest.SkipTest("no mount namespace can be had")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)

    def setUp(self):
        super().setUp()
        helpers = self.folder / "helpers"
        helpers.mkdir()
        (helpers / "mount.cachefiles").symlink_to(self.program)
        status, output = self.run_program("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={helpers}:/usr/sbin",
                                          "/usr/sbin")
        if status != 0:
            self.skipTest(f"the helper cannot be put into place: {output}")
        self.addCleanup(subprocess.run, ["umount", "-l", "/usr/sbin"], check=True)

    def mounted(self, *words, **options):
        self.succeed("mount", "-t", "cachefiles", *words, **options)

    def test_options_as_in_fstab(self):
        daemon = self.daemon()
        options = (f"rw,_netdev,nofail,noauto,user=somebody,noatime,x-systemd.automount,X-mount.mkdir,comment=mine,"
                   f"socket={daemon.socket},revalidate=1m,fsname=far:/away")
        self.mounted(self.source, self.target, "-o", options)
        found, kind, source = self.line()
        self.assertLessEqual({"rw", "noatime"}, found)
        self.assertEqual((kind, source), ("fuse.cachefiles", "far:/away"))
        (self.target / "new").write_bytes(b"new")
        self.assertEqual((self.source / "new").read_bytes(), b"new")
        facts = os.getxattr(self.target, "cachefiles.mount").decode().splitlines()
        self.assertLessEqual({"mode=rw", "revalidate=60", "online=1"}, set(facts))
        self.unmount()

    def test_a_line_of_fstab(self):
        fstab = self.folder / "fstab"
        fstab.write_text(f"{self.source} {self.target} cachefiles ro,noexec,_netdev,nofail,x-a.b=c 0 0\n",
                         encoding="utf-8")
        self.succeed("mount", "--fstab", fstab, self.target)
        found, kind, _ = self.line()
        self.assertEqual((kind, found), ("fuse.cachefiles", {"ro", "nosuid", "nodev", "noexec", "relatime"}))
        self.unmount()

    def test_without_options(self):
        """mount(8) says rw, where nobody says ro."""
        self.mounted(self.source, self.target)
        self.assertEqual(self.line()[0], {"rw", "nosuid", "nodev", "relatime"})
        self.unmount()

    def test_flags_that_are_passed_on(self):
        self.mounted("-n", "-s", self.source, self.target)
        self.assertEqual(self.content(), b"content\n")
        self.unmount()
        self.mounted("-f", self.source, self.target)
        self.assertIsNone(self.line())
        self.mounted("-r", self.source, self.target)
        self.assertIn("ro", self.line()[0])
        self.unmount()
        status, output = self.run_program("mount", "-v", "-t", "cachefiles", self.source, self.target)
        self.assertEqual(status, 0, output)
        self.assertIn(f"{self.source} is at {self.target}", output)
        self.unmount()

    def test_its_errors_are_passed_on(self):
        self.refuse(1, "No such file or directory", "mount", "-t", "cachefiles", self.folder / "nothing", self.target)
        self.refuse(2, "colour: no such option", "mount", "-t", "cachefiles", "-o", "rw,colour", self.source, self.target)

    def test_a_dead_mount_is_mounted_again(self):
        self.mounted(self.source, self.target)
        os.kill(self.processes()[0], signal.SIGKILL)
        self.until_it_has_ended()
        self.mounted(self.source, self.target)
        self.assertEqual(self.content(), b"content\n")
        self.unmount()


@unittest.skipUnless(shutil.which("fusermount3"), "there is no fusermount3")
class Unprivileged(Background):
    """Somebody's own daemon, cache and mount."""

    NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def setUp(self):
        super().setUp()
        os.chown(self.target, NOBODY, NOBODY)
        self.own = Daemon()
        self.addCleanup(self.own.close)
        for path in (self.own.root, self.own.cache, self.own.index.parent):
            os.chown(path, NOBODY, NOBODY)
        (self.own.root / "log").touch()
        os.chown(self.own.root / "log", NOBODY, NOBODY)
        self.own.user = NOBODY
        self.own.start()
        status, output = self.as_nobody("ls", self.program)
        self.assertEqual(status, 0, output)

    def as_nobody(self, *command):
        return self.run_program(*command, **self.NOBODY)

    def mount_it(self, options=""):
        return self.as_nobody(self.program, self.source, self.target, "-o", f"socket={self.own.socket}{options}")

    def test_reads_through_the_cache(self):
        self.settle()
        self.assertEqual(self.mount_it(), (0, ""))
        found, kind, source = self.line()
        self.assertLessEqual({"ro", "nosuid", "nodev"}, found)
        self.assertEqual((kind, source), ("fuse.cachefiles", str(self.source)))
        with self.assert_errno(errno.EACCES):  # it is his alone
            self.content()
        read = ("cat", self.target / "file")
        cached = ("python3", "-c", f"import os; print(os.getxattr('{self.target}/file', 'cachefiles.cached').decode())")
        self.assertEqual(self.as_nobody(*read), (0, "content\n"))
        while self.as_nobody(*cached) != (0, "8 8\n"):
            self.assertEqual(len(self.processes()), 1)
        self.assertEqual(self.as_nobody("fusermount3", "-u", self.target), (0, ""))
        self.until_it_has_ended()
        self.assertEqual(len(self.own.files()), 1)
        self.assertEqual(self.mount_it(), (0, ""))  # what is there is there for the next one
        self.assertEqual(self.as_nobody(*cached), (0, "8 8\n"))

    def test_writes_with_his_own_rights(self):
        mine = self.source / "mine"
        mine.mkdir()
        os.chown(mine, NOBODY, NOBODY)
        self.assertEqual(self.mount_it(",rw"), (0, ""))
        self.assertEqual(self.as_nobody("touch", self.target / "mine/new"), (0, ""))
        self.assertEqual((mine / "new").stat().st_uid, NOBODY)
        self.assertNotEqual(self.as_nobody("touch", self.target / "new")[0], 0)
        self.assertFalse((self.source / "new").exists())

    def test_what_he_may_not(self):
        os.chown(self.target, 0, 0)
        status, output = self.mount_it()
        self.assertEqual((status, self.line()), (1, None), output)
        self.assertIn("fusermount3", output)
        os.chown(self.target, NOBODY, NOBODY)
        self.source.chmod(0o700)
        status, output = self.mount_it()
        self.assertEqual((status, "Permission denied" in output), (1, True), output)

    def test_others_where_fuse_conf_does_not_let_them_in(self):
        allowed = "\nuser_allow_other" in pathlib.Path("/etc/fuse.conf").read_text(encoding="utf-8")
        status, output = self.mount_it(",allow_other")
        if not allowed:
            self.assertEqual((status, "user_allow_other" in output, self.line()), (1, True, None), output)
        else:
            self.assertEqual((status, self.content()), (0, b"content\n"))

    def test_a_dead_mount_is_mounted_again(self):
        self.assertEqual(self.mount_it(), (0, ""))
        os.kill(self.processes()[0], signal.SIGKILL)
        self.until_it_has_ended()
        self.assertEqual(self.mount_it(), (0, ""))
        self.assertEqual(self.as_nobody("cat", self.target / "file"), (0, "content\n"))

    def test_the_volume_of_another_user(self):
        self.settle()
        daemon = self.daemon()
        daemon.root.chmod(0o755)
        options = ("-o", f"socket={daemon.socket}")
        self.succeed(self.program, self.source, self.target, *options)
        self.content()
        self.unmount()
        daemon.wait_until(lambda: len(daemon.files()) == 1)  # the daemon has heard of the end
        self.refuse(1, "cannot have the cache of", self.program, self.source, self.target, *options, **self.NOBODY)
        (self.source / "below").mkdir()
        self.succeed(self.program, self.source / "below", self.target, *options, **self.NOBODY)  # a volume of his own


if __name__ == "__main__":
    case.main()
