# SPDX-License-Identifier: GPL-2.0-or-later
"""The program slow_source, which shows a directory as a slow and faulty file system would."""

import pathlib
import signal
import socket
import subprocess


class SlowSource:
    """Mounted while it is entered. `folder`: for its control socket."""

    def __init__(self, program, directory, mount_point, folder, delay="0us", rate="0", writable=False, direct=False):
        self._control = pathlib.Path(folder) / "slow_source"
        self._command = [str(program), str(directory), str(mount_point), "--delay", delay, "--rate", rate,
                         "--control", str(self._control)]
        self._command += ["--rw"] * writable + ["--direct"] * direct
        self.mount_point = pathlib.Path(mount_point)

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"slow_source ended with {self._process.wait()}")
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self, with_signal: int = signal.SIGTERM) -> None:
        """Idempotent. After SIGKILL the mount is still there, and everything in it fails with ENOTCONN."""
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
            self._process.wait()
        self._process.stdout.close()
        if with_signal != signal.SIGKILL:
            subprocess.run(["umount", "-l", self.mount_point], check=False, stderr=subprocess.DEVNULL)

    def command(self, line: str) -> str:
        """In effect when it returns: "hang", "error=EIO", "ok", "delay=MICROSECONDS", "rate=BYTES"."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self._control))
            control.sendall(f"{line}\n".encode())
            answer = control.makefile().readline().strip()
        if answer.startswith("no such"):
            raise ValueError(answer)
        return answer

    def counts(self) -> dict[str, int]:
        """Requests by their kind, bytes_read, bytes_written, and `hung`: how many wait at this moment."""
        return {name: int(value) for name, value in (word.split("=") for word in self.command("counts").split())}
