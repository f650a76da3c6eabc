# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots the test system: its disks, its initramfs, its console."""

import pathlib
import signal
import subprocess
import time
from dataclasses import dataclass

from host import contents, initramfs, modules
from host.kernels import Kernel
from host.machine import COMMAND_LINE, CPU
from host.missing import find

HERE = pathlib.Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Drive:
    """Found by its name in the guest, as /dev/disk/by-id/virtio-NAME."""
    name: str
    image: pathlib.Path
    options: str = ""


def make_initramfs(kernel: Kernel, kernels: pathlib.Path, archive: pathlib.Path) -> None:
    """Busybox, the modules, and init: whatever else there is comes from the disk."""
    tree = modules.stage(kernel, kernels)
    files = {"usr/" + str(path.relative_to(tree)): contents.Source(path) for path in tree.rglob("*") if path.is_file()}
    files["usr/bin/busybox"] = contents.Source(pathlib.Path(find("busybox")).resolve(), mode=0o755)
    files["init"] = contents.Source(HERE / "guest/init", mode=0o755)
    initramfs.pack(archive, files)


class Guest:
    """One boot, until it powers off."""

    def __init__(self, directory: pathlib.Path, kernel: Kernel, archive: pathlib.Path, drives: list[Drive],
                 share: pathlib.Path, words: str):
        self._console = directory / "console.log"
        self._console.unlink(missing_ok=True)
        self._share = share
        self._arguments = [
            find("qemu-system-x86_64"), "-accel", "tcg,thread=multi", "-smp", "2", "-M", "q35", "-cpu", CPU, "-m", "2G",
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", f"file:{self._console}",
            "-kernel", str(kernel.image), "-initrd", str(archive), "-append", f"{COMMAND_LINE} {words}",
            "-virtfs", f"local,path={share},mount_tag=test,security_model=none",
        ]
        for drive in drives:
            # Scratch: qemu need not wait for this machine's disk when the guest flushes.
            self._arguments += [
                "-drive", f"file={drive.image},format=raw,if=none,id={drive.name},cache=unsafe,discard=unmap{drive.options}",
                "-device", f"virtio-blk-pci,drive={drive.name},serial={drive.name}",
            ]

    def run(self, silence: float) -> bool:
        """Whether the guest ended by itself; false: nothing moved in it for so many seconds."""
        process = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL)
        seen, moved = -1, time.monotonic()
        try:
            while process.poll() is None:
                if (size := self._written()) != seen:
                    seen, moved = size, time.monotonic()
                elif time.monotonic() - moved > silence:
                    return False
                time.sleep(0.1)
            return True
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def console(self, lines: int) -> str:
        text = self._console.read_text(errors="replace") if self._console.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _written(self) -> int:
        # Not the console: systemd moves a bar there while it waits.
        return sum(file.stat().st_size for file in self._share.glob("*.log"))
