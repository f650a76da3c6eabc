#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers get right data or the source's own error, and nothing hangs."""
import contextlib
import errno
import os
import random
import signal
import subprocess
import threading

import case
from case import BLOCK, Case, descriptor
from mounts import mounted


class Load:
    """Threads that read files of a mount, and compare."""

    def __init__(self, mount, contents, allowed=()):
        self.mount, self.contents, self.allowed = mount, contents, set(allowed)
        self.wrong, self.reads, self.errors = [], 0, 0
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(seed,)) for seed in range(8)]
        for thread in self.threads:
            thread.start()

    def run(self, seed):
        rng = random.Random(seed)
        while not self.ended.is_set():
            name = rng.choice(list(self.contents))
            data = self.contents[name]
            start = rng.randrange(len(data))
            length = rng.choice([1, 4096, BLOCK, 2 * BLOCK])
            try:
                with descriptor(self.mount.path(name), os.O_RDONLY) as file:
                    got, wanted = os.pread(file, length, start), data[start:start + length]
                # Where the mount may die, it may die in the middle of a read.
                if got != wanted and not (self.allowed and wanted.startswith(got)):
                    self.wrong.append((name, start, length, len(got)))
                self.reads += 1
            except OSError as error:
                self.errors += 1
                if error.errno not in self.allowed:
                    self.wrong.append((name, errno.errorcode[error.errno]))

    def until(self, reads):
        """So many more."""
        wanted = self.reads + reads
        while self.reads < wanted and not self.wrong:
            self.ended.wait(0.01)

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        return self.wrong[:5]


