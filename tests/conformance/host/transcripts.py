# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcripts and what is allowed to differ in them."""

import fnmatch
import pathlib
import re
from dataclasses import dataclass, field


@dataclass
class Step:
    case: str
    number: int  # in its case, from 1
    lines: list[str]  # the step's own line, then what came of it

    def text(self) -> str:
        return "\n".join(self.lines)


def read(path: pathlib.Path) -> list[Step]:
    steps: list[Step] = []
    case = ""
    number = 0
    for line in path.read_text().splitlines():
        if line.startswith("== "):
            case, number = line[3:], 0
        elif line.startswith("> "):
            number += 1
            steps.append(Step(case, number, [line]))
        else:
            steps[-1].lines.append(line.removeprefix("  "))
    return steps


@dataclass
class Difference:
    """In the steps it is about, what the reference says is replaced by what is said here."""
    name: str
    where: list[str]  # user, 6.12
    cases: list[str]  # patterns of FILE.CASE
    driver: re.Pattern
    here: str
    why: str
    step: re.Pattern
    numbers: set[int]
    excepted: list[str]
    place: str
    used: set[str] = field(default_factory=set)

    def is_about(self, file: str, case: str) -> bool:
        name = f"{file}.{case}"
        return _matches(name, self.cases) and not _matches(name, self.excepted)

    def applies(self, target: str, file: str, step: Step) -> bool:
        return (target in self.where and self.is_about(file, step.case)
                and (not self.numbers or step.number in self.numbers)
                and self.step.search(step.lines[0]) is not None)

    def apply(self, text: str) -> str:
        return self.driver.sub(self.here, text)


FIELDS = {"where", "cases", "except", "step", "number", "driver", "here", "why"}


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def read_differences(path: pathlib.Path) -> list[Difference]:
    """Blocks of "difference NAME" and indented "FIELD VALUE" lines; see the file itself."""
    blocks: list[tuple[str, str, dict[str, str]]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("difference "):
            blocks.append((line.split(None, 1)[1], f"{path.name}:{number}", {}))
            continue
        key, _, value = line.strip().partition(" ")
        if not blocks or not line.startswith(" ") or key not in FIELDS:
            raise SystemExit(f"{path.name}:{number}: not understood: {line}")
        fields = blocks[-1][2]
        # A field that comes again goes on: a long reason, say.
        fields[key] = f"{fields[key]} {value.strip()}" if key in fields else value.strip()
    return [_difference(*block) for block in blocks]


def _difference(name: str, place: str, fields: dict[str, str]) -> Difference:
    for needed in ("where", "cases", "driver", "why"):
        if not fields.get(needed):
            raise SystemExit(f"{place}: {name} has no {needed}")
    return Difference(
        name, fields["where"].split(), fields["cases"].split(),
        re.compile(fields["driver"], re.MULTILINE), fields.get("here", ""), fields["why"],
        re.compile(fields.get("step", "")), {int(number) for number in fields.get("number", "").split()},
        fields.get("except", "").split(), place)


def expected(reference: list[Step], target: str, file: str, differences: list[Difference]) -> list[Step]:
    """What the target is to say where the driver, on 6.1, says this."""
    result = []
    for step in reference:
        head, text = step.lines[0], "\n".join(step.lines[1:])
        for difference in differences:
            if difference.applies(target, file, step):
                changed = difference.apply(text)
                if changed != text:
                    difference.used.add(target)
                text = changed
        result.append(Step(step.case, step.number, [head] + text.splitlines()))
    return result


def compare(wanted: list[Step], actual: list[Step]) -> list[str]:
    """What is wrong, in words; nothing if all is as it is to be."""
    wrong = []
    theirs = {(step.case, step.number): step for step in actual}
    for step in wanted:
        mine = theirs.pop((step.case, step.number), None)
        if mine is None:
            wrong.append(f"{step.case}, step {step.number}: is missing\n{_indented(step.lines)}")
        elif [line.rstrip() for line in mine.lines] != [line.rstrip() for line in step.lines]:
            wrong.append(f"{step.case}, step {step.number}: {step.lines[0]}\n    expected\n"
                         f"{_indented(step.lines[1:])}\n    got\n{_indented(mine.lines[1:])}")
    wrong += [f"{step.case}, step {step.number}: nobody expected it" for step in theirs.values()]
    return wrong


def _indented(lines: list[str]) -> str:
    return "\n".join("      " + line for line in lines)
