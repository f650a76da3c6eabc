# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the kernel module for one kernel, when its source has changed."""

import hashlib
import pathlib
import shutil
import subprocess
import sys

from . import headers
from .vm import Kernel

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "module"
NAME = "cachefiles_conformance.ko"


def build(kernel: Kernel) -> pathlib.Path:
    tree = headers.obtain(kernel)
    directory = kernel.root.parent / f"conformance-{_key()}"
    module = directory / NAME
    if not module.exists():
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(SOURCE, directory)
        # Type information for BPF needs a program that is of no use here.
        command = ["make", "-C", tree, f"M={directory}", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode or not module.exists():
            sys.exit(f"{done.stdout}\ntests/conformance: the module for {kernel.release} does not build")
    return module


def _key() -> str:
    contents = hashlib.sha256()
    for path in sorted(SOURCE.iterdir()):
        contents.update(path.name.encode() + b"\0" + path.read_bytes())
    return contents.hexdigest()[:12]
