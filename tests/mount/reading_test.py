#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is read through the mount is what the source has, from wherever it comes."""
import errno
import os
import random
import threading

import case
from case import BLOCK, Case, descriptor


def tree(root):
    """Everything that can be seen of it."""
    seen = {}
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else None
            if os.path.isfile(path) and content is None:
                with open(path, "rb") as file:
                    content = file.read()
            size = 0 if os.path.isdir(path) else status.st_size
            seen[os.path.relpath(path, root)] = (status.st_mode, status.st_uid, status.st_gid, status.st_nlink, size,
                                                 status.st_mtime_ns, status.st_ino, content)
    return seen


class Reading(Case):
    def some_tree(self):
        rng = random.Random(5)
        for size in (0, 1, 4095, 4096, 4097, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 77):
            self.put(f"sizes/{size}", rng.randbytes(size))
        for number in range(300):
            self.put(f"many/{number}", b"%d" % number)
        self.put("odd/a b\n\xff", b"x")
        (self.source / "odd/link").symlink_to("../sizes/1")
        (self.source / "odd/dangling").symlink_to("nowhere")
        os.link(self.source / "sizes/4096", self.source / "odd/hard")
        os.mkfifo(self.source / "odd/fifo")
        (self.source / "empty").mkdir(0o751)
        os.chown(self.source / "sizes/1", 12, 34)

    def test_the_tree_is_the_source(self):
        self.some_tree()
        self.settle()
        mount = self.mount(self.daemon())
        for _ in ("cold", "warm"):
            self.assertEqual(tree(mount.target), tree(self.source))
            self.drop_pages(mount, *(f"sizes/{name}" for name in os.listdir(self.source / "sizes")))

    def test_a_second_time_nothing_is_read_from_the_source(self):
        self.some_tree()
        self.settle()
        daemon = self.daemon()
        mount = self.mount(daemon)
        wanted = tree(self.source)
        tree(mount.target)
        self.assertEqual(mount.end(), 0)
        mount = self.mount(daemon)
        self.assertEqual(tree(mount.target), wanted)
        self.assertEqual(mount.number("source_bytes"), 0)
        mount.end()
        daemon.stop()
        daemon.start()
        mount = self.mount(daemon)
        self.assertEqual(tree(mount.target), wanted)
        self.assertEqual(mount.number("source_bytes"), 0)

    def test_more_files_than_descriptors(self):
        """Nobody asks the source for what is believed and cached, also if the file's descriptor was closed meanwhile."""
        contents = {f"many/{number}": self.put(f"many/{number}", b"%d" % number) for number in range(1, 200)}
        self.settle()
        slow = self.slow()
        mount = self.mount(self.daemon(), "revalidate=300", source=slow.mount_point, descriptors=100)
        self.warm(mount, *contents)
        self.drop_pages(mount, *contents)
        before = slow.counts()
        for name, data in contents.items():
            self.assertEqual(mount.read(name), data)
        after = slow.counts()
        for request in ("lookup", "getattr", "open", "read"):
            self.assertEqual(after[request], before[request], request)

    def test_pieces_in_any_order(self):
        data = self.put("file", random.Random(1).randbytes(20 * BLOCK + 1234))
        self.settle()
        for options in ((), ("nopassthrough",), ("readahead=0",), ("immutable",), ("rw",)):
            daemon = self.daemon()
            mount = self.mount(daemon, *options)
            rng = random.Random(2)
            with descriptor(mount.path("file"), os.O_RDONLY) as file:
                for _ in range(80):
                    start = rng.randrange(len(data) + BLOCK)
                    length = rng.choice([1, 100, 4096, 70000, BLOCK, 3 * BLOCK])
                    self.assertEqual(os.pread(file, length, start), data[start:start + length])
            mount.end()
            daemon.close()

    def test_the_kernel_reads_what_is_wholly_cached(self):
        data = self.put("file", os.urandom(3 * BLOCK + 5))
        self.settle()
        mount = self.mount(self.daemon())
        if mount.number("passthrough") == 0:
            self.skipTest("this kernel has no FUSE passthrough")
        self.warm(mount, "file")
        with self.opened_for_the_kernel(mount, "file") as file:
            before = mount.number("cached_bytes")
            self.assertEqual(os.pread(file, len(data) + 4096, 0), data)  # and not a byte behind its end
        self.assertEqual(mount.number("cached_bytes"), before)

    def test_without_passthrough_it_is_spliced(self):
        data = self.put("file", os.urandom(8 * BLOCK + 5))
        self.settle()
        mount = self.mount(self.daemon(), "nopassthrough")
        self.warm(mount, "file")
        self.drop_pages(mount, "file")
        source = mount.number("source_bytes")
        self.assertEqual(mount.read("file"), data)
        self.assertEqual(mount.number("source_bytes"), source)
        self.assertEqual(mount.number("passthrough_opens"), 0)

    def test_without_a_daemon_and_when_one_comes(self):
        data = self.put("file", os.urandom(3 * BLOCK))
        self.settle()
        daemon = self.daemon()
        daemon.stop()
        mount = self.mount(daemon)
        self.assertEqual(mount.number("online"), 0)
        self.assertEqual(mount.read("file"), data)
        self.assertEqual(mount.cached("file"), 0)
        daemon.start()
        mount.wait_until(lambda: mount.number("online") == 1)

        def reads_and_has_it():
            self.drop_pages(mount, "file")
            self.assertEqual(mount.read("file"), data)
            return mount.cached("file") == len(data)

        mount.wait_until(reads_and_has_it)

    def test_many_at_once_get_a_block_once(self):
        data = self.put("file", os.urandom(40 * BLOCK))
        self.settle()
        mount = self.mount(self.daemon(), "nopassthrough")
        wrong = []

        def read():
            if mount.read("file") != data:
                wrong.append(1)

        threads = [threading.Thread(target=read) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertFalse(wrong)
        self.assertEqual(mount.number("source_bytes"), len(data))

    def test_read_only(self):
        self.put("file", b"data")
        mount = self.mount(self.daemon())
        for action in (lambda: mount.path("new").write_bytes(b""), lambda: mount.path("file").unlink(),
                       lambda: os.truncate(mount.path("file"), 0), lambda: os.mkdir(mount.path("d"))):
            with self.assert_errno(errno.EROFS):
                action()
        self.assertEqual((self.source / "file").read_bytes(), b"data")

    def test_over_itself(self):
        data = self.put("d/file", os.urandom(BLOCK))
        self.settle()
        daemon = self.daemon()
        mount = case.Mount(self.source, self.source, daemon.socket)
        self.addCleanup(mount.close)
        mount.start()
        self.assertEqual(mount.read("d/file"), data)
        self.assertEqual(mount.number("source_bytes"), BLOCK)

    def test_extended_attributes(self):
        self.put("file", b"data")
        os.setxattr(self.source / "file", "user.a", b"value")
        mount = self.mount(self.daemon())
        self.assertEqual(os.listxattr(mount.path("file")), ["user.a"])
        self.assertEqual(os.getxattr(mount.path("file"), "user.a"), b"value")
        with self.assert_errno(errno.ENODATA):
            os.getxattr(mount.path("file"), "user.b")
        with self.assert_errno(errno.ENODATA):
            os.getxattr(mount.path("file"), "cachefiles.nonsense")

    def test_holes(self):
        self.put("file", b"")
        with open(self.source / "file", "r+b") as file:
            file.seek(10 * BLOCK)
            file.write(b"end")
        mount = self.mount(self.daemon())
        with descriptor(mount.path("file"), os.O_RDONLY) as file:
            self.assertEqual(os.lseek(file, 0, os.SEEK_DATA), 10 * BLOCK)
            self.assertEqual(os.lseek(file, 0, os.SEEK_HOLE), 0)
        self.assertEqual(mount.read("file"), b"\0" * 10 * BLOCK + b"end")


if __name__ == "__main__":
    case.main()
