# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is compared by bench/mount: each shows the slow source at a mount point, with a cache on the same disk, or none."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

from lab.user_daemon import TICKS, UserDaemon

# Rclone's cache in its fullest mode, and the rest as fast as it can be had without giving up what ours keeps: no checksum
# where size and time say it, files are not checked for changes while they are read, and what the kernel and rclone have
# learned is believed for five minutes.
RCLONE = ["--read-only", "--vfs-cache-mode", "full", "--dir-cache-time", "5m", "--attr-timeout", "5m", "--poll-interval",
          "0", "--vfs-fast-fingerprint", "--local-no-check-updated", "--no-checksum", "--vfs-cache-max-age", "24h",
          "--vfs-read-ahead", "4M", "--buffer-size", "16M", "--max-read-ahead", "4M", "--allow-other"]
SETTLED = 1.0  # seconds without any change


def cpu_of(pid: int) -> float:
    """Seconds, of all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wait_until_at_rest(value) -> None:
    before, since = None, 0.0
    while before is None or time.monotonic() - since < SETTLED:
        now = value()
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.1)


class Bare:
    """The source itself."""

    def __init__(self, source: pathlib.Path):
        self.path = source

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def cpu(self) -> float:
        return 0

    def settle(self) -> None:
        """Until everything that was read is in the cache."""

    def cached_file(self, size: int) -> pathlib.Path | None:
        """Where the cache has a file of that size."""
        return None


class Mounted(Bare):
    """A program that stays in the foreground while it serves the mount."""

    def __init__(self, source: pathlib.Path, disk: pathlib.Path):
        super().__init__(disk / "mount")
        self._source, self._disk = source, disk

    def _mount(self, *command) -> None:
        self.path.mkdir()
        log = self._disk / "mount.log"
        with log.open("w") as messages:
            self._process = subprocess.Popen([str(word) for word in command], stdout=messages, stderr=messages)
        while not os.path.ismount(self.path):
            if self._process.poll() is not None:
                raise SystemExit(f"{command[0]} ended:\n{log.read_text()}")
            time.sleep(0.02)

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)
        self._process.wait()

    def cpu(self) -> float:
        return cpu_of(self._process.pid)


class Rclone(Mounted):
    def __enter__(self):
        self._cache = self._disk / "rclone"
        self._mount("rclone", "mount", *RCLONE, "--config", "/dev/null", "--cache-dir", self._cache, self._source, self.path)
        return self

    def settle(self) -> None:
        """It has no counters: until its disk is at rest."""
        wait_until_at_rest(lambda: shutil.disk_usage(self._disk).used)


class Ours(Mounted):
    """The daemon, and cachefiles-mount with these options."""

    def __init__(self, source: pathlib.Path, disk: pathlib.Path, build: pathlib.Path, options: str):
        super().__init__(source, disk)
        self._build, self._options = build, options
        self._cache = disk / "fscache"
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self._cache.mkdir()
        # Of a disk that is nearly filled by what is measured: nothing is culled for that.
        limits = "bstop: 0%, bcull: 1%, brun: 2%, fstop: 0%, fcull: 1%, frun: 2%"
        self._daemon = self._stack.enter_context(
            UserDaemon(self._build / "daemon/cachefilesd", self._cache, self._disk / "daemon", limits=limits))
        self._mount(self._build / "mount/cachefiles-mount", self._source, self.path, "-f",
                    "-o", f"socket={self._daemon.socket},{self._options}")
        return self

    def __exit__(self, *_):
        super().__exit__()
        self._stack.close()

    def cpu(self) -> float:
        return super().cpu() + self._daemon.cpu()

    def settle(self) -> None:
        wait_until_at_rest(lambda: os.getxattr(self.path, "cachefiles.mount"))

    def cached_file(self, size: int) -> pathlib.Path:
        for path in (self._cache / "cache").rglob("*"):
            if path.is_file() and path.stat().st_size == size:
                return path
        raise SystemExit(f"there is no file of {size} bytes in {self._cache}")