class Faults(Case):
    def contents(self, count=12):
        contents = {f"file{number}": self.put(f"file{number}", os.urandom(4 * BLOCK + number)) for number in range(count)}
        self.settle()
        return contents

    def test_the_daemon_is_killed(self):
        contents = self.contents()
        daemon = self.daemon()
        for options in ((), ("nopassthrough",)):
            load = Load(self.mount(daemon, *options), contents)
            for _ in range(3):
                load.until(100)
                daemon.kill()
                load.until(100)
                daemon.start()
            load.until(100)
            self.assertEqual(load.end(), [])
            load.mount.wait_until(lambda mount=load.mount: mount.number("online") == 1)
            load.mount.end()

    def test_the_daemon_is_restarted_while_files_are_written(self):
        daemon = self.daemon()
        mount = self.mount(daemon, "rw")
        ended = threading.Event()
        wrong = []

        def write(number):
            rng = random.Random(number)
            data = bytearray(4 * BLOCK)
            with descriptor(mount.path(f"f{number}"), os.O_RDWR | os.O_CREAT) as file:
                os.pwrite(file, data, 0)
                while not ended.is_set():
                    start = rng.randrange(len(data) - 70000)
                    piece = rng.randbytes(rng.choice([1, 4096, 70000]))
                    os.pwrite(file, piece, start)
                    data[start:start + len(piece)] = piece
                    if mount.read(f"f{number}") != data:
                        wrong.append(number)
            if mount.read(f"f{number}") != data or (self.source / f"f{number}").read_bytes() != data:
                wrong.append(number)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        for end in (daemon.kill, daemon.stop, daemon.kill):
            mount.wait_until(lambda: mount.number("online") == 1)
            end()
            mount.wait_until(lambda: mount.number("online") == 0)
            daemon.start()
        ended.set()
        for writer in writers:
            writer.join()
        self.assertEqual(wrong, [])
        mount.end()
        mount.start()
        for number in range(4):
            self.assertEqual(mount.read(f"f{number}"), (self.source / f"f{number}").read_bytes())

    def test_the_mount_is_killed(self):
        contents = self.contents()
        mount = self.mount(self.daemon())
        load = Load(mount, contents, [errno.ENOTCONN, errno.ECONNABORTED, errno.EIO])
        load.until(100)
        mount.kill()
        while load.errors == 0:
            load.ended.wait(0.01)
        self.assertEqual(load.end(), [])
        with self.assert_errno(errno.ENOTCONN):
            mount.read("file0")
        mount.start()  # over what is left of it
        load = Load(mount, contents)
        load.until(200)
        self.assertEqual(load.end(), [])

    def test_the_sources_own_error(self):
        contents = self.contents(6)
        slow = self.slow()
        daemon = self.daemon()
        for error, (warm, cold, closed) in ((errno.EIO, list(contents)[:3]), (errno.ESTALE, list(contents)[3:])):
            mount = self.mount(daemon, source=slow.mount_point)
            self.warm(mount, warm)
            with descriptor(mount.path(warm), os.O_RDONLY) as cached, \
                    descriptor(mount.path(cold), os.O_RDONLY) as uncached:
                slow.command(f"error={errno.errorcode[error]}")
                self.assertEqual(os.pread(cached, 5 * BLOCK, 0), contents[warm])
                with self.assert_errno(error):
                    os.pread(uncached, 4096, 2 * BLOCK)
                with self.assert_errno(error):
                    mount.read(closed)
                slow.command("ok")
                self.assertEqual(os.pread(uncached, 5 * BLOCK, 0), contents[cold])
            self.assertEqual(mount.read(closed), contents[closed])
            mount.end()
            # What is believed for a time is read without the source.
            mount = self.mount(daemon, "revalidate=1h", source=slow.mount_point)
            mount.read(warm)
            slow.command(f"error={errno.errorcode[error]}")
            self.assertEqual(mount.read(warm), contents[warm])
            slow.command("ok")
            mount.end()

    @staticmethod
    @contextlib.contextmanager
    def hanging(slow):
        """Nobody can be killed who waits for it: it must not stay so."""
        slow.command("hang")
        try:
            yield
        finally:
            slow.command("ok")

    def test_the_source_hangs(self):
        contents = self.contents(3)
        slow = self.slow()
        mount = self.mount(self.daemon(), "timeout=2", source=slow.mount_point)
        self.warm(mount, "file0")
        with descriptor(mount.path("file0"), os.O_RDONLY) as cached, self.hanging(slow):
            with self.assert_errno(errno.ETIMEDOUT):
                mount.read("file1")
            self.assertEqual(os.pread(cached, 5 * BLOCK, 0), contents["file0"])
            # Many more than there are threads: they fail, and who has what he needs still gets it.
            failed = []
            readers = [threading.Thread(target=lambda: failed.append(self.fails_to_read(mount, "file1")))
                       for _ in range(300)]
            for reader in readers:
                reader.start()
            self.assertEqual(os.pread(cached, BLOCK, BLOCK), contents["file0"][BLOCK:2 * BLOCK])
            for reader in readers:
                reader.join()
            self.assertEqual(failed, [True] * 300)
        mount.wait_until(lambda: not self.fails_to_read(mount, "file1"))
        self.assertGreater(mount.number("time_outs"), 0)
        self.assertEqual(mount.read("file1"), contents["file1"])
        self.assertEqual(mount.read("file2"), contents["file2"])

    @staticmethod
    def fails_to_read(mount, name):
        try:
            mount.read(name)
            return False
        except TimeoutError:
            return True

    def test_who_waits_for_a_source_that_hangs_can_be_killed(self):
        self.contents(1)
        slow = self.slow()
        mount = self.mount(self.daemon(), "timeout=0", source=slow.mount_point)
        with self.hanging(slow), subprocess.Popen(["cat", mount.path("file0")]) as reader:
            while slow.counts()["hung"] == 0:
                pass
            reader.send_signal(signal.SIGKILL)
            reader.wait()
        self.assertEqual(len(mount.read("file0")), 4 * BLOCK)

    def test_the_disk_is_full(self):
        with mounted("ext4", megabytes=24, options="user_xattr") as disk:
            contents = self.contents(40)
            daemon = self.daemon(cache=str(disk))
            mount = self.mount(daemon)
            load = Load(mount, contents)
            load.until(1000)
            self.assertEqual(load.end(), [])
            self.assertGreater(mount.number("unstored_bytes") + mount.number("source_bytes"), 40 * 4 * BLOCK)
            mount.end()
            daemon.stop()

    def test_what_is_cached_is_culled(self):
        contents = self.contents(40)
        daemon = self.daemon(limits={"max-size": "8MiB"})
        load = Load(self.mount(daemon), contents)
        load.until(1000)
        self.assertEqual(load.end(), [])
        daemon.wait_until(lambda: daemon.number("culled") > 0)

    def test_the_cache_is_withdrawn_and_gone(self):
        contents = self.contents()
        daemon = self.daemon()
        load = Load(self.mount(daemon), contents)
        load.until(200)
        daemon.stop()
        subprocess.run(["rm", "-rf", daemon.cache / "cache"], check=True)
        load.until(200)
        daemon.start()
        load.until(200)
        self.assertEqual(load.end(), [])


if __name__ == "__main__":
    case.main()
