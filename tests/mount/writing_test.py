#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is changed through the mount is changed at the source, and what is cached follows."""
import errno
import fcntl
import mmap
import os
import random
import subprocess
import tempfile
import threading

import case
from case import BLOCK, Case, descriptor


class Writing(Case):
    def same(self, mount, name, data):
        """At the source, on the mount, and on a mount that has nothing but the cache to remember by."""
        self.assertEqual((self.source / name).read_bytes(), data)
        self.assertEqual(mount.read(name), data)
        mount.end()
        mount.start()
        self.assertEqual(mount.read(name), data)

    def test_written_is_read_from_the_cache(self):
        mount = self.mount(self.daemon(), "rw")
        data = os.urandom(5 * BLOCK + 77)
        mount.path("file").write_bytes(data)
        self.same(mount, "file", data)
        self.assertEqual(mount.number("source_bytes"), 0)

    def test_who_believes_sees_what_was_just_written(self):
        mount = self.mount(self.daemon(), "rw", "revalidate=30")
        for size in (0, 1, 240, 4096, 5000):
            path = mount.path(f"file{size}")
            for data in (os.urandom(size), os.urandom(size), os.urandom(size + 7)):
                path.write_bytes(data)
                for _ in range(20):  # before and after the kernel has told of the writer's close
                    self.drop_pages(mount, path.name)
                    with descriptor(path, os.O_RDONLY) as file:
                        self.assertEqual(os.pread(file, size + 100, 0), data)

    def test_written_over_in_part(self):
        data = bytearray(self.put("file", os.urandom(5 * BLOCK + 77)))
        self.settle()
        mount = self.mount(self.daemon(), "rw")
        self.warm(mount, "file")
        rng = random.Random(3)
        with descriptor(mount.path("file"), os.O_RDWR) as file:
            for _ in range(50):
                start = rng.randrange(len(data) + 100)
                piece = rng.randbytes(rng.choice([1, 10, 4096, BLOCK, BLOCK + 5]))
                os.pwrite(file, piece, start)
                data[start:start + len(piece)] = piece
                self.assertEqual(os.pread(file, len(data) + 1, 0), data)
        self.same(mount, "file", bytes(data))

    def test_cut_and_grown(self):
        data = bytearray(self.put("file", os.urandom(3 * BLOCK)))
        self.settle()
        mount = self.mount(self.daemon(), "rw")
        self.warm(mount, "file")
        for size in (2 * BLOCK + 5, 3 * BLOCK, 100, 2 * BLOCK, 0, BLOCK + 1):
            os.truncate(mount.path("file"), size)
            data = data[:size] + bytes(size - min(size, len(data)))
            self.assertEqual(mount.read("file"), data)
            with open(mount.path("file"), "ab") as file:
                file.write(b"tail")
            data += b"tail"
            self.assertEqual(mount.read("file"), data)
        with descriptor(mount.path("file"), os.O_WRONLY | os.O_TRUNC) as file:
            self.assertEqual(os.fstat(file).st_size, 0)
            os.write(file, b"new")
        self.same(mount, "file", b"new")

    def test_holes_are_punched(self):
        data = bytearray(self.put("file", os.urandom(3 * BLOCK)))
        self.settle()
        mount = self.mount(self.daemon(), "rw")
        self.warm(mount, "file")
        subprocess.run(["fallocate", "-p", "-o", "5000", "-l", str(BLOCK), mount.path("file")], check=True)
        data[5000:5000 + BLOCK] = bytes(BLOCK)
        self.assertEqual(mount.read("file"), data)
        subprocess.run(["fallocate", "-l", str(4 * BLOCK), mount.path("file")], check=True)
        data += bytes(BLOCK)
        self.same(mount, "file", bytes(data))

    def test_mapped(self):
        data = bytearray(self.put("file", os.urandom(2 * BLOCK)))
        self.settle()
        mount = self.mount(self.daemon(), "rw")
        self.warm(mount, "file")
        with descriptor(mount.path("file"), os.O_RDWR) as file, mmap.mmap(file, 0) as view:
            view[1000:1005] = data[1000:1005] = b"hello"
            view.flush()
            self.assertEqual((self.source / "file").read_bytes(), data)
            view[BLOCK:BLOCK + 5] = data[BLOCK:BLOCK + 5] = b"world"
        mount.wait_until(lambda: (self.source / "file").read_bytes() == data)
        self.same(mount, "file", bytes(data))

    def test_two_writers_and_a_reader(self):
        self.put("file", bytes(4 * BLOCK))
        mount = self.mount(self.daemon(), "rw")
        with descriptor(mount.path("file"), os.O_RDWR) as one, descriptor(mount.path("file"), os.O_WRONLY) as two, \
                descriptor(mount.path("file"), os.O_RDONLY) as reader:
            os.pwrite(one, b"one", 0)
            os.pwrite(two, b"two", BLOCK)
            self.assertEqual(os.pread(reader, 3, 0), b"one")
            self.assertEqual(os.pread(reader, 3, BLOCK), b"two")
        data = b"one" + bytes(BLOCK - 3) + b"two" + bytes(3 * BLOCK - 3)
        self.same(mount, "file", data)

    def test_deleted_while_it_is_open(self):
        data = self.put("file", os.urandom(2 * BLOCK))
        mount = self.mount(self.daemon(), "rw")
        with descriptor(mount.path("file"), os.O_RDWR) as file:
            mount.path("file").unlink()
            self.assertFalse((self.source / "file").exists())
            self.assertEqual(os.pread(file, 3 * BLOCK, 0), data)
            os.pwrite(file, b"still", 0)
            self.assertEqual(os.pread(file, 5, 0), b"still")
            self.assertEqual(os.fstat(file).st_nlink, 0)
            os.ftruncate(file, 10)
            self.assertEqual(os.fstat(file).st_size, 10)
        with tempfile.TemporaryFile(dir=mount.target) as file:
            file.write(b"x")
            file.flush()
            self.assertEqual(os.pread(file.fileno(), 1, 0), b"x")

    def test_replaced_by_a_rename_while_it_is_open(self):
        old, new = self.put("file", os.urandom(BLOCK)), self.put("new", os.urandom(BLOCK))
        mount = self.mount(self.daemon(), "rw")
        with descriptor(mount.path("file"), os.O_RDONLY) as file:
            mount.path("new").rename(mount.path("file"))
            self.assertEqual(os.pread(file, BLOCK, 0), old)
            self.assertEqual(mount.read("file"), new)

    def test_names(self):
        mount = self.mount(self.daemon(), "rw")
        mount.path("a/b/c").mkdir(parents=True)
        mount.path("a/b/c/file").write_bytes(b"1")
        os.link(mount.path("a/b/c/file"), mount.path("a/hard"))
        self.assertEqual(os.stat(mount.path("a/hard")).st_nlink, 2)
        os.symlink("b/c", mount.path("a/soft"))
        self.assertEqual(mount.read("a/soft/file"), b"1")
        mount.path("a/b").rename(mount.path("a/B"))
        self.assertEqual(mount.read("a/B/c/file"), b"1")
        self.assertFalse(mount.path("a/b").exists())
        with self.assert_errno(errno.ENOTEMPTY):
            mount.path("a/B").rmdir()
        mount.path("a/B/c/file").unlink()
        self.assertEqual(mount.read("a/hard"), b"1")
        mount.path("a/B/c").rmdir()
        os.mkfifo(mount.path("a/fifo"))
        with self.assert_errno(errno.EEXIST):
            os.open(mount.path("a/hard"), os.O_CREAT | os.O_EXCL)
        self.assertEqual(sorted(os.listdir(self.source / "a")), ["B", "fifo", "hard", "soft"])
        self.assertEqual(sorted(os.listdir(mount.path("a"))), ["B", "fifo", "hard", "soft"])

    def test_attributes(self):
        self.put("file", b"1")
        mount = self.mount(self.daemon(), "rw")
        os.chmod(mount.path("file"), 0o4711)
        os.chown(mount.path("file"), 5, 6)
        os.utime(mount.path("file"), ns=(1_000_000_007, 2_000_000_009))
        for root in (self.source, mount.target):
            status = os.stat(root / "file")
            self.assertEqual((status.st_mode & 0o7777, status.st_uid, status.st_gid, status.st_mtime_ns),
                             (0o711, 5, 6, 2_000_000_009))
        os.setxattr(mount.path("file"), "user.a", b"b")
        self.assertEqual(os.getxattr(self.source / "file", "user.a"), b"b")
        os.removexattr(mount.path("file"), "user.a")
        self.assertEqual(os.listxattr(self.source / "file"), [])

    def test_other_users(self):
        """What somebody makes is his, and the modes of the source count."""
        os.chmod(self.folder, 0o755)
        os.chmod(self.source, 0o777)
        self.put("secret", b"1")
        os.chmod(self.source / "secret", 0o600)
        mount = self.mount(self.daemon(), "rw")

        def as_nobody(*command):
            return subprocess.run(command, user=65534, group=65534, extra_groups=[], umask=0o27, check=False,
                                  capture_output=True)

        self.assertEqual(as_nobody("sh", "-c", f"echo 1 >{mount.path('his')}; mkdir {mount.path('d')}").returncode, 0)
        for name, mode in (("his", 0o100640), ("d", 0o40750)):
            status = os.stat(self.source / name)
            self.assertEqual((status.st_uid, status.st_gid, status.st_mode), (65534, 65534, mode))
        self.assertNotEqual(as_nobody("cat", mount.path("secret")).returncode, 0)
        self.assertNotEqual(as_nobody("touch", mount.path("secret")).returncode, 0)
        # A write takes the setuid bit away, though root does it at the source.
        mount.path("program").write_bytes(b"1")
        os.chmod(mount.path("program"), 0o4777)
        self.assertEqual(as_nobody("sh", "-c", f"echo 2 >>{mount.path('program')}").returncode, 0)
        self.assertEqual(os.stat(self.source / "program").st_mode & 0o7777, 0o777)

    def test_locks_are_those_of_the_source(self):
        self.put("file", b"1")
        mount = self.mount(self.daemon(), "rw")
        for lock, unlock in ((lambda f, how: fcntl.flock(f, how | fcntl.LOCK_NB), lambda f: fcntl.flock(f, fcntl.LOCK_UN)),
                             (lambda f, how: fcntl.lockf(f, how | fcntl.LOCK_NB), lambda f: fcntl.lockf(f, fcntl.LOCK_UN))):
            with open(mount.path("file"), "r+b") as file, open(self.source / "file", "r+b") as other:
                lock(file, fcntl.LOCK_EX)
                with self.assertRaises(BlockingIOError):
                    lock(other, fcntl.LOCK_SH)
                unlock(file)
                lock(other, fcntl.LOCK_EX)
                with self.assertRaises(BlockingIOError):
                    lock(file, fcntl.LOCK_SH)
                unlock(other)
                lock(file, fcntl.LOCK_EX)
            with open(self.source / "file", "r+b") as other:  # closed: let go of
                mount.wait_until(lambda: self.can_lock(lock, other))

    @staticmethod
    def can_lock(lock, file):
        try:
            lock(file, fcntl.LOCK_EX)
            return True
        except BlockingIOError:
            return False

    def test_who_waits_for_a_lock_gets_it(self):
        self.put("file", b"1")
        mount = self.mount(self.daemon(), "rw")
        got = threading.Event()
        with open(self.source / "file", "r+b") as holder:
            fcntl.flock(holder, fcntl.LOCK_EX)

            def wait():
                with open(mount.path("file"), "r+b") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    got.set()

            waiter = threading.Thread(target=wait)
            waiter.start()
            self.assertEqual(mount.read("file"), b"1")
            self.assertFalse(got.is_set())
        waiter.join()
        self.assertTrue(got.is_set())

    def test_synced(self):
        mount = self.mount(self.daemon(), "rw")
        with descriptor(mount.path("file"), os.O_RDWR | os.O_CREAT) as file:
            os.write(file, b"1")
            os.fsync(file)
            os.fdatasync(file)
        with descriptor(mount.target, os.O_RDONLY | os.O_DIRECTORY) as directory:
            os.fsync(directory)
        status, there = os.statvfs(mount.target), os.statvfs(self.source)
        self.assertEqual((status.f_blocks, status.f_namemax), (there.f_blocks, there.f_namemax))


if __name__ == "__main__":
    case.main()
