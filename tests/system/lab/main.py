# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of tests/system/run."""

import argparse
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from host import kernels
from host.main import TOP, orderly
from host.missing import PACKAGES, find, need, need_all

from . import boot, debian

PACKAGES["mmdebstrap"] = "mmdebstrap"
PACKAGES["mke2fs"] = "e2fsprogs"
CACHE_SIZE = 512 << 20
# On a busy machine everything may take long.
WORDS = "systemd.unit=test.target systemd.show_status=1 systemd.default_timeout_start_sec=1h"
BOOT_ATTEMPTS = 3  # qemu's emulation now and then crashes a kernel before anything of ours runs


def main() -> int:
    options = _parse()
    return orderly("tests/system", lambda: _run(options))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/system/run", description="Installs the packages on a whole Debian system, and administers them there.")
    add = parser.add_argument
    add("step", nargs="*", help="names from --list, in this order; default: all")
    add("--list", action="store_true", help="print the names of the steps")
    add("--packages", type=pathlib.Path, default=TOP / "build/packages", help="where scripts/package put them")
    add("--kernel", choices=list(kernels.META), default="6.1")
    add("--silence", type=float, default=1800, help="seconds without a sign of life after which the guest is given up")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> int:
    need_all()
    need("mmdebstrap", "mke2fs", "apt-get", "apt-config")
    known = sorted(path.stem for path in (boot.HERE / "guest/steps").glob("*.sh"))
    if options.list:
        print("\n".join(known))
        return 0
    if unknown := [step for step in options.step if step not in known]:
        sys.exit(f"tests/system: no step {unknown[0]}; --list names them")
    packages = sorted(options.packages.glob("*.deb"))
    if not packages:
        sys.exit(f"tests/system: no packages in {options.packages}; scripts/package makes them")
    cache = TOP / "build/system"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        vm = pathlib.Path(os.environ.get("CACHEFILESD_VM_DIR", TOP / "build/vm")).resolve()
        kernel = kernels.obtain(options.kernel, vm)
        archive = cache / f"initramfs-{options.kernel}.cpio"
        boot.make_initramfs(kernel, vm, archive)
        root = debian.make_image(cache)
        share = _share(cache, packages, options.step or known)
        return _test(cache, kernel, archive, root, share, options.silence)


def _cache_disk(path: pathlib.Path) -> None:
    debian.empty_disk(path, CACHE_SIZE)
    subprocess.run([find("mke2fs"), "-q", "-t", "ext4", path], check=True)


def _share(cache: pathlib.Path, packages: list[pathlib.Path], steps: list[str]) -> pathlib.Path:
    """What the guest finds in /test: its scripts, the packages, and where the log goes."""
    share = cache / "share"
    if share.exists():
        shutil.rmtree(share)
    shutil.copytree(boot.HERE / "guest", share / "guest")
    shutil.copy(TOP / "tests/vm/guest/assert.sh", share / "guest")
    (share / "steps").write_text("".join(f"{step}\n" for step in steps))
    for package in packages:
        if "-dbgsym" not in package.name:
            (share / "packages").mkdir(exist_ok=True)
            shutil.copy(package, share / "packages")
            if package.name.startswith("cachefilesd_"):
                (share / "newer").mkdir(exist_ok=True)
                _make_newer(package, share / "newer/cachefilesd.deb")
    return share


def _make_newer(package: pathlib.Path, newer: pathlib.Path) -> None:
    """The same with a higher version: something to upgrade to."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["dpkg-deb", "-R", package, directory], check=True)
        control = pathlib.Path(directory) / "DEBIAN/control"
        lines = control.read_text().splitlines(keepends=True)
        control.write_text("".join(
            line.rstrip("\n") + "+newer\n" if line.startswith("Version:") else line for line in lines))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", directory, newer], check=True,
                       stdout=subprocess.DEVNULL)


def _test(cache, kernel, archive, root, share, silence) -> int:
    log = share / "test.log"
    verdict = share / "verdict"
    disk = cache / "cache.img"
    for _ in range(BOOT_ATTEMPTS):
        _cache_disk(disk)
        drives = [boot.Drive("root", root, ",snapshot=on"), boot.Drive("cache", disk)]
        guest = boot.Guest(cache, kernel, archive, drives, share, WORDS)
        print(f"# Linux {kernel.release}, log in {log}", flush=True)
        ended = guest.run(silence)
        if log.exists():
            break
    disk.unlink()
    said = log.read_text(errors="replace") if log.exists() else ""
    outcome = verdict.read_text().strip() if verdict.exists() else "nothing moved" if not ended else "the guest stopped"
    states = [line for line in said.splitlines() if line.startswith(("== ", "-- "))]
    print("\n".join(states))
    if outcome != "pass":
        print("\n".join(said.splitlines()[-60:]))
        print(guest.console(40))
        print(f"FAIL: {outcome}")
        return 1
    print("ok")
    return 0
