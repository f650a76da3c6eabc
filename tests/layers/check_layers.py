#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the includes of every source and fails when one reaches up, or over a layer."""
import pathlib
import re
import sys

# Layer -> the layers (or folders of them) it may include. ARCHITECTURE.md says the same in a drawing.
MAY_USE = {
    "base": set(),
    "protocol": set(),  # pure functions: not even base
    "index": {"base", "protocol"},
    "cache": {"base", "protocol", "index"},
    "cull": {"base", "index"},
    "daemon": {"base", "protocol", "index", "cache", "cull"},
    "ctl": {"base", "protocol", "daemon/config"},
    "client": {"base", "protocol"},
    "mount": {"base", "daemon/system"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def offences(root: pathlib.Path):
    for layer, allowed in MAY_USE.items():
        for path in sorted((root / layer).rglob("*.[ch]pp")):
            for included in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if not any(included.startswith(f"{folder}/") for folder in {layer, *allowed}):
                    yield f'{path.relative_to(root)}: {layer}/ may not include "{included}"'


def long_files(root: pathlib.Path):
    for folder in [*MAY_USE, "tests", "bench"]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".cpp", ".hpp", ".py", ".sh"}:
                lines = len(path.read_text(encoding="utf-8").splitlines())
                if lines > 800:
                    yield f"{path.relative_to(root)}: {lines} lines; the limit is 800"


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    checked = sum(1 for layer in MAY_USE for _ in (root / layer).rglob("*.[ch]pp"))
    found = [*offences(root), *long_files(root)]
    print("\n".join(found) or f"{checked} sources respect the layers")
    return 1 if found or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
