#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_conf_page.py ROOT PROGRAM: compares cachefilesd.conf(5) with what the daemon reads: the keywords, the keys that
they stand for, which may be given once only, and which have no effect. Gives the examples to the daemon."""
import pathlib
import re
import sys

import mdoc

# A good line with each keyword.
SAMPLES = {"dir": "/x", "tag": "x", "secctx": "x", "brun": "50%", "bcull": "6%", "bstop": "2%", "frun": "50%",
           "fcull": "6%", "fstop": "2%", "debug": "7", "nocull": "", "culltable": "12", "resume_thresholds": "1 -"}
NAME = "f.conf"


def stands_for(program, keyword):
    """The key whose value comes from a line with this keyword; nothing if it has no effect."""
    line = f"{keyword} {SAMPLES[keyword]}\n"
    found = [path for path, (_, origin) in program.configuration(NAME, line).items() if origin == f"{NAME}:1"]
    return found[0] if found else None


def offences(root, program):
    page = mdoc.Page(root / "man/cachefilesd.conf.5")
    source = (root / "daemon/config/legacy_source.cpp").read_text(encoding="utf-8")
    keywords = {item.after("Ic")[0]: item for item in mdoc.items(page.section("KEYWORDS"))}
    taken = set(re.findall(r'^    \{"(\w+)", "[\w.-]*", (?:true|false), &Reader', source, re.M))
    yield from mdoc.compare("keywords", set(keywords), taken)
    for keyword in sorted(set(keywords) & taken):
        text = "\n".join(keywords[keyword].body)
        documented = re.match(r"\.Li (\S+)", text)
        if (documented and documented[1]) != stands_for(program, keyword):
            yield f"{keyword}: in fact it stands for {stands_for(program, keyword)}"
        if ("Without effect" in text) != (documented is None):
            yield f"{keyword}: has an effect, or a key, and not the other"
        twice = f"{keyword} {SAMPLES[keyword]}\n" * 2
        _, output = program.run("--check", "-f", NAME, name=NAME, text=twice)
        if ("Once only" in text) != ("is given twice" in output):
            yield f"{keyword}: a second line: {output}"

    examples = list(mdoc.literal_blocks(page.section("EXAMPLES")))
    if not examples:
        yield "there are no examples"
    for example in examples:
        status, output = program.run("--check", "-f", NAME, name=NAME, text=example)
        if (status, output) != (0, ""):
            yield f"example, status {status}: {output}{example}"


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), mdoc.Program(sys.argv[2])))
