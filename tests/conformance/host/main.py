# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of tests/conformance/run."""

import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
from collections.abc import Iterator

from . import headers, module
from .judge import Judge
from .vm import RUN, TOP, kernels, missing

sys.path.append(str(TOP / "tests/user"))

from mounts import mounted  # pylint: disable=wrong-import-position

HERE = TOP / "tests/conformance"
CASES = HERE / "cases"
REFERENCE = "6.1"  # the kernel whose transcripts are the golden ones; others differ from it as the list says
GOLDEN = HERE / "golden" / REFERENCE
DIFFERENCES = HERE / "differences.txt"
# Who fills a cache and who finds it; see handover.sh.
HANDOVERS = ["kernel-kernel", "kernel-user", "user-kernel"]


def main() -> int:
    options = _parse()
    if options.user:
        return _check_user(options)
    try:
        missing.need_all()
        if not headers.compiler_is_there():
            raise missing.Missing("make or gcc-12 (Debian: apt-get install make gcc-12)")
    except missing.Missing as lack:
        print(f"tests/conformance: skipped, this machine lacks {lack}", file=sys.stderr)
        return missing.SKIPPED
    failed = 0
    for series in kernels.META if options.kernel == "all" else [options.kernel]:
        failed |= _check_kernel(series, options)
    return failed


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/conformance/run",
        description="Plays the cases on the real driver in a virtual machine, and compares the transcripts "
                    "with those in golden/.")
    add = parser.add_argument
    add("--kernel", choices=[*kernels.META, "all"], default="all")
    add("--build-dir", type=pathlib.Path, default=TOP / "build/dev", help="where the runner was built")
    add("--cases", default="*", help="only the files of cases of that pattern")
    add("--update", action="store_true", help=f"the transcripts of {REFERENCE} become the golden ones")
    add("--user", action="store_true", help="the user backend, and no virtual machine")
    add("--only", default="", help="with --user: one case, by its name")
    return parser.parse_args()


def _cases(options: argparse.Namespace) -> list[pathlib.Path]:
    return sorted(CASES.glob(f"{options.cases}.case"))


def _check_user(options: argparse.Namespace) -> int:
    place = options.build_dir.resolve() / "tests/conformance"
    results = _empty(place / "transcripts")
    with _place_of_caches(place) as caches:
        command = [place / "runner/conformance_runner", "--target", "user", "--root", caches,
                   "--out", results, *_cases(options)]
        if options.only:
            command += ["--only", options.only]
        subprocess.run(command, check=True, stderr=None if options.only else subprocess.DEVNULL)
    judge = Judge(GOLDEN, DIFFERENCES, options.only)
    for path in _cases(options):
        judge.compare("user", results / f"{path.stem}.txt")
    if options.cases == "*" and not options.only:
        judge.everything_was_compared("user")
    return judge.verdict("user backend")


@contextlib.contextmanager
def _place_of_caches(build: pathlib.Path) -> Iterator[pathlib.Path]:
    """An empty file system, as the driver had: what is said about space depends on it. Who may not mount takes the
    build directory, and needs 13% of its file system free."""
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(mounted("ext4", megabytes=1024))
        except unittest.SkipTest:
            place = build
        yield place / "caches"


def _check_kernel(series: str, options: argparse.Namespace) -> int:
    cache = pathlib.Path(os.environ.get("CACHEFILESD_VM_DIR", TOP / "build/vm")).resolve()
    kernel = kernels.obtain(series, cache)
    results = _empty(cache / f"conformance-{series}")
    whole = options.cases == "*"
    command = [RUN, HERE / "transcripts.sh", *([HERE / "handover.sh"] if whole else []),
               "--kernel", series, "--build-dir", options.build_dir, "--take", f"conformance/{module.NAME}={module.build(kernel)}",
               "--copy-results", f"transcripts={results}"]
    for path in _cases(options):
        command += ["--take", f"conformance/cases/{path.name}={path}"]
    if whole:
        command += ["--take", f"conformance/handover={CASES / 'handover'}", "--copy-results", f"handover={results}"]
    if subprocess.run(command, check=False).returncode:
        return 1
    if options.update and series == REFERENCE:
        _update(results)
    judge = Judge(GOLDEN, DIFFERENCES)
    for path in _cases(options):
        judge.compare(series, results / f"{path.stem}.txt")
    if whole:
        for folder in HANDOVERS:
            filled, found = (series if who == "kernel" else "user" for who in folder.split("-"))
            judge.compare(filled, results / folder / "populate.txt")
            judge.compare(found, results / folder / "read.txt")
        judge.everything_was_compared(series)
    return judge.verdict(f"Linux {series}")


def _empty(directory: pathlib.Path) -> pathlib.Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def _update(results: pathlib.Path) -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for path in [*results.glob("*.txt"), *(results / HANDOVERS[0]).glob("*.txt")]:
        shutil.copyfile(path, GOLDEN / path.name)
    print(f"{GOLDEN} is what the driver said")
