# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian 12 root file system, made once by mmdebstrap from where this machine's apt gets its packages."""

import hashlib
import os
import pathlib
import subprocess

from host.missing import Missing, find

RELEASE = "bookworm"
PACKAGES = [
    "attr", "cachefilesd", "dbus", "e2fsprogs", "fuse3", "iproute2", "kmod", "netbase", "nfs-common",
    "nfs-kernel-server", "polkitd", "systemd-sysv", "udev",
]
# What our packages depend on: the test system has no network.
LIBRARIES = ["libcap2", "libfmt9", "libfuse3-3", "libsdbus-c++1", "libsqlite3-0", "libyaml-cpp0.7"]
SIZE = 2 << 30
HOOK = pathlib.Path(__file__).resolve().parent / "write_image"
# Nobody reads there.
LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]


def key() -> str:
    """Changes when the root file system would be another."""
    return hashlib.sha256(repr((RELEASE, PACKAGES, LIBRARIES, LEFT_OUT)).encode()).hexdigest()[:12]


def make_image(cache: pathlib.Path) -> pathlib.Path:
    """A disk image with the root file system, which takes some minutes if it is not there yet."""
    image = cache / f"root-{key()}.img"
    if image.exists():
        return image
    print(f"making a Debian {RELEASE} root file system", flush=True)
    sources = cache / "sources.list"
    sources.write_text(_sources())
    settings = cache / "apt.conf"
    settings.write_text(_settings())
    partial = cache / "root.partial.img"
    empty_disk(partial, SIZE)
    command = [find("mmdebstrap"), "--variant=apt", "--quiet", "--format=null", f"--aptopt={settings}"]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    command += [f"--include={','.join(PACKAGES + LIBRARIES)}", f'--customize-hook={HOOK} {partial} "$1"']
    command += [RELEASE, "/dev/null", str(sources)]
    made = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if made.returncode:
        (cache / "mmdebstrap.log").write_text(made.stdout)
        raise Missing(f"a way to Debian's packages ({cache / 'mmdebstrap.log'} says what mmdebstrap met with)")
    partial.rename(image)
    return image


def empty_disk(path: pathlib.Path, size: int) -> None:
    path.unlink(missing_ok=True)
    with path.open("wb") as disk:
        os.truncate(disk.fileno(), size)


def _sources() -> str:
    """This machine's own sources of the release and its updates."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)", "Created-By: Packages"],
        stdout=subprocess.PIPE, text=True, check=False,
    ).stdout
    lines = []
    for line in listing.splitlines():
        uri, release, component, origin = line.split(" ", 3)
        if origin == "Debian" and release.partition("-")[0] == RELEASE and component == "main":
            lines.append(f"deb {uri} {release} main\n")
    if not lines:
        raise Missing(f"sources of Debian {RELEASE} among those of apt")
    return "".join(dict.fromkeys(lines))


def _settings() -> str:
    """How this machine's apt reaches them: proxies and the like."""
    return subprocess.run(
        ["apt-config", "dump", "--format", '%F "%v";%n', "Acquire"], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
