# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one script of bench/guest in a virtual machine of tests/vm, with more disks and programs."""

import os
import pathlib
import shutil
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/vm"))

from host import contents, initramfs, kernels, modules  # noqa: E402
from host.machine import Machine, Shape  # noqa: E402
from host.missing import need, or_skipped  # noqa: E402
from host.runner import Runner  # noqa: E402


def add_options(parser) -> None:
    parser.add_argument("--kernel", choices=list(kernels.META), default="6.1")
    parser.add_argument("--build-dir", type=pathlib.Path, default=TOP / "build/release",
                        help="where the daemon and the tools were built")
    parser.add_argument("--counted", action="store_true",
                        help="one CPU whose clock is its instructions (2 ns each): exact on a busy machine, and slower")
    parser.add_argument("--keep", type=pathlib.Path, help="copy the guest's logs to this new folder")


class Guest:
    """A folder for one run. `results` is what the guest sees as /results."""

    def __init__(self, options):
        need("qemu-system-x86_64")
        self._options = options
        vm = pathlib.Path(os.environ.get("CACHEFILESD_VM_DIR", TOP / "build/vm")).resolve()
        self._kernel = kernels.obtain(options.kernel, vm)
        self._modules = modules.stage(self._kernel, vm)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=vm))
        self.results = self.directory / "results"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._options.keep:
            shutil.copytree(self.results, self._options.keep)
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, script: str, settings: dict[str, str], disks=(), tools=()) -> bool:
        """True if the script ended well; otherwise the end of its log was printed."""
        build = self._options.build_dir.resolve()
        scripts = {path.stem: path for path in (TOP / "bench/guest").glob("*.sh")}
        files = contents.collect(self._modules, build, scripts)
        for tool in tools:
            files[f"usr/bin/{tool}"] = contents.Source(build / "bench" / tool, mode=0o755)
        archive = self.directory / "initramfs.cpio"
        initramfs.pack(archive, files)
        settings = {"CACHE_FS": "ext4", "DAEMON": "/bin/cachefilesd", "SHELL_WANTED": "no"} | settings
        shape = Shape(disks=tuple(disks), counted=self._options.counted)
        runner = Runner(self.directory, lambda: Machine(self.directory, self._kernel, archive, shape, False),
                        settings, silence=1800)
        verdicts = []
        runner.run([script], verdicts.append)
        passed = all(verdict.outcome == "pass" for verdict in verdicts)
        if not passed:
            print("\n".join(verdict.note for verdict in verdicts), runner.log_tail(script), file=sys.stderr)
        return passed
