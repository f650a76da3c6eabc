# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon with its user backend, on a cache directory of this machine."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class UserDaemon:
    """`folder` gets the configuration, the socket, the log and the index. Ready when it says so to its service
    manager: `ready` is the time, in seconds, that this took from its start."""

    def __init__(self, program: pathlib.Path, cache: pathlib.Path, folder: pathlib.Path, index: pathlib.Path | None = None,
                 limits: str = "", user: str = "", culling: str = "", wrapper: tuple[str, ...] = ()):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._program = program
        self._wrapper = wrapper
        self._cache = cache
        self._index = index or folder / "index"
        self._index.mkdir(parents=True, exist_ok=True)
        self._user, self._culling = user, culling
        self.socket = folder / "netfs"
        self.log = folder / "log"
        self.configure(limits)
        self.ready = 0.0

    def configure(self, limits: str) -> None:
        text = (f"cache: {{directory: {self._cache}, tag: bench}}\n"
                f"index: {{directory: {self._index}}}\n"
                "daemon: {backend: user}\n"
                f"user: {{socket: {self.socket}{', ' + self._user if self._user else ''}}}\n")
        if limits:
            text += f"limits: {{{limits}}}\n"
        if self._culling:
            text += f"culling: {{{self._culling}}}\n"
        (self._folder / "c.yaml").write_text(text)

    def __enter__(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices, self.log.open("w") as log:
            address = self._folder / "notify"
            address.unlink(missing_ok=True)
            notices.bind(str(address))
            begin = time.monotonic()
            self._process = subprocess.Popen([*self._wrapper, self._program, "-n", "-f", self._folder / "c.yaml"], stderr=log,
                                             stdout=log, env=os.environ | {"NOTIFY_SOCKET": str(address)})
            while not self._is_ready(notices):
                if self._process.poll() is not None:
                    raise SystemExit(f"the daemon ended:\n{self.log.read_text()}")
            self.ready = time.monotonic() - begin
        return self

    @staticmethod
    def _is_ready(notices: socket.socket) -> bool:
        if not select.select([notices], [], [], 0.2)[0]:
            return False
        return b"READY=1" in notices.recv(4096)

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self) -> int:
        """Of the daemon, also if a wrapper started it."""
        if not self._wrapper:
            return self._process.pid
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0])

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        if self._process.poll() is None:
            os.kill(self.pid, with_signal)
            self._process.wait()

    def reload(self, limits: str) -> None:
        self.configure(limits)
        os.kill(self.pid, signal.SIGHUP)

    def cpu(self) -> float:
        """Seconds, of all threads."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mib(self) -> float:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024

    def details(self) -> dict[str, str]:
        """The counters that it writes to its log on SIGUSR1."""
        before = self.log.read_text().count("status: ")
        os.kill(self.pid, signal.SIGUSR1)
        while True:
            lines = [line for line in self.log.read_text().splitlines() if "status: " in line]
            if len(lines) > before:
                return dict(word.split("=", 1) for word in lines[-1].split() if "=" in word)
            time.sleep(0.01)

    def wait_for_step(self) -> None:
        """Until its index holds what is in the tree."""
        while self.details().get("in_step") != "1":
            time.sleep(0.1)
