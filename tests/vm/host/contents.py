# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes into the guest's initramfs: a map from guest path to where its bytes come from."""

import pathlib
import re
import subprocess
from dataclasses import dataclass

from .missing import find

HERE = pathlib.Path(__file__).resolve().parent.parent

# Programs of this machine for the guest.
REQUIRED = [
    "mkfs.ext4", "mkfs.xfs", "setfattr", "getfattr",
    "mount.nfs", "umount.nfs", "rpc.nfsd", "rpc.mountd", "exportfs", "rpcbind",
]
# Handy in a scenario, none of the harness's own business.
OPTIONAL = [
    "strace", "sqlite3", "dmsetup", "xfs_io", "tune2fs", "fuse2fs", "dbus-daemon", "fusermount3",
]

# Folders of a build directory, every program of which goes to the guest.
TOOLS = ["tests/vm/tools", "tests/conformance/runner"]

# As on Debian, so that a library has one path however it was asked for.
LINKS = {
    "bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64", "var/run": "/run",
    "usr/sbin/mount.nfs4": "mount.nfs", "usr/sbin/modprobe": "../bin/busybox",
    "etc/mtab": "/proc/mounts",
}
DIRECTORIES = [
    "cache", "dev", "export", "mnt", "proc", "results", "root", "run", "share", "sys", "tmp",
    "var/lib/nfs/v4recovery",
]
ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\n"
              "_rpc:x:101:65534::/run/rpcbind:/bin/false\n"
              "nobody:x:65534:65534::/:/bin/false\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n"
                     "services: files\nprotocols: files\nrpc: files\n",
    "protocols": "ip 0 IP\ntcp 6 TCP\nudp 17 UDP\n",
    "services": "sunrpc 111/tcp portmapper\nsunrpc 111/udp portmapper\nnfs 2049/tcp\n",
    "netconfig": "tcp tpi_cots_ord v inet tcp - -\n"
                 "udp tpi_clts v inet udp - -\n"
                 "local tpi_cots_ord - loopback - - -\n",
}


@dataclass(frozen=True)
class Source:
    """One file of the guest: bytes given here, or a file of this machine."""
    path: pathlib.Path | None = None
    text: str = ""
    mode: int = 0o644

    def read(self) -> bytes:
        return self.path.read_bytes() if self.path else self.text.encode()

    def identity(self) -> str:
        if self.path is None:
            return self.text
        status = self.path.stat()
        return f"{self.path} {status.st_size} {status.st_mtime_ns}"


def collect(
    modules: pathlib.Path, build: pathlib.Path, scenarios: dict[str, pathlib.Path],
    taken: dict[str, pathlib.Path],
) -> dict[str, Source]:
    files = {f"etc/{name}": Source(text=text) for name, text in ETC.items()}
    for module in modules.rglob("*"):
        if module.is_file():
            files["usr/" + str(module.relative_to(modules))] = Source(module)
    programs = {f"usr/sbin/{name}": path for name in REQUIRED + OPTIONAL if (path := find(name))}
    programs |= _project(build)
    if stock := find("cachefilesd"):
        programs["stock/cachefilesd"] = stock
    for guest_path, host_path in programs.items():
        files[guest_path] = Source(pathlib.Path(host_path).resolve(), mode=0o755)
    for library in _libraries(list(programs.values())):
        files[_merged(library)] = Source(pathlib.Path(library).resolve(), mode=0o755)
    files["usr/bin/busybox"] = Source(pathlib.Path(find("busybox")).resolve(), mode=0o755)
    for script in (HERE / "guest").iterdir():
        files[f"vm/{script.name}"] = Source(script, mode=0o755)
    for name, path in scenarios.items():
        files[f"vm/scenarios/{name}.sh"] = Source(path)
    for guest_path, host_path in taken.items():
        for path in host_path.rglob("*") if host_path.is_dir() else [host_path]:
            if path.is_file():
                files[str(pathlib.PurePath(guest_path) / path.relative_to(host_path))] = Source(path)
    files["init"] = files.pop("vm/init")
    return files


def applets(files: dict[str, Source]) -> dict[str, str]:
    """Links to busybox for every applet that no real program stands in for."""
    listing = subprocess.run(
        [find("busybox"), "--list"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    taken = {path.rpartition("/")[2] for path in files}
    return {f"usr/bin/{name}": "busybox" for name in listing.split() if name not in taken}


def _project(build: pathlib.Path) -> dict[str, str]:
    """The daemon and the guest tools of a build directory; what is not built yet is left out."""
    programs = {}
    daemon = build / "daemon/cachefilesd"
    if daemon.is_file():
        programs["usr/bin/cachefilesd"] = str(daemon)
    for folder in TOOLS:
        for tool in sorted((build / folder).glob("*")):
            if tool.is_file() and tool.stat().st_mode & 0o100:
                programs[f"usr/bin/{tool.name}"] = str(tool)
    return programs


def _libraries(programs: list[str]) -> set[str]:
    found = set()
    for program in programs:
        # A static program is no error here: ldd says so and lists nothing.
        listing = subprocess.run(
            ["ldd", program],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
        ).stdout
        found.update(re.findall(r"(?:^|\s)(/\S+) \(0x", listing))
    return found


def _merged(path: str) -> str:
    path = path.lstrip("/")
    return "usr/" + path if path.startswith(("lib", "bin", "sbin")) else path
