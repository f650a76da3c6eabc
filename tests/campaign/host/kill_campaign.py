# SPDX-License-Identifier: GPL-2.0-or-later
"""Rounds of: start, work, kill -9, look at the disk, start again, ask for everything."""

import argparse
import pathlib
import random
import shutil
import tempfile
import time
from collections import Counter

from .figures import lost_text
from .programs import Daemon, Failed, Setting, Workload, check

TOP = pathlib.Path(__file__).resolve().parents[3]


def main() -> int:
    options = _parse()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="campaign-kill-", dir=options.directory))
    (directory / "cache").mkdir()
    (directory / "index").mkdir()
    setting = Setting(options.build_dir.resolve(), directory, options.files, options.largest,
                      source_seed=options.seed)
    campaign = _Campaign(setting, options.seed)
    failed = False
    try:
        while campaign.figures["kills"] < options.rounds and not campaign.wrong():
            campaign.round()
            if campaign.number % 10 == 0:
                print(campaign.report(), flush=True)
    except Failed as failure:
        print(f"FAILED in round {campaign.number}: {failure}", flush=True)
        failed = True
    finally:
        setting.end_all()
    print(campaign.report())
    if failed or campaign.wrong():
        print(f"seed {options.seed}, round {campaign.number}; what is left is in {directory}")
        return 1
    shutil.rmtree(directory)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/campaign/kill",
        description="Kills the daemon at random moments; nothing wrong may be served after that.")
    add = parser.add_argument
    add("--rounds", type=int, default=500, help="how often the daemon is killed, at least")
    add("--seed", type=int, default=1)
    add("--files", type=int, default=200)
    add("--largest", type=int, default=8 << 20, help="size of the largest file, bytes")
    add("--build-dir", type=pathlib.Path, default=TOP / "build/dev")
    add("--directory", help="where the cache is to be; it is deleted unless something is wrong")
    return parser.parse_args()


class _Campaign:
    def __init__(self, setting: Setting, seed: int):
        self._setting = setting
        self._seed = seed
        self.number = 0
        self.figures = Counter()
        # Apart, as nobody can tell a block that was culled from one that was lost.
        self._lost = {"culling": Counter(), "no culling": Counter(), "no index": Counter()}

    def wrong(self) -> int:
        return self.figures["wrong"]

    def round(self) -> None:
        self.number += 1
        # Nothing of a round depends on how far the ones before it came.
        dice = random.Random(self._seed * 1_000_003 + self.number)
        kind = dice.choices(["no culling", "culling", "no index"], [14, 5, 1])[0]
        limits = "max-size: 24M" if kind == "culling" else ""
        daemon = Daemon(self._setting, limits)
        workload = Workload(self._setting, dice.randrange(1 << 32), abrupt=dice.random() < 0.3)
        self._crash(daemon, dice)
        client_dies = dice.random() < 0.15
        if not client_dies and dice.random() < 0.25:
            # The client lives on, and meets the daemon that comes after.
            self._meet_again(workload, limits, dice)
        if client_dies:
            workload.kill()
        else:
            count, wrong = workload.stop()
            self.figures["bytes_read"] += count
            self.figures["wrong"] += wrong
        self._judge(dice, kind)

    def _meet_again(self, workload: Workload, limits: str, dice: random.Random) -> None:
        # Sometimes it learns of the crash only after another client has been there.
        sleeps = dice.random() < 0.5
        if sleeps:
            workload.pause()
        daemon = Daemon(self._setting, limits)
        if sleeps:
            self._ask(dice)
            workload.resume()
        self._crash(daemon, dice)

    def _crash(self, daemon: Daemon, dice: random.Random) -> None:
        # From a few milliseconds to some seconds: the first commit, or the fifth.
        time.sleep(0.02 * 250 ** dice.random())
        daemon.kill()
        self.figures["kills"] += 1

    def _judge(self, dice: random.Random, kind: str) -> None:
        setting = self._setting
        if kind == "no index":
            for path in setting.database.parent.iterdir():
                path.unlink()
        else:
            self._add("direct", check(setting, "direct", "--cache", str(setting.cache),
                                      "--database", str(setting.database)))
        daemon = Daemon(setting, "")
        following = setting.journal.with_suffix(".next")
        following.unlink(missing_ok=True)
        self._lost[kind].update(self._ask(dice, "--next-journal", str(following)))
        daemon.stop()
        if not self.wrong():
            following.rename(setting.journal)

    def _ask(self, dice: random.Random, *arguments: str) -> dict[str, int]:
        setting = self._setting
        found = check(setting, "online", "--socket", str(setting.socket),
                      "--journal", str(setting.journal), "--seed", str(dice.randrange(1 << 32)),
                      *arguments)
        self._add("online", found)
        return found

    def _add(self, name: str, found: dict[str, int]) -> None:
        self.figures[f"{name}_compared"] += found["compared"]
        self.figures["wrong"] += found["wrong"]

    def report(self) -> str:
        figures = self.figures
        lines = [f"kill: {figures['kills']} kills in {self.number} rounds; "
                 f"{figures['direct_compared']} blocks compared on the disk, "
                 f"{figures['online_compared']} through the daemon, "
                 f"{figures['bytes_read'] >> 20} MiB in the workload: {figures['wrong']} wrong"]
        for kind, found in self._lost.items():
            if found["expected"]:
                lines.append(f"kill: lost, {kind}: {lost_text(found)}")
        return "\n".join(lines)
