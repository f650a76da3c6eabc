# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of tests/conformance/run."""

import argparse
import os
import pathlib
import subprocess
import sys

from . import headers, module, transcripts
from .vm import RUN, TOP, kernels, missing

SKIPPED = 77  # as tests/vm/run has it
HERE = TOP / "tests/conformance"
CASES = HERE / "cases"
GOLDEN = HERE / "golden"
DIFFERENCES = HERE / "differences.txt"
REFERENCE = "6.1"  # the kernel whose transcripts are whole; others differ from it as the list says


def main() -> int:
    options = _parse()
    if options.user:
        return _judge("user", _play_user(options), options)
    try:
        missing.need_all()
        if not headers.compiler_is_there():
            raise missing.Missing("make or gcc-12 (Debian: apt-get install make gcc-12)")
    except missing.Missing as lack:
        print(f"tests/conformance: skipped, this machine lacks {lack}", file=sys.stderr)
        return SKIPPED
    failed = 0
    for series in kernels.META if options.kernel == "all" else [options.kernel]:
        results = _play(series, options)
        if results is None:
            failed = 1
        elif options.update and series == REFERENCE:
            _update(results)
        else:
            failed |= _judge(series, results, options)
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


def _play(series: str, options: argparse.Namespace) -> pathlib.Path | None:
    cache = pathlib.Path(os.environ.get("CACHEFILESD_VM_DIR", TOP / "build/vm")).resolve()
    kernel = kernels.obtain(series, cache)
    results = cache / f"transcripts-{series}"
    results.mkdir(parents=True, exist_ok=True)
    for old in results.iterdir():
        old.unlink()
    command = [RUN, HERE / "transcripts.sh", "--kernel", series, "--build-dir", options.build_dir,
               "--take", f"conformance/{module.NAME}={module.build(kernel)}",
               "--copy-results", f"transcripts={results}"]
    for path in sorted(CASES.glob(f"{options.cases}.case")):
        command += ["--take", f"conformance/cases/{path.name}={path}"]
    done = subprocess.run(command, check=False)
    return None if done.returncode else results


def _play_user(options: argparse.Namespace) -> pathlib.Path:
    """In the build directory: the file system has to be one that can hold a cache."""
    place = options.build_dir.resolve() / "tests/conformance"
    results = place / "transcripts"
    results.mkdir(parents=True, exist_ok=True)
    for old in results.iterdir():
        old.unlink()
    command = [place / "runner/conformance_runner", "--target", "user", "--root", place / "caches",
               "--out", results, *sorted(CASES.glob(f"{options.cases}.case"))]
    if options.only:
        command += ["--only", options.only]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL if not options.only else None)
    return results


def _update(results: pathlib.Path) -> None:
    directory = GOLDEN / REFERENCE
    directory.mkdir(parents=True, exist_ok=True)
    for path in results.glob("*.txt"):
        (directory / path.name).write_text(path.read_text())
    print(f"{directory} is what the driver said")


def _judge(target: str, results: pathlib.Path, options: argparse.Namespace) -> int:
    differences = transcripts.read_differences(DIFFERENCES)
    wrong = 0
    steps = 0
    cases = set()
    played = sorted(results.glob("*.txt"))
    for path in played:
        golden = GOLDEN / REFERENCE / path.name
        if not golden.exists():
            wrong += 1
            print(f"{path.stem}: there is no golden transcript")
            continue
        wanted = transcripts.expected(transcripts.read(golden), target, path.stem, differences)
        if options.only:
            wanted = [step for step in wanted if step.case == options.only]
        steps += len(wanted)
        cases |= {(path.stem, step.case) for step in wanted}
        for text in transcripts.compare(wanted, transcripts.read(path)):
            wrong += 1
            print(f"{path.stem}.{text}")
    if len(played) == len(list(CASES.glob("*.case"))) and not options.only:  # not a part of them
        for difference in differences:
            if target in difference.where and target not in difference.used:
                wrong += 1
                print(f"{difference.place}: {difference.name} matches nothing for {target}")
    print(f"{target}: {len(cases)} cases, {steps} steps, {wrong} wrong")
    return 1 if wrong or not played else 0
