# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs scenarios in a guest, booting again after one that took the guest down."""

import pathlib
import time
from collections import deque
from dataclasses import dataclass
from typing import Callable

from .machine import Machine

TAIL_LINES = 40

# qemu's emulation now and then crashes a kernel before the first scenario: that says nothing about
# the scenario. Three times in a row is something else.
BOOT_ATTEMPTS = 3


@dataclass(frozen=True)
class Verdict:
    name: str
    outcome: str  # pass, fail or skip
    note: str
    seconds: float


class Runner:
    """The guest reads `queue` from the results share, and appends to `status` one line per step:
    `start NAME`, then `pass NAME`, `fail NAME` or `skip NAME reason`."""

    def __init__(
        self, directory: pathlib.Path, boot: Callable[[], Machine], settings: dict[str, str],
        silence: float,
    ):
        self._directory = directory
        self._results = directory / "results"
        self._boot = boot
        self._settings = settings
        self._silence = silence

    def run(self, names: list[str], report: Callable[[Verdict], None]) -> None:
        left = deque(names)
        failed_boots = 0
        while left:
            done = self._one_boot(list(left), report)
            for _ in range(done):
                left.popleft()
            failed_boots = 0 if done else failed_boots + 1
            if not done:
                self._keep_console(f"boot-{failed_boots}")
            if failed_boots == BOOT_ATTEMPTS:
                why = f"FAILED: {failed_boots} guests did not get as far as running it"
                report(Verdict(left.popleft(), "fail", f"{why}\n{self._console_tail()}", 0))
                failed_boots = 0

    def shell(self) -> None:
        """One boot with the console on this terminal, until the guest powers off."""
        self._prepare([])
        machine = self._boot()
        machine.start()
        try:
            machine.wait()
        finally:
            machine.stop()

    def log_tail(self, name: str) -> str:
        log = self._results / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join(lines[-TAIL_LINES:])

    def _one_boot(self, names: list[str], report: Callable[[Verdict], None]) -> int:
        """How many of the names have a verdict when the guest is gone."""
        self._prepare(names)
        machine = self._boot()
        machine.start()
        status = _Status(self._results / "status")
        count = 0
        why = "the guest stopped in the middle of it; see console.log"
        try:
            while True:
                alive = machine.running()
                for verdict in status.verdicts():
                    report(verdict)
                    count += 1
                if not alive:
                    break
                if machine.silent_for() > self._silence:
                    why = f"nothing moved in the guest for {self._silence:.0f} s"
                    break
                time.sleep(0.1)
        finally:
            machine.stop()
        if status.running is not None:
            report(Verdict(status.running, "fail", f"FAILED: {why}\n{self._console_tail()}", 0))
            self._keep_console(status.running)
            count += 1
        return count

    def _console_tail(self) -> str:
        console = self._directory / "console.log"
        if not console.exists():
            return "qemu did not start"
        return "\n".join(console.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def _keep_console(self, name: str) -> None:
        (self._results / f"{name}.console").write_text(f"{self._console_tail()}\n")

    def _prepare(self, names: list[str]) -> None:
        self._results.mkdir(parents=True, exist_ok=True)
        (self._results / "queue").write_text("".join(f"{name}\n" for name in names))
        settings = "".join(f"{key}='{value}'\n" for key, value in self._settings.items())
        (self._results / "settings").write_text(settings)
        (self._results / "status").write_text("")


class _Status:
    """The guest's progress so far, read as it grows."""

    def __init__(self, path: pathlib.Path):
        self._file = path.open()
        self._partial = ""
        self._started = 0.0
        self.running: str | None = None

    def verdicts(self) -> list[Verdict]:
        found = []
        lines = (self._partial + self._file.read()).split("\n")
        self._partial = lines.pop()
        for line in lines:
            word, name, *rest = line.split(" ", 2)
            if word == "start":
                self.running, self._started = name, time.monotonic()
            else:
                self.running = None
                found.append(Verdict(name, word, " ".join(rest), time.monotonic() - self._started))
        return found
