# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tool of bench/tools measured in turns (bench/tools/rounds.hpp), and what was to be reached."""

import subprocess


def run(command) -> list[dict[str, str]]:
    text = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [dict(word.split("=", 1) for word in line.split()) for line in text.splitlines()]


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"
