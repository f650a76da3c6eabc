#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cachefilesctl cached and warm, on a real mount. CACHEFILESCTL, CACHEFILESD, CACHEFILES_MOUNT, SLOW_SOURCE and BUS_HOST
name the programs."""
import ctypes
import json
import mmap
import os
import pathlib
import re
import signal
import subprocess
import sys

import case
from case import BLOCK, Case, descriptor
from slow_source import SlowSource

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "ctl"))

from host import Bus, Host, Program, Terminal  # pylint: disable=wrong-import-position

NOBODY = 65534
ROOT = pathlib.Path(__file__).resolve().parents[2]
MIB = 1 << 20


class CtlCase(Case):
    def setUp(self):
        super().setUp()
        self.program = self.ctl()

    def ctl(self, address="unix:path=/nowhere"):
        program = Program(address)
        self.addCleanup(program.close)
        return program

    def tree(self):
        """Of 12 files, 2 MiB and a little."""
        for number in range(10):
            self.put(f"small/{number}", b"%d" % number * 1000)
        self.put("deep/er/large", os.urandom(2 * MIB))
        self.put("empty", b"")
        (self.source / "link").symlink_to("small/1")
        (self.source / "loop").symlink_to("..")
        self.settle()

    def cached_tree(self, path):
        return self.program.json("cached", str(path))["trees"][0]


class Cached(CtlCase):
    def test_a_tree(self):
        self.tree()
        mount = self.mount(self.daemon())
        empty = {"path": str(mount.target), "source": str(self.source), "online": True, "files": 12,
                 "bytes": 2 * MIB + 10_000, "cached_bytes": 0, "whole_files": 1, "part_files": 0, "unreadable": 0,
                 "other_mounts": 0}
        self.assertEqual(self.cached_tree(mount.target), empty)
        self.assertEqual(mount.number("source_bytes"), 0)  # nothing is read for it
        self.warm(mount, "small/3")
        with open(mount.path("deep/er/large"), "rb", buffering=0) as large:
            large.read(1)
        mount.wait_until(lambda: mount.cached("deep/er/large") >= BLOCK)
        some = self.cached_tree(mount.target)
        self.assertEqual((some["whole_files"], some["part_files"]), (2, 1))
        self.assertEqual(some["cached_bytes"], 1000 + mount.cached("deep/er/large"))
        trees = self.program.json("cached", str(mount.path("small")), str(mount.path("small/3")))["trees"]
        self.assertEqual([(tree["files"], tree["cached_bytes"]) for tree in trees], [(10, 1000), (1, 1000)])
        text = self.program.text("cached", str(mount.target))
        self.assertIn("Files     12: 2 whole, 1 in part, 9 not at all\n", text)
        self.assertRegex(text, r"Cached    \[█+░+\] \d+% of 2.0 MiB\n")

    def test_looking_leaves_nothing_in_the_cache(self):
        self.tree()
        daemon = self.daemon()
        mount = self.mount(daemon)
        self.warm(mount, "small/3")
        for _ in range(2):
            self.assertEqual(self.cached_tree(mount.target)["cached_bytes"], 1000)  # nor takes anything away
        mount.end()
        daemon.stop()
        self.assertEqual(len(daemon.files()), 1)

    def test_files(self):
        self.tree()
        self.put("odd\n\xff", b"odd")
        self.settle()
        mount = self.mount(self.daemon())
        self.warm(mount, "small/0", "deep/er/large")
        files = {line["path"]: (line["cached_bytes"], line["bytes"])
                 for line in self.program.lines("cached", "--files", "--limit=0", str(mount.target))}
        self.assertEqual(len(files), 13)
        self.assertEqual(files[f"{mount.target}/small/0"], (1000, 1000))
        self.assertEqual(files[f"{mount.target}/small/1"], (0, 1000))
        first = [line["path"] for line in self.program.lines("cached", "--files", "--limit=9", str(mount.target))]
        self.assertEqual(first, [f"{mount.target}/small/{number}" for number in range(1, 10)])
        text = self.program.text("cached", "--files", "--limit", "2", str(mount.target))
        self.assertEqual(len(text.splitlines()), 4)
        self.assertIn("There are more", text)
        self.assertIn(r"odd\x0a", self.program.text("cached", "--files", str(mount.target)))

    def test_other_mounts_and_links_are_left_out(self):
        self.tree()
        mount = self.mount(self.daemon())
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "file").write_bytes(b"x" * 5000)
        for source, name in ((outside, "small"), (outside / "file", "empty")):
            subprocess.run(["mount", "--bind", str(source), str(mount.path(name))], check=True)
        try:
            tree = self.cached_tree(mount.target)
        finally:
            for name in ("small", "empty"):
                subprocess.run(["umount", str(mount.path(name))], check=True)
        self.assertEqual((tree["files"], tree["bytes"], tree["other_mounts"]), (1, 2 * MIB, 2))
        self.assertEqual(self.cached_tree(mount.path("link"))["files"], 1)  # who names a link means what it names

    def test_what_cannot_be_read_is_counted_and_said(self):
        self.tree()
        self.folder.chmod(0o755)
        (self.source / "deep/er").chmod(0o700)
        mount = self.mount(self.daemon())
        status, output, errors = self.program.run("--json", "cached", str(mount.target), user=NOBODY)
        tree = json.loads(output)["trees"][0]
        self.assertEqual((status, tree["unreadable"], tree["files"]), (1, 1, 11))
        self.assertEqual(errors, f"cachefilesctl: {mount.target}/deep/er/: Permission denied\n")
        (self.source / "small/3").chmod(0)
        (self.source / "deep/er").chmod(0o755)
        status, output, errors = self.program.run("--json", "warm", str(mount.target), user=NOBODY)
        result = json.loads(output)
        self.assertEqual((status, result["unreadable"], result["files"]), (1, 1, 10), errors)
        self.assertEqual(errors, f"cachefilesctl: {mount.target}/small/3: Permission denied\n")
        self.assertEqual((mount.cached("small/3"), mount.cached("small/4")), (0, 1000))

    def test_without_a_cache(self):
        self.tree()
        mount = self.mount(None)
        tree = self.cached_tree(mount.target)
        self.assertEqual((tree["online"], tree["files"], tree["cached_bytes"]), (False, 12, 0))
        self.assertIn("State     the mount has no cache at this moment\n",
                      self.program.text("cached", str(mount.target)))


class Warm(CtlCase):
    def test_what_is_not_there_is_read_once(self):
        self.tree()
        mount = self.mount(self.daemon())
        plan = self.program.json("warm", "--dry-run", str(mount.target))
        self.assertEqual((plan["files"], plan["bytes"], plan["there_files"]), (11, 2 * MIB + 10_000, 1))
        self.assertEqual(mount.number("source_bytes"), 0)
        self.warm(mount, "small/5")
        self.assertEqual(self.program.text("warm", "--dry-run", str(mount.target)),
                         "Would read 10 files, 2.0 MiB; 2 files there already.\n")
        result = self.program.json("warm", str(mount.target))
        wanted = 2 * MIB + 9000
        self.assertEqual(result, {"state": "done", "dry_run": False, "files": 10, "bytes": wanted, "there_files": 2,
                                  "there_bytes": 1000, "kept_bytes": wanted, "missing_bytes": 0, "unreadable": 0})
        self.assertEqual(self.cached_tree(mount.target)["whole_files"], 12)
        read = mount.number("source_bytes")
        self.assertEqual(read, wanted + 1000)
        self.assertEqual(self.program.text("warm", str(mount.target)),
                         "Read 0 files to the end, 0 B; 12 files there already.\n")
        self.assertEqual(mount.number("source_bytes"), read)

    def test_a_large_file_in_many_pieces_leaves_the_page_cache(self):
        data = self.put("large", os.urandom(70 * MIB))
        self.settle()
        mount = self.mount(self.daemon(), "nopassthrough")
        with descriptor(mount.path("large"), os.O_RDONLY) as file, Pages(file, len(data)) as pages:
            result = self.program.json("warm", "--jobs=1", str(mount.path("large")))
            self.assertLess(pages.resident(), 100)
            while pages.resident() < 1000:  # it can be told; something else may empty the page cache
                os.pread(file, 8 * MIB, 0)
        self.assertEqual((result["state"], result["kept_bytes"]), ("done", len(data)))
        self.assertEqual(mount.cached("large"), len(data))

    def test_an_interrupt_ends_it_and_the_next_one_goes_on(self):
        for number in range(40):
            self.put(f"{number:02}", os.urandom(64 << 10))
        self.settle()
        mount = self.mount(self.daemon())
        with self.program.spawn("warm", "--rate=128K/s", "--jobs", "2", str(mount.target)) as process:
            mount.wait_until(lambda: mount.number("stored_bytes") >= 192 << 10)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate()
        self.assertEqual((process.returncode, errors), (1, ""))
        files = int(re.match(r"Canceled: Read (\d+) files? to the end, .*; the same again goes on from there.\n",
                             output)[1])
        self.assertTrue(0 < files < 40, output)
        mount.wait_until(lambda: mount.number("stored_bytes") >= files * (64 << 10))
        result = self.program.json("warm", str(mount.target))
        self.assertGreaterEqual(result["there_files"], files)
        self.assertEqual(result["files"] + result["there_files"], 40)
        self.assertEqual(mount.number("source_bytes"), 40 * (64 << 10))  # nothing was read twice

    def test_an_interrupt_ends_it_while_the_source_hangs(self):
        self.tree()
        slow = self.folder / "slow"
        slow.mkdir()
        with SlowSource(os.environ["SLOW_SOURCE"], self.source, slow, self.folder) as source:
            mount = self.mount(self.daemon(), "timeout=0", source=slow)
            with self.program.spawn("warm", "--rate=4K", str(mount.target)) as process:
                mount.wait_until(lambda: mount.number("source_bytes") > 0)
                source.command("hang")
                mount.wait_until(lambda: source.counts()["hung"] > 0)
                process.send_signal(signal.SIGINT)
                output, _ = process.communicate()  # it comes back before the source does
            self.assertEqual((process.returncode, output.startswith("Canceled: ")), (1, True), output)
            source.command("ok")
            mount.end()

    def test_no_cache_is_noticed_before_it_begins(self):
        self.tree()
        mount = self.mount(None)
        status, output, errors = self.program.run("warm", str(mount.target))
        self.assertEqual((status, output, mount.number("source_bytes")), (3, "", 0))
        self.assertIn("the mount has no cache at this moment", errors)
        self.assertEqual(self.program.json("warm", "--dry-run", str(mount.target))["files"], 11)

    def test_a_cache_that_keeps_nothing_is_noticed(self):
        with open(self.source / "large", "wb") as large:
            large.truncate(10_000 * MIB)
        self.settle()
        mount = self.mount(self.daemon(), "cache=another")
        status, output, errors = self.program.run("--json", "warm", str(mount.target))
        result = json.loads(output)
        self.assertEqual((status, result["state"], result["kept_bytes"]), (1, "failed", 0))
        self.assertLess(result["bytes"], 10_000 * MIB)
        self.assertIn("nothing of what is read stays in the cache", errors)

    def test_a_tree_larger_than_the_cache_is_said(self):
        self.tree()
        mount = self.mount(self.daemon())
        bus = Bus()
        self.addCleanup(bus.stop)
        host = Host(bus)
        self.addCleanup(host.stop)
        program = self.ctl(bus.address)
        while program.run("status", "--root", str(program.root))[0] == 3:
            pass  # until it has its name
        self.assertEqual(program.run("warm", "--dry-run", str(mount.target))[2], "")
        with open(self.source / "large", "wb") as large:
            large.truncate(20 << 30)
        status, output, errors = program.run("warm", "--dry-run", str(mount.target))
        self.assertEqual((status, output), (0, "Would read 12 files, 20.0 GiB; 1 file there already.\n"))
        self.assertEqual(errors, "cachefilesctl: the trees have 20.0 GiB, and the cache has room for 8.0 GiB (max-size): "
                                 "what is read first will be gone when the last is read\n")

    def test_progress_on_a_terminal(self):
        self.tree()
        mount = self.mount(self.daemon())
        terminal = Terminal(self.program, "warm", "--rate", "64K", str(mount.target))
        terminal.until("░]").until("/s, ").until(" left")
        # As from ^C. To type it would throw away, some time later, what is written to the terminal by then.
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.end(), 1)
        self.assertIn("\r\x1b[KCanceled: Read ", terminal.seen)


class Page(CtlCase):
    """The names in the JSON are those of cachefilesctl(1)."""

    def test_names(self):
        self.tree()
        mount = self.mount(self.daemon())
        seen = {"cached": {"trees"}, "warm": set()}
        seen["cached"] |= set(self.cached_tree(mount.target))
        seen["cached"] |= set(self.program.lines("cached", "--files", str(mount.target))[0])
        seen["warm"] |= set(self.program.json("warm", str(mount.target)))
        page = (ROOT / "man/cachefilesctl.1").read_text(encoding="utf-8")
        for verb, names in seen.items():
            section = re.search(rf"^\.Ss Of {verb}\n(.*?)^\.S", page, re.M | re.S)[1]
            documented = {word for line in re.findall(r"^\.(?:It )?Li (.*)$", section, re.M)
                          for word in line.replace(" ,", " ").split() if re.fullmatch("[a-z_]+", word)}
            self.assertEqual(documented - {"done", "canceled", "failed"}, names)


class Pages:
    """Of an open file, in the page cache."""

    def __init__(self, file, size):
        self.size = size
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.mmap.restype = ctypes.c_void_p
        self.libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
        self.address = ctypes.c_void_p(self.libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.libc.munmap(self.address, ctypes.c_size_t(self.size))

    def resident(self):
        there = (ctypes.c_ubyte * -(-self.size // mmap.PAGESIZE))()
        if self.libc.mincore(self.address, ctypes.c_size_t(self.size), there) != 0:
            raise OSError(ctypes.get_errno(), "mincore")
        return sum(page & 1 for page in there)


if __name__ == "__main__":
    case.main()
