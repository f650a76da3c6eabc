# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares transcripts with the golden ones, and says what is wrong."""

import pathlib

from . import transcripts


class Judge:
    def __init__(self, golden: pathlib.Path, differences: pathlib.Path, only: str = ""):
        self._golden = golden
        self._differences = transcripts.read_differences(differences)
        self._only = only
        self._cases: set[tuple[str, str]] = set()
        self._steps = 0
        self._wrong = 0

    def compare(self, target: str, path: pathlib.Path) -> None:
        """One transcript, with the golden one of the same name."""
        golden = self._golden / path.name
        if not path.exists():
            self._say(f"{target}: {path.stem}: there is no transcript")
            return
        if not golden.exists():
            self._say(f"{target}: {path.stem}: there is no golden transcript")
            return
        reference = transcripts.read(golden)
        wanted = transcripts.expected(reference, target, path.stem, self._differences)
        if self._only:
            wanted = [step for step in wanted if step.case == self._only]
        self._steps += len(wanted)
        self._cases |= {(path.stem, step.case) for step in wanted}
        for text in transcripts.compare(wanted, transcripts.read(path)):
            self._say(f"{target}: {path.stem}.{text}")

    def everything_was_compared(self, target: str) -> None:
        """An entry of the list that was about a case, and matched nothing, is not true any more."""
        known = {(path.stem, step.case) for path in self._golden.glob("*.txt") for step in transcripts.read(path)}
        for difference in self._differences:
            about = {case for case in known if difference.is_about(*case)}
            due = about & self._cases or not about
            if target in difference.where and target not in difference.used and due:
                self._say(f"{difference.place}: {difference.name} matches nothing for {target}")

    def verdict(self, what: str) -> int:
        print(f"{what}: {len(self._cases)} cases, {self._steps} steps, {self._wrong} wrong")
        return 1 if self._wrong or not self._cases else 0

    def _say(self, text: str) -> None:
        self._wrong += 1
        print(text)
