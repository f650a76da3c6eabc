#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Open-to-close consistency: who opens a file after somebody has closed it at the source sees what he wrote."""
import mmap
import os
import pathlib
import threading

import case
from case import BLOCK, Case, descriptor

RECORD = 64


def content(number, size=3 * BLOCK):
    """Each record says which version it is of."""
    return (b"%0*d" % (RECORD, number)) * (size // RECORD)


def versions_in(data):
    return {int(data[at:at + RECORD]) for at in range(0, len(data), RECORD)}


class Changing(Case):
    def replace(self, name, data):
        """In one step."""
        new = self.source / ".new"
        new.write_bytes(data)
        new.rename(self.source / name)

    def test_the_next_open_sees_it(self):
        for options in ((), ("nopassthrough",), ("rw",)):
            with self.subTest(options=options):
                self.put("file", content(0))
                self.settle()
                daemon = self.daemon()
                mount = self.mount(daemon, *options)
                for number in range(1, 4):
                    self.warm(mount, "file")
                    for change in (self.put, self.replace):
                        change("file", content(number))  # of the same size
                        self.assertEqual(versions_in(mount.read("file")), {number})
                        change("file", content(number)[:RECORD * number])
                        self.assertEqual(mount.read("file"), content(number)[:RECORD * number])
                        change("file", content(number))
                        self.assertEqual(mount.read("file"), content(number))
                mount.end()
                daemon.close()

    def test_who_has_it_open_keeps_a_whole_old_one(self):
        """Passthrough: the kernel goes on with the old file while others open the new one."""
        self.put("file", content(0))
        self.settle()
        mount = self.mount(self.daemon())
        if mount.number("passthrough") == 0:
            self.skipTest("this kernel has no FUSE passthrough")
        self.warm(mount, "file")
        with self.opened_for_the_kernel(mount, "file") as old:
            self.put("file", content(1, BLOCK))
            with descriptor(mount.path("file"), os.O_RDONLY) as new:
                self.assertEqual(os.fstat(new).st_size, BLOCK)
                self.assertEqual(os.pread(new, 4 * BLOCK, 0), content(1, BLOCK))
                self.assertEqual(os.pread(old, 4 * BLOCK, 0), content(0))
                self.assertEqual(os.fstat(old).st_size, 3 * BLOCK)
            self.settle()
            self.warm(mount, "file")
            self.assertEqual(mount.read("file"), content(1, BLOCK))
            self.assertEqual(os.pread(old, 4 * BLOCK, 0), content(0))

    def test_mapped_readers(self):
        for options in ((), ("nopassthrough",)):
            with self.subTest(options=options):
                self.put("file", content(0))
                self.settle()
                daemon = self.daemon()
                mount = self.mount(daemon, *options)
                self.warm(mount, "file")
                self.drop_pages(mount, "file")
                with descriptor(mount.path("file"), os.O_RDONLY) as file:
                    with mmap.mmap(file, 0, prot=mmap.PROT_READ) as view:
                        self.assertEqual(versions_in(view[:BLOCK]), {0})
                        for number in range(1, 6):
                            self.replace("file", content(number))
                            self.assertEqual(versions_in(mount.read("file")), {number})
                            # A file that was replaced is still what it was for who has it open.
                            self.assertEqual(versions_in(view[:]), {0})
                mount.end()
                daemon.close()

    def test_what_is_cached_is_of_one_version(self):
        """Blocks that were got before and after a change are never stored together."""
        self.put("file", content(0, 8 * BLOCK))
        self.settle()
        daemon = self.daemon()
        mount = self.mount(daemon, "readahead=0", "nopassthrough")
        with descriptor(mount.path("file"), os.O_RDONLY) as file:
            os.pread(file, BLOCK, 0)
            mount.wait_until(lambda: mount.number("stored_bytes") >= BLOCK)
            self.put("file", content(1, 8 * BLOCK))
            self.settle()
            os.pread(file, BLOCK, 7 * BLOCK)  # who has it open may see either, block by block
            mount.wait_until(lambda: mount.number("invalidations") == 1)
        self.assertEqual(versions_in(mount.read("file")), {1})
        self.warm(mount, "file")
        mount.end()
        mount = self.mount(daemon)
        self.assertEqual(versions_in(mount.read("file")), {1})

    def test_written_twice_within_a_tick(self):
        """A version that is as young as the reading of it does not tell one content from the next."""
        mount = self.mount(self.daemon())
        for number in range(100):
            self.put("file", content(2 * number, RECORD))
            seen = versions_in(mount.read("file"))
            self.put("file", content(2 * number + 1, RECORD))
            self.assertEqual(seen, {2 * number})
            self.assertEqual(versions_in(mount.read("file")), {2 * number + 1})

    def test_readers_and_a_writer(self):
        """64 readers; none sees a version older than what was complete when he opened the file, or one that never was."""
        for options, replaced in (((), True), (("nopassthrough",), True), ((), False)):
            with self.subTest(options=options, replaced=replaced):
                self.put("file", content(0))
                daemon = self.daemon()
                mount = self.mount(daemon, *options)
                complete, begun, ended, wrong = [0], [0], threading.Event(), []

                def write():
                    for number in range(1, 13):
                        begun[0] = number
                        (self.replace if replaced else self.put)("file", content(number))
                        complete[0] = number
                        if number % 6 == 0:
                            self.settle()  # so that some of it is cached
                    ended.set()

                def read():
                    last = False
                    while not last:
                        last = ended.is_set()
                        oldest = complete[0]
                        with descriptor(mount.path("file"), os.O_RDONLY) as file:
                            data = os.pread(file, 4 * BLOCK, 0)
                        newest = begun[0]
                        seen = versions_in(data[:len(data) // RECORD * RECORD])
                        whole = len(seen) == 1 and len(data) == 3 * BLOCK
                        if not all(oldest <= number <= newest for number in seen) or (replaced and not whole):
                            wrong.append((oldest, newest, sorted(seen), len(data)))

                threads = [threading.Thread(target=action) for action in [write] + [read] * 64]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(wrong[:5], [])
                self.assertEqual(mount.read("file"), content(12))
                mount.end()
                daemon.close()

    def test_believed_for_a_time(self):
        self.put("file", content(0))
        self.settle()
        for options in (("revalidate=1h",), ("immutable",)):
            with self.subTest(options=options):
                self.settle()
                daemon = self.daemon()
                mount = self.mount(daemon, *options)
                self.assertFalse(mount.path("new").exists())
                self.warm(mount, "file")
                before = mount.read("file")
                self.put("file", content(int(before[:RECORD]) + 1))
                self.put("new", b"")
                self.assertEqual(mount.read("file"), before)
                self.assertFalse(mount.path("new").exists())
                (self.source / "new").unlink()
                mount.end()
                daemon.close()

    def test_names_come_and_go(self):
        mount = self.mount(self.daemon())
        self.assertFalse(mount.path("file").exists())
        self.put("file", b"1")
        self.put("d/other", b"2")
        self.assertEqual(mount.read("file"), b"1")
        self.assertEqual(sorted(os.listdir(mount.target)), ["d", "file"])
        self.settle()
        self.assertEqual(sorted(os.listdir(mount.target)), ["d", "file"])
        (self.source / "file").unlink()
        (self.source / "d").rename(self.source / "e")
        self.assertEqual(os.listdir(mount.target), ["e"])
        self.assertFalse(mount.path("file").exists())
        self.assertEqual(mount.read("e/other"), b"2")
        (self.source / "file").mkdir()
        self.assertTrue(mount.path("file").is_dir())

    def test_a_renamed_file_is_still_cached(self):
        data = self.put("file", os.urandom(BLOCK))
        self.settle()
        daemon = self.daemon()
        mount = self.mount(daemon, "rw")
        self.warm(mount, "file")
        mount.path("file").rename(mount.path("other"))
        os.chmod(mount.path("other"), 0o640)
        self.assertEqual(mount.cached("other"), BLOCK)
        mount.end()
        mount = self.mount(daemon)
        self.assertEqual(mount.read("other"), data)
        self.assertEqual(mount.number("source_bytes"), 0)

    def test_a_directory_that_is_gone_below_somebody(self):
        self.put("d/file", b"1")
        mount = self.mount(self.daemon())
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(mount.path("d"))
        self.assertEqual(pathlib.Path("file").read_bytes(), b"1")
        (self.source / "d/file").unlink()
        (self.source / "d").rmdir()
        self.assertFalse(os.path.exists("file"))


if __name__ == "__main__":
    case.main()
