# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon with the user backend, from outside: through its socket, its signals and its files."""
import os
import re
import signal
import subprocess
import time
import unittest

import library
from daemon import Daemon
from library import BLOCK, Client
from mounts import mounted


def source(count, blocks=1):
    return {b"file%d" % i: os.urandom(16) * (blocks * BLOCK // 16) for i in range(count)}


class Case(unittest.TestCase):
    def daemon(self, **sections):
        daemon = Daemon(**sections)
        self.addCleanup(daemon.close)
        return daemon

    def client(self, daemon, files=None):
        client = Client(daemon.socket)
        client.source = files if files is not None else source(8)
        return client

    def fill(self, daemon, files):
        """A client that reads all of them, and goes. Waits until the daemon has closed them."""
        client = self.client(daemon, files)
        client.fetch_all()
        client.end()
        daemon.wait_until(lambda: daemon.number("objects") == len(files) and daemon.number("volumes_open") == 0)


class Filling(Case):
    def test_cold_and_warm(self):
        daemon = self.daemon().start()
        client = self.client(daemon)
        self.assertEqual(client.fetch_all(), dict.fromkeys(client.source, BLOCK))
        self.assertEqual(client.fetch_all(), dict.fromkeys(client.source, 0))
        client.end()
        daemon.stop()
        self.assertEqual(len(daemon.files()), 8)
        self.assertFalse(daemon.socket.exists())

    def test_restart_keeps_the_contents_and_reads_nothing(self):
        files = source(8)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        daemon.stop()
        daemon.start()
        daemon.wait_until(lambda: daemon.number("reconciled") == 1)
        self.assertEqual(daemon.number("last_directories_read"), 0)
        self.assertEqual(daemon.number("objects"), 8)
        client = self.client(daemon, files)
        self.assertEqual(client.fetch_all(), dict.fromkeys(files, 0))

    def test_a_client_outlives_a_restart(self):
        daemon = self.daemon().start()
        client = self.client(daemon)
        client.fetch_all()
        daemon.stop()
        self.assertEqual(sum(client.fetch_all().values()), 8 * BLOCK)  # no daemon: from the source
        daemon.start()
        daemon.wait_until(client.online)
        self.assertEqual(client.fetch_all(), dict.fromkeys(client.source, 0))

    def test_kill_keeps_what_was_committed(self):
        files = source(8)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        daemon.wait_until(lambda: daemon.number("uncommitted") == 0)
        daemon.kill()
        daemon.start()
        client = self.client(daemon, files)
        self.assertEqual(client.fetch_all(), dict.fromkeys(files, 0))

    def test_more_clients_than_allowed(self):
        daemon = self.daemon(user={"max-clients": 2}).start()
        clients = [Client(daemon.socket), Client(daemon.socket)]
        with self.assertRaises(OSError):
            Client(daemon.socket)
        clients.pop().end()
        daemon.wait_until(lambda: daemon.number("clients") == 1)
        Client(daemon.socket).end()


class Metrics(Case):
    def samples(self):
        """NAME{LABELS} -> value, without what all have in common; nothing while there is no file."""
        if not self.file.exists():
            return {}
        text = self.file.read_text(encoding="utf-8").replace('{cache="test"}', "").replace('cache="test",', "")
        return {name: float(value) for name, value in re.findall(r"^cachefiles_(\S+) (\S+)$", text, re.M)}

    def expect(self, daemon, **values):
        daemon.wait_until(lambda: values.items() <= self.samples().items())

    def test_what_clients_do_is_written_to_a_file(self):
        daemon = self.daemon()
        self.file = daemon.root / "m.prom"
        daemon.config["metrics"] = {"textfile": str(self.file), "interval": "1s"}
        daemon.start()
        client = self.client(daemon)
        client.fetch_all()
        client.fetch_all()
        self.expect(daemon, online=1, clients=1, **{
            'lookups_total{result="created"}': 8,
            'stores_total{purpose="fill"}': 8, 'stored_bytes_total{purpose="fill"}': 8 * BLOCK})
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o644)
        client.end()
        again = self.client(daemon, client.source)
        again.fetch_all()
        again.end()  # which tells what it has read
        self.expect(daemon, **{'lookups_total{result="created"}': 8, 'stores_total{purpose="fill"}': 8})
        for counter in ['lookups_total{result="found"}', "touches_total"]:
            daemon.wait_until(lambda name=counter: self.samples()[name] >= 8)
        self.expect(daemon, objects=8, commit_waiting_bytes=0, index_uncommitted=0)
        daemon.stop()
        self.assertFalse(self.file.exists())

    def test_reload(self):
        daemon = self.daemon()
        daemon.config["metrics"] = {}
        daemon.start()
        self.file = daemon.root / "m.prom"
        daemon.reload(metrics={"textfile": str(daemon.root / "none" / "m.prom")})
        daemon.wait_until(lambda: daemon.said("none/m.prom: No such file or directory"))
        daemon.reload(metrics={"textfile": str(self.file)})
        self.expect(daemon, online=1)
        daemon.reload(metrics={"textfile": "none"})
        daemon.wait_until(lambda: not self.file.exists())


class Culling(Case):
    def test_a_lowered_limit_culls_the_least_recently_used(self):
        files = source(8)
        daemon = self.daemon(index={"touch-granularity": "1s"}).start()
        for key in sorted(files):  # one a second: the order is by the second
            self.fill_one(daemon, files, key)
        before = daemon.number("bytes")
        daemon.reload(limits={"max-size": before // 2})
        daemon.wait_until(lambda: daemon.number("bytes") <= before // 2 and daemon.status()["culling"] == "0")
        left = daemon.number("objects")
        self.assertEqual(daemon.number("culled"), 8 - left)
        client = self.client(daemon, files)
        fetched = client.fetch_all(sorted(files))
        self.assertEqual([key for key, count in fetched.items() if count == 0], sorted(files)[8 - left:])

    def fill_one(self, daemon, files, key):
        client = self.client(daemon, files)
        client.fetch_all([key])
        client.end()
        daemon.wait_until(lambda: daemon.number("clients") == 0 and daemon.number("volumes_open") == 0)
        second = int(os.stat(daemon.cache / "cache" / max(
            daemon.files(), key=lambda name: os.stat(daemon.cache / "cache" / name).st_ctime_ns)).st_ctime)
        daemon.wait_until(lambda: int(time.time()) > second + 1)

    def test_reads_of_what_is_open_count(self):
        """Of files that stay open the cache knows no end: their readers tell it."""
        files = source(8)
        daemon = self.daemon(index={"touch-granularity": "1s", "commit-interval": "2s"},
                             user={"idle-timeout": "1h", "commit-interval": "1h"}).start()
        self.fill(daemon, files)
        client = self.client(daemon, files)
        for key in files:
            client.open(key)
        self.read_and_let_go(daemon, client, files)
        second = int(time.time())
        daemon.wait_until(lambda: int(time.time()) > second)
        read = [b"file0", b"file2", b"file5", b"file7"]
        for key in read:
            client.use(key)
        self.read_and_let_go(daemon, client, read)
        self.assertEqual(client.fetched, 0)
        # The second row that is committed after them begins a transaction that ends after them.
        for number in range(2):
            client.source = {b"marker%d" % number: b"."}
            client.fetch_all()
            daemon.wait_until(lambda count=9 + number: daemon.number("objects") == count)
            daemon.wait_until(lambda: daemon.number("uncommitted") == 0)
        daemon.kill()  # an orderly end would close all of them now
        client.end()
        daemon.start()
        daemon.reload(limits={"max-files": 5})
        daemon.wait_until(lambda: daemon.number("objects") <= 5 and daemon.status()["culling"] == "0")
        fetched = self.client(daemon, files).fetch_all()
        kept = {key for key, count in fetched.items() if count == 0}
        self.assertTrue(kept)
        self.assertLessEqual(kept, set(read))

    def read_and_let_go(self, daemon, client, keys):
        for key in keys:
            client.read(key)
            client.unuse(key)
        daemon.wait_until(lambda: daemon.number("jobs") == 0)

    def test_what_is_in_use_stays(self):
        files = source(8)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        client = self.client(daemon, files)
        client.open(b"file3")
        client.read(b"file3")
        daemon.reload(limits={"max-files": 1})
        daemon.wait_until(lambda: daemon.number("objects") == 1)
        self.assertEqual(client.fetched, 0)
        self.assertEqual(client.read(b"file3"), files[b"file3"])
        self.assertEqual(client.fetched, 0)
        self.assertEqual(len(daemon.files()), 1)

    def test_a_stall_ends_when_something_is_let_go(self):
        files = source(2)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        client = self.client(daemon, files)
        for key in files:
            client.open(key)
            client.read(key)
        daemon.reload(limits={"max-files": 1})
        daemon.wait_until(lambda: daemon.status()["stalled"] == "1")
        client.close(b"file0")
        daemon.wait_until(lambda: daemon.number("objects") == 1)
        self.assertEqual(client.read(b"file1"), files[b"file1"])

    def test_a_dead_volume_goes_as_a_whole(self):
        files = source(8)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        daemon.reload(limits={"max-age": "1s"})
        daemon.wait_until(lambda: daemon.number("objects") == 0)
        daemon.wait_until(lambda: daemon.number("reaped_files") == 8 or daemon.number("culled_volumes") == 0)
        self.assertEqual(daemon.files(), [])


class Index(Case):
    def populated(self):
        files = source(8)
        daemon = self.daemon().start()
        self.fill(daemon, files)
        daemon.stop()
        return daemon, files

    def test_deleted(self):
        daemon, files = self.populated()
        for path in daemon.index.parent.iterdir():
            path.unlink()
        daemon.start()
        daemon.wait_until(lambda: daemon.number("objects") == 8)
        # Without its maps nothing that is there counts, and nothing wrong is served.
        client = self.client(daemon, files)
        client.fetch_all()
        self.assertEqual(client.fetch_all(), dict.fromkeys(files, 0))

    def test_corrupt(self):
        daemon, files = self.populated()
        daemon.index.write_bytes(os.urandom(1 << 16))
        daemon.start()
        daemon.wait_until(lambda: daemon.number("objects") == 8)
        self.assertTrue(any(".corrupt-" in path.name for path in daemon.index.parent.iterdir()))
        client = self.client(daemon, files)
        client.fetch_all()

    def test_what_was_removed_by_hand_is_found_missing(self):
        daemon, _files = self.populated()
        (daemon.cache / "cache" / daemon.files()[0]).unlink()
        daemon.start()
        daemon.wait_until(lambda: daemon.number("reconciled") == 1)
        self.assertEqual(daemon.number("objects"), 7)
        self.assertEqual(daemon.number("last_directories_read"), 1)


class Disk(Case):
    def test_full(self):
        with mounted("ext4", megabytes=64) as path:
            daemon = self.daemon(cache=path, limits={"bstop": "5%", "bcull": "10%", "brun": "20%",
                                                     "fstop": "0%", "fcull": "1%", "frun": "2%"}).start()
            client = self.client(daemon, source(100, blocks=4))
            client.fetch_all()  # 100 MiB: the bytes are right, whatever fits
            free = os.statvfs(path)
            self.assertGreater(free.f_bavail * 100 // free.f_blocks, 2)
            daemon.wait_until(lambda: daemon.number("culled") > 0)
            client.end()
            daemon.stop()
            daemon.close()

    def test_extent_size(self):
        def hint(path):
            return subprocess.run(["xfs_io", "-r", "-c", "extsize", str(path)], check=True, stdout=subprocess.PIPE).stdout

        with mounted("xfs", megabytes=320) as path:
            files = source(40)
            daemon = self.daemon(cache=path).start()
            client = self.client(daemon, files)
            client.fetch_all(list(files)[:2])  # its directories are there before the setting
            client.end()
            daemon.stop()
            old = daemon.files()
            daemon.config["cache"]["extent-size"] = "1MiB"
            daemon.start()
            daemon.wait_until(lambda: "new files get disk space in pieces of 1.0 MiB" in daemon.log())
            client = self.client(daemon, files)
            client.fetch_all()
            client.end()
            daemon.stop()
            self.assertEqual((len(old), len(daemon.files())), (2, 40))
            for name in daemon.files():
                self.assertEqual(hint(path / "cache" / name).startswith(b"[1048576]"), name not in old, name)
            daemon.start()
            daemon.stop()
            self.assertEqual(daemon.log().count("new files get"), 1)  # nothing was left to do
            daemon.close()

    def test_extent_size_of_a_file_system_without(self):
        with mounted("ext4", megabytes=16) as path:
            daemon = self.daemon(cache=path)
            daemon.config["cache"]["extent-size"] = "1MiB"
            daemon.start()
            daemon.wait_until(lambda: "the cache's file system has no such setting" in daemon.log())
            daemon.stop()
            daemon.close()

    def test_read_only(self):
        with mounted("ext4", megabytes=16) as path:
            daemon = self.daemon(cache=path)
            subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)
            self.assertIn("Read-only file system", daemon.refused())

    def test_a_file_system_that_lacks_something_is_refused_by_its_name(self):
        with mounted("ramfs") as path:
            said = self.daemon(cache=path).refused()
            self.assertIn("the file system cannot do extended attributes of users", said)

    def test_a_missing_directory(self):
        daemon = self.daemon()
        daemon.config["cache"]["directory"] = str(daemon.root / "missing")
        self.assertIn("cannot open the cache directory", daemon.refused())


class TwoDaemons(Case):
    def test_one_directory(self):
        first = self.daemon().start()
        second = self.daemon(cache=first.cache)
        said = second.refused()
        self.assertIn(f"{first.cache} is in use by process {first.process.pid}", said)
        self.client(first).fetch_all()  # the first one goes on

    def test_one_socket(self):
        first = self.daemon().start()
        second = self.daemon(user={"socket": str(first.socket)})
        self.assertIn(str(first.socket), second.refused())
        self.client(first).fetch_all()


class OtherBackend(Case):
    def test_the_driver_has_let_go(self):
        """The driver has the cache as long as anybody has its device open."""
        ours, theirs = os.pipe()
        daemon = self.daemon()
        daemon.kept = theirs
        daemon.start()
        os.close(theirs)
        self.assertTrue(any(b"FDSTOREREMOVE=1\nFDNAME=cachefiles" in each for each in daemon.told), daemon.told)
        os.set_blocking(ours, False)
        self.assertEqual(os.read(ours, 1), b"")  # it blocks as long as somebody has the other end
        os.close(ours)
        self.client(daemon).fetch_all()


@unittest.skipUnless(os.geteuid() == 0 and os.path.exists("/dev/fuse"), "needs root and FUSE")
class DeviceFile(Case):
    def bind(self, daemon):
        """As a daemon for the driver does it. What it has open is the cache."""
        device = os.open(daemon.root / "dev" / "cachefiles", os.O_RDWR)
        limits = ["bstop 0%", "bcull 1%", "brun 2%"]  # a full disk is not what is tested
        for command in [*limits, f"dir {daemon.cache}", "tag mine", "bind"]:
            os.write(device, command.encode())
        return device

    def test_another_daemon_binds(self):
        daemon = self.daemon(user={"bound-by": "device"}).start()
        client = self.client(daemon)
        self.assertEqual(sum(client.fetch_all().values()), 8 * BLOCK)
        self.assertEqual(sum(client.fetch_all().values()), 8 * BLOCK)  # no cache: nothing was kept
        device = self.bind(daemon)
        daemon.wait_until(lambda: daemon.status()["online"] == "1")
        client.end()
        client = self.client(daemon, client.source)
        client.fetch_all()
        self.assertEqual(client.fetch_all(), dict.fromkeys(client.source, 0))
        self.assertTrue(os.read(device, 4096).startswith(b"cull=0 "))
        client.end()
        daemon.wait_until(lambda: daemon.number("volumes_open") == 0)
        self.cull(device, daemon.cache / "cache" / daemon.files()[0])
        self.assertEqual(len(daemon.files()), 7)
        self.assertEqual(daemon.number("objects"), 7)
        os.close(device)
        daemon.wait_until(lambda: daemon.status()["online"] == "0")
        daemon.stop()
        self.assertFalse(os.path.ismount(daemon.root / "dev"))

    def test_a_slow_withdrawal_asks_for_patience(self):
        with mounted("ext4", megabytes=64) as path:
            daemon = self.daemon(cache=path, user={"bound-by": "device"}).start()
            device = self.bind(daemon)
            daemon.wait_until(lambda: daemon.status()["online"] == "1")
            client = self.client(daemon)
            client.fetch_all()
            notified = daemon.listen()
            subprocess.run(["fsfreeze", "--freeze", str(path)], check=True)
            try:
                daemon.process.send_signal(signal.SIGTERM)
                while b"EXTEND_TIMEOUT_USEC=" not in notified.recv(65536):
                    pass
                notified.close()
                self.assertIsNone(daemon.process.poll())
            finally:
                subprocess.run(["fsfreeze", "--unfreeze", str(path)], check=True)
            daemon.stop()
            os.close(device)

    def cull(self, device, path):
        before = os.getcwd()
        os.chdir(path.parent)
        try:
            os.write(device, f"cull {path.name}".encode())
        finally:
            os.chdir(before)

    def test_beside_the_daemons_own_cache(self):
        daemon = self.daemon(user={"device": True}).start()
        self.client(daemon).fetch_all()
        device = os.open(daemon.root / "dev" / "cachefiles", os.O_RDWR)
        os.write(device, f"dir {daemon.cache}".encode())
        os.write(device, b"tag another")
        with self.assertRaises(OSError):
            os.write(device, b"bind")  # the directory is the daemon's
        os.close(device)
        daemon.stop()


class OrdinaryUser(Case):
    @unittest.skipIf(os.geteuid() != 0, "the tests run as an ordinary user already")
    def test_runs_without_root(self):
        daemon = self.daemon()
        nobody = 65534
        for path in [daemon.root, daemon.cache, daemon.index.parent]:
            os.chown(path, nobody, nobody)
        (daemon.root / "log").touch()
        os.chown(daemon.root / "log", nobody, nobody)
        daemon.user = nobody
        daemon.start()
        self.client(daemon).fetch_all()
        daemon.stop()
        self.assertEqual(len(daemon.files()), 8)


if __name__ == "__main__":
    assert library.LIBRARY
    unittest.main(verbosity=2)
