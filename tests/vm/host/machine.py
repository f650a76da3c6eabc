# SPDX-License-Identifier: GPL-2.0-or-later
"""One qemu guest: its disks, its shares, its console, and whether anything still moves in it."""

import os
import pathlib
import signal
import subprocess
import time
from dataclasses import dataclass

from .kernels import Kernel
from .missing import find

# quiet to random: speed. nowatchdog, rcu: an emulated CPU that waits for its turn on a busy host
# is no lockup. panic, oops: qemu runs with -no-reboot, so a kernel that has gone wrong ends the
# boot at once.
COMMAND_LINE = (
    "console=ttyS0 quiet loglevel=4 cryptomgr.notests mitigations=off nokaslr audit=0 "
    "random.trust_cpu=on nowatchdog rcupdate.rcu_cpu_stall_suppress=1 panic=-1 oops=panic"
)

# Without erms and fsrm the kernel clears and copies memory by words: the emulation takes `rep stosb` byte by byte, and
# to clear a page then costs more than a system call.
CPU = "max,-erms,-fsrm"

# A 9P device serves one mount at a time: a plain one for the server's side, two for cached mounts.
SHARES = {"results": "results", "share": "share", "cached0": "share", "cached1": "share"}


@dataclass(frozen=True)
class Shape:
    memory: str = "2G"
    cache_size: str = "2G"
    export_size: str = "1G"
    # More images; the guest finds one by its serial, which is the file's stem.
    disks: tuple[pathlib.Path, ...] = ()
    # One CPU, whose clock is the number of its instructions: a busy host makes no difference.
    counted: bool = False


class Machine:
    def __init__(
        self, directory: pathlib.Path, kernel: Kernel, initramfs: pathlib.Path, shape: Shape,
        shell: bool,
    ):
        self._console = directory / "console.log"
        self._results = directory / "results"
        self._serial = "mon:stdio" if shell else f"file:{self._console}"
        self._arguments = self._command(directory, kernel, initramfs, shape)
        self._process: subprocess.Popen | None = None
        self._moved = time.monotonic()
        self._seen = -1

    def start(self) -> None:
        stdin = None if self._serial == "mon:stdio" else subprocess.DEVNULL
        self._process = subprocess.Popen(self._arguments, stdin=stdin)
        self._moved = time.monotonic()

    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> None:
        self._process.wait()

    def silent_for(self) -> float:
        """Seconds since the console or any result file last grew."""
        files = [self._console, *self._results.iterdir()]
        size = sum(file.stat().st_size for file in files if file.exists())
        if size != self._seen:
            self._seen, self._moved = size, time.monotonic()
        return time.monotonic() - self._moved

    def stop(self) -> None:
        if self._process and self.running():
            self._process.send_signal(signal.SIGKILL)
        if self._process:
            self._process.wait()

    def _command(
        self, directory: pathlib.Path, kernel: Kernel, initramfs: pathlib.Path, shape: Shape
    ) -> list[str]:
        if shape.counted:
            speed = ["tcg,thread=single", "-icount", "shift=1", "-smp", "1"]
        else:
            speed = ["tcg,thread=multi", "-smp", "2"]
        command = [
            find("qemu-system-x86_64"),
            "-accel", *speed, "-M", "q35", "-cpu", CPU, "-m", shape.memory,
            "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-serial", self._serial,
            "-kernel", str(kernel.image), "-initrd", str(initramfs), "-append", COMMAND_LINE,
        ]
        for name, size in (("cache", shape.cache_size), ("export", shape.export_size)):
            command += _drive(name, _disk(directory / f"{name}.img", size))
        for image in shape.disks:
            command += _drive(image.stem, image)
        for tag, folder in SHARES.items():
            (directory / folder).mkdir(exist_ok=True)
            where = f"path={directory / folder},mount_tag={tag}"
            command += ["-virtfs", f"local,{where},security_model=none,multidevs=remap"]
        return command


def _drive(name: str, image: pathlib.Path) -> list[str]:
    # The image is scratch: qemu need not wait for this machine's disk when the guest flushes.
    return ["-drive", f"file={image},format=raw,if=none,id={name},cache=unsafe,discard=unmap",
            "-device", f"virtio-blk-pci,drive={name},serial={name}"]


def _disk(path: pathlib.Path, size: str) -> pathlib.Path:
    units = {"M": 1 << 20, "G": 1 << 30}
    path.unlink(missing_ok=True)
    with path.open("wb") as disk:
        os.truncate(disk.fileno(), int(size[:-1]) * units[size[-1]])
    return path
