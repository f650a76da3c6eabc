# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of tests/vm/run."""

import argparse
import fcntl
import os
import pathlib
import shutil
import signal
import sys
import textwrap

from . import contents, initramfs, kernels, modules
from .machine import Machine, Shape
from .missing import need_all, or_skipped
from .runner import Runner, Verdict

TOP = contents.HERE.parent.parent
SCENARIOS = contents.HERE / "scenarios"


def main() -> int:
    options = _parse()
    known = {path.stem: path for path in sorted(SCENARIOS.glob("*.sh"))}
    if options.list:
        print("\n".join(known))
        return 0
    scenarios = _chosen(options.scenario, known)
    return orderly("tests/vm", lambda: _run(options, scenarios))


def orderly(who: str, work) -> int:
    """or_skipped(), which a signal ends through every finally: qemu has to go too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return or_skipped(who, work)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/vm/run", description="Runs scenarios against real kernels in virtual machines."
    )
    add = parser.add_argument
    add("scenario", nargs="*", help="names from --list, or paths of scripts; default: all")
    add("--kernel", choices=[*kernels.META, "all"], default="all")
    add("--build-dir", type=pathlib.Path, default=TOP / "build/dev",
        help="where the daemon was built")
    add("--list", action="store_true", help="print the names of the scenarios")
    add("--filesystem", choices=["ext4", "xfs"], default="ext4",
        help="of the cache, where the scenario does not say")
    add("--keep", action="store_true", help="keep the disk images and the 9P share")
    add("--shell", action="store_true", help="a shell in the guest instead of the scenarios")
    add("--memory", default=Shape.memory)
    add("--cache-size", default=Shape.cache_size)
    add("--take", action="append", default=[], metavar="GUEST=HOST",
        help="a file or a folder of this machine, and where it is in the guest")
    add("--copy-results", action="append", default=[], metavar="NAME=HOST",
        help="a folder of /results that is copied to one of this machine at the end")
    add("--silence", type=float, default=600,
        help="seconds without a sign of life after which a guest is given up")
    return parser.parse_args()


def _chosen(wanted: list[str], known: dict[str, pathlib.Path]) -> dict[str, pathlib.Path]:
    if not wanted:
        return known
    chosen = {}
    for name in wanted:
        path = known.get(name, pathlib.Path(name))
        if not path.is_file():
            sys.exit(f"tests/vm: no scenario {name}; --list names them")
        chosen[path.stem] = path.resolve()
    return chosen


def _run(options: argparse.Namespace, scenarios: dict[str, pathlib.Path]) -> int:
    need_all()
    cache = pathlib.Path(os.environ.get("CACHEFILESD_VM_DIR", TOP / "build/vm")).resolve()
    totals = {"pass": 0, "fail": 0, "skip": 0}
    for series in kernels.META if options.kernel == "all" else [options.kernel]:
        directory, lock = _slot(cache, series)
        with lock:
            _run_kernel(options, scenarios, kernels.obtain(series, cache), cache, directory, totals)
    if options.shell:
        return 0
    print(f"{totals['pass']} passed, {totals['fail']} failed, {totals['skip']} skipped")
    return 1 if totals["fail"] else 0


def _taken(option: str) -> tuple[str, pathlib.Path]:
    guest, _, host = option.partition("=")
    path = pathlib.Path(host).resolve()
    if not guest or not path.exists():
        sys.exit(f"tests/vm: --take {option}: GUEST=HOST, and it has to exist here")
    return guest.strip("/"), path


def _slot(cache: pathlib.Path, series: str):
    """A directory for this run alone: several runs may go on at a time."""
    for number in range(1, 100):
        directory = cache / (f"run-{series}" if number == 1 else f"run-{series}-{number}")
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return directory, lock
        except BlockingIOError:
            lock.close()
    raise SystemExit("tests/vm: a hundred runs at a time")


def _run_kernel(options, scenarios, kernel, cache, directory, totals) -> None:
    archive = directory / "initramfs.cpio"
    files = contents.collect(modules.stage(kernel, cache), options.build_dir.resolve(), scenarios,
                             dict(_taken(option) for option in options.take))
    initramfs.pack(archive, files)
    _clear(directory, "results", "share")
    daemon = os.environ.get("DAEMON", _default_daemon(files))
    settings = {"CACHE_FS": options.filesystem, "DAEMON": daemon,
                "SHELL_WANTED": "yes" if options.shell else "no"}
    print(f"# Linux {kernel.release}, daemon {daemon}, logs in {directory / 'results'}", flush=True)
    shape = Shape(options.memory, options.cache_size)

    def boot() -> Machine:
        return Machine(directory, kernel, archive, shape, options.shell)

    runner = Runner(directory, boot, settings, options.silence)

    def report(verdict: Verdict) -> None:
        totals[verdict.outcome] += 1
        _print(verdict, kernel.series, runner)

    try:
        if options.shell:
            runner.shell()
        else:
            runner.run(list(scenarios), report)
    finally:
        for option in options.copy_results:
            name, host = option.split("=", 1)
            if (directory / "results" / name).is_dir():
                shutil.copytree(directory / "results" / name, host, dirs_exist_ok=True)
        if not options.keep:
            _clear(directory, "share", "cache.img", "export.img")


def _clear(directory: pathlib.Path, *names: str) -> None:
    for name in names:
        path = directory / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _default_daemon(files: dict[str, contents.Source]) -> str:
    """The one that was built; if there is none, the stock daemon: the harness can be tried with it."""
    return "/bin/cachefilesd" if "usr/bin/cachefilesd" in files else "/stock/cachefilesd"


def _print(verdict: Verdict, series: str, runner: Runner) -> None:
    if verdict.outcome == "pass":
        print(f"ok {verdict.name} ({series}) in {verdict.seconds:.0f} s", flush=True)
    elif verdict.outcome == "skip":
        print(f"skip {verdict.name} ({series}): {verdict.note}", flush=True)
    else:
        print(f"FAIL {verdict.name} ({series})")
        text = "\n".join(filter(None, [runner.log_tail(verdict.name), verdict.note]))
        print(textwrap.indent(text, "    "), flush=True)
