#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_pages.py ROOT MANDOC: every page fits a terminal of 80 columns, is installed, is among what another one says
to see also, and refers to pages that exist, as far as they are ours. So does the unit."""
import pathlib
import re
import subprocess
import sys

import mdoc


def to_see_also(pages):
    """Of ours, each that a page names is there, too; and each page is in another one."""
    seen = set()
    for name, path in sorted(pages.items()):
        page = mdoc.Page(path)
        ours = lambda text: {f"{title}.{section}" for title, section in
                             re.findall(r"\bXr (\S+) (\d)", text)} & set(pages)
        listed = ours(page.section("SEE ALSO"))
        for each in sorted(ours(page.text) - listed):
            yield f"{name}: names {each}, and does not say to see it"
        seen |= listed
    for each in sorted(set(pages) - seen):
        yield f"{each}: no other page says to see it"


def offences(root, mandoc):
    pages = {path.name: path for path in (root / "man").glob("*.[1-9]")}
    build = (root / "man/CMakeLists.txt").read_text(encoding="utf-8")
    installed = set(re.search(r"set\(MAN_PAGES ([^)]*)\)", build)[1].split())
    yield from mdoc.compare("installed pages", set(pages), installed)
    yield from to_see_also(pages)

    references = {("units", name) for name in
                  re.findall(r"man:(\S+)", (root / "units/cachefilesd.service.in").read_text(encoding="utf-8"))}
    for name, path in sorted(pages.items()):
        text = path.read_text(encoding="utf-8")
        references |= {(name, f"{page}({section})") for page, section in
                       re.findall(r"\bXr (\S+) (\d)", text) if "cachefiles" in page}
        output = subprocess.run([mandoc, "-T", "utf8", "-O", "width=78", path], check=True, capture_output=True)
        for line in re.sub(".\b", "", output.stdout.decode()).splitlines():
            if len(line) > 80:
                yield f"{name}: {len(line)} columns: {line}"
    for where, reference in sorted(references):
        if re.sub(r"\((\d)\)", r".\1", reference) not in pages:
            yield f"{where}: there is no {reference}"


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), sys.argv[2]))
