# SPDX-License-Identifier: GPL-2.0-or-later
"""The header packages of a kernel that the VM harness boots, unpacked so that a module can be built."""

import pathlib
import subprocess
import sys

from .vm import Kernel, find


def obtain(kernel: Kernel) -> pathlib.Path:
    """The directory for make -C. Downloads and unpacks what is not there yet."""
    home = kernel.root.parent / "headers"
    root = home / "root"
    tree = root / "usr/src" / f"linux-headers-{kernel.release}"
    if not (home / "complete").exists():
        home.mkdir(exist_ok=True)
        for package in _packages(kernel.release):
            _fetch(package, home)
        for archive in home.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        _move(tree / "Makefile", root)
        (home / "complete").touch()
    return tree


def _packages(release: str) -> list[str]:
    """linux-headers-RELEASE, and the two of what it depends on that are not the machine's own."""
    first = f"linux-headers-{release}"
    depends = subprocess.run(
        ["apt-cache", "depends", first], stdout=subprocess.PIPE, text=True, check=False
    ).stdout.split()
    return [first] + [name for name in depends if name.endswith("-common") or name.startswith("linux-kbuild-")]


def _fetch(package: str, home: pathlib.Path) -> None:
    print(f"fetching {package}", flush=True)
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package]
    if subprocess.run(command, cwd=home, check=False).returncode:
        sys.exit(f"tests/conformance: cannot download {package}, the headers of the kernel in build/vm; "
                 "remove build/vm/kernels to get a current one")


def _move(makefile: pathlib.Path, root: pathlib.Path) -> None:
    """The package's one absolute path, of where it would be installed."""
    text = makefile.read_text()
    makefile.write_text(text.replace("/usr/src/", f"{root}/usr/src/"))


def compiler_is_there() -> bool:
    return find("make") is not None and find("gcc-12") is not None
