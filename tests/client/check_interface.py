#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions of cachefiles.h are those that libcachefiles.so exports, that libcachefiles(3) documents, and that the C
program of the tests calls."""
import pathlib
import re
import subprocess
import sys


def functions_of(header: str) -> set[str]:
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    code = re.sub(r"^\s*typedef.*?;", "", code, flags=re.DOTALL | re.MULTILINE)
    return set(re.findall(r"\b(cachefiles_\w+)\(", code))


def exported_by(library: str) -> set[str]:
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    symbols = {line.split()[-1] for line in lines.splitlines() if line.split()[-2] != "A"}
    unversioned = {symbol for symbol in symbols if not symbol.endswith("@@CACHEFILES_0")}
    return {symbol.removesuffix("@@CACHEFILES_0") for symbol in symbols - unversioned} | unversioned


def main() -> int:
    root, library = pathlib.Path(sys.argv[1]), sys.argv[2]
    declared = functions_of((root / "client/cachefiles.h").read_text(encoding="utf-8"))
    page = (root / "man/libcachefiles.3").read_text(encoding="utf-8")
    program = (root / "tests/client/c_program.c").read_text(encoding="utf-8")
    others = {
        "exported": exported_by(library),
        "in the page's synopsis": set(re.findall(r'^\.Fo (\w+)', page, re.MULTILINE)),
        "in the page's text": {f for f in declared if re.search(rf"^\.Fn {f}\b", page, re.MULTILINE)},
        "called from C": {f for f in declared if re.search(rf"\b{f}\(", program)},
    }
    wrong = [f"{name} {'is not' if name in declared else 'is'} {what}"
             for what, names in others.items() for name in sorted(names ^ declared)]
    print("\n".join(wrong) or f"{len(declared)} functions")
    return 1 if wrong or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
