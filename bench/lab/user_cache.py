# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk with a cache of the user backend: its objects, an index in step with them, and `sorted`, a list of the tenth
that was used longest ago."""

import pathlib
import subprocess
import time

from lab import image
from lab.user_daemon import UserDaemon


def make(folder: pathlib.Path, build: pathlib.Path, objects: int) -> pathlib.Path:
    """Made once, and kept in the folder."""
    base = folder / f"cache-{objects}.img"
    if base.exists():
        return base
    partial = base.with_suffix(".partial")
    image.format_for(partial, objects)
    with image.mounted(partial) as root:
        cache = root / "fscache"
        cache.mkdir()
        subprocess.run([build / "bench/populate", cache, str(objects), "ours", str(objects // 10), "list"], check=True)
        lines = sorted((cache / "replay").read_text().splitlines())
        (root / "sorted").write_text("\n".join(lines) + "\n")
        (cache / "replay").unlink()
        time.sleep(image.SETTLING)
        with daemon(build, root, folder / "daemon") as running:
            running.wait_for_step()
        subprocess.run([build / "bench/fill_index", "maps", root / "index/bench.db"], check=True)
    partial.rename(base)
    return base


def daemon(build: pathlib.Path, root: pathlib.Path, folder: pathlib.Path) -> UserDaemon:
    """For the cache on the disk that is mounted at `root`."""
    return UserDaemon(build / "daemon/cachefilesd", root / "fscache", folder, root / "index")
