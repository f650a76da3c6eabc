# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian kernel packages: fetched once, unpacked, made bootable without a decompressor."""

import fcntl
import lzma
import pathlib
import struct
import subprocess
import sys
from dataclasses import dataclass

from .missing import Missing, find, need

# The meta package whose dependency is the current kernel of a series.
META = {"6.1": "linux-image-amd64", "6.12": "linux-image-6.12-amd64"}


@dataclass(frozen=True)
class Kernel:
    series: str
    release: str
    root: pathlib.Path  # holds lib/modules/<release>
    image: pathlib.Path  # uncompressed ELF


def obtain(series: str, cache: pathlib.Path) -> Kernel:
    """The kernel of a series; downloads and unpacks what the cache does not hold yet."""
    home = cache / "kernels" / series
    home.mkdir(parents=True, exist_ok=True)
    root = home / "root"
    image = home / "vmlinux"
    with (home / "lock").open("w") as lock:  # runs may start at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.exists():
            _unpack(_package(series, home), root)
            _write_image(next((root / "boot").glob("vmlinuz-*")), image)
    release = next((root / "lib/modules").iterdir()).name
    return Kernel(series, release, root, image)


def _package(series: str, home: pathlib.Path) -> pathlib.Path:
    """The kernel's .deb in the cache. One that is there is used as it is: remove the folder to get
    the current one."""
    if not list(home.glob("*.deb")):
        need("apt-get", "apt-cache")
        if not _download(series, home):
            # apt's list may be too old, and name a version that is there no more.
            subprocess.run(["apt-get", "-q", "update"], check=False)
            if not _download(series, home):
                sys.exit(f"tests/vm: cannot download the package {META[series]} (from Debian, with security updates)")
    return sorted(home.glob("*.deb"))[-1]


def _download(series: str, home: pathlib.Path) -> bool:
    depends = subprocess.run(
        ["apt-cache", "depends", META[series]], capture_output=True, text=True, check=False
    ).stdout.split()
    names = [word for word in depends if word.startswith("linux-image-")]
    if len(names) < 2:
        return False
    print(f"fetching {names[1]}", flush=True)
    # The folder is not the download user's.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", names[1]]
    return subprocess.run(command, cwd=home, check=False).returncode == 0


def _unpack(package: pathlib.Path, root: pathlib.Path) -> None:
    print(f"unpacking {package.name}", flush=True)
    if subprocess.run(["dpkg-deb", "-x", package, root], check=False).returncode:
        package.unlink()
        sys.exit(f"tests/vm: {package.name} is damaged; the next run fetches it again")
    release = next((root / "lib/modules").iterdir()).name
    # The package leaves this to its postinst; modprobe --show-depends needs it.
    subprocess.run([find("depmod"), "-b", root, release], check=True)


def _write_image(vmlinuz: pathlib.Path, image: pathlib.Path) -> None:
    """Take the ELF out of a bzImage: qemu starts it at its PVH entry, which saves the emulated
    CPU the seconds that decompression takes (see Documentation/x86/boot.rst for the header)."""
    data = vmlinuz.read_bytes()
    setup_sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    # The last four bytes are the uncompressed size, appended by the kernel's build.
    payload = data[start : start + length - 4]
    if payload.startswith(b"\xfd7zXZ\0"):
        elf = lzma.LZMADecompressor().decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        elf = subprocess.run(
            ["zstd", "-dc"], input=payload, stdout=subprocess.PIPE, check=True
        ).stdout
    else:
        raise Missing(f"a way to unpack {vmlinuz.name}, which is neither xz nor zstd inside")
    partial = image.with_suffix(".partial")
    partial.write_bytes(elf)
    partial.rename(image)
