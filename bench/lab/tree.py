# SPDX-License-Identifier: GPL-2.0-or-later
"""Caches as directories of this machine."""

import pathlib
import shutil
import subprocess


def populate(build: pathlib.Path, path: pathlib.Path, objects: int, *more: str) -> pathlib.Path:
    """As populate.cpp makes one; it is there only if it is whole."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run([build / "bench/populate", partial, str(objects), *more], check=True)
        partial.rename(path)
    return path
