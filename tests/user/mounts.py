# SPDX-License-Identifier: GPL-2.0-or-later
"""File systems for the cache to lie on. They need root, and loop devices where there is an image."""
import contextlib
import os
import pathlib
import subprocess
import tempfile
import unittest


@contextlib.contextmanager
def mounted(kind, megabytes=None, options=None):
    """A new file system, as a path. Skips the test where it cannot be had."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("mounting needs root")
    with tempfile.TemporaryDirectory(prefix="cachefilesd-mount-") as directory:
        target = pathlib.Path(directory) / "mnt"
        target.mkdir()
        source, flags = kind, [*(["-o", options] if options else [])]
        if megabytes:
            source = str(pathlib.Path(directory) / "image")
            with open(source, "wb") as image:
                image.truncate(megabytes << 20)
            subprocess.run([f"mkfs.{kind}", "-q", source], check=True)
            flags = ["-o", ",".join(filter(None, ["loop", options]))]
        done = subprocess.run(["mount", "-t", kind, *flags, source, str(target)], capture_output=True, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"cannot mount {kind}: {done.stderr.decode().strip()}")
        try:
            yield target
        finally:
            subprocess.run(["umount", "-l", str(target)], check=False)
