#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_yaml_page.py ROOT PROGRAM: compares cachefilesd.yaml(5) with what the daemon says of its configuration: the
keys, what their values look like, their limits and defaults; and with the schema for when a change counts. Gives the
examples to the daemon."""
import pathlib
import re
import sys

import mdoc

RELOAD = {"at_once": "at once", "watermark": "next bind; user backend, at once", "rebind": "next bind",
          "restart": "restart"}
# With its sign the percentage is what the daemon prints; sizes and times are in terms of these.
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50,
         "s": 1, "min": 60, "h": 3600, "d": 86400}


class Documented:
    """A key as the page has it."""

    def __init__(self, path, item):
        self.path = path
        self.grammar = " ".join(item.after("Ar"))
        self.default = item.fact("Default")
        self.reload = item.fact("Reload")
        values = item.fact("Values") or ""
        self.optional = values.endswith(", or none")
        self.least, self.most = (re.findall(r"^(\S+) to ([^\s,]+)", values) or [(None, None)])[0]

    def beyond(self, by):
        """A value that is just out of the limits."""
        number, unit = re.fullmatch(r"(\d+)(.*)", self.most if by > 0 else self.least).groups()
        return f"{int(number) * UNITS.get(unit, 1) + by}{unit if unit == '%' else ''}"


def documented_keys(page):
    """Those of the sections, and those of a rule for volumes."""
    keys, rules = [], []
    for section, text in page.subsections("KEYS").items():
        for item in mdoc.items(text):
            name = item.after("Ic")[0]
            if section == "volumes":
                rules.append(Documented(f"volumes[0].{name}", item))
            else:
                keys.append(Documented(f"{section}.{name}", item))
    return keys, rules


def document(values):
    """YAML; values by their paths."""
    sections = {}
    for path, value in values.items():
        section, name = path.split(".")
        sections.setdefault(section, []).append(f"{name}: {value}")
    lines = []
    for section, entries in sections.items():
        is_list = section.endswith("[0]")
        lines.append(f"{section.removesuffix('[0]')}:")
        lines += [f"{'- ' if is_list and not i else '  '}{entry}" for i, entry in enumerate(entries)]
    return "\n".join(lines) + "\n"


def refusals(program, values):
    """path -> what the daemon says against it, other than that it does not go with another value."""
    _, output = program.run("--check", "-f", "f.yaml", text=document(values))
    found = {}
    for path, text in re.findall(r"^f\.yaml:\d+:\d+: ([^:]+): (.*)$", output, re.M):
        if not re.search(r"must be (less|more) than limits\.|a pinned volume|has no match", text):
            found[path] = text
    return found


def compare_grammars(program, keys):
    said = refusals(program, {key.path: "" for key in keys})
    for key in keys:
        answer = re.fullmatch(r"has no value; give (.*?)( or none)?", said.get(key.path, ""))
        if not answer:
            yield f"{key.path}: is on the page only"
        elif (key.grammar, key.optional) != (answer[1], answer[2] is not None):
            yield f"{key.path}: on the page {key.grammar}, none is {key.optional}; in fact {answer[0]}"


def compare_limits(program, keys):
    limited = [key for key in keys if key.least]
    for key in keys:
        if key.grammar in ("PERCENT", "SIZE", "TIME", "NUMBER", "MASK") and not key.least:
            yield f"{key.path}: the page has no limits"
    for name, values in [("least", {key.path: key.least for key in limited}),
                         ("most", {key.path: key.most for key in limited})]:
        for path, text in refusals(program, values).items():
            yield f"{path}: what is {name} by the page is refused: {text}"
    for by in [-1, 1]:
        accepted = {key.path for key in limited} - set(refusals(program, {key.path: key.beyond(by) for key in limited}))
        for path in sorted(accepted):
            yield f"{path}: the daemon takes what is beyond the page's limit"


def compare_defaults(program, keys, rules):
    defaults = {path: value for path, (value, _) in program.configuration().items()}
    yield from mdoc.compare("keys", {(key.path, key.default) for key in keys}, set(defaults.items()))
    # What is at its default is not printed of a rule.
    text = document({"volumes[0].match": "x"} | {key.path: key.default for key in rules if key.default})
    _, dumped = program.run("--dump-config", "-f", "f.yaml", text=text)
    if not re.search(r"^volumes:\n  - match: x +# \S+\Z", dumped.rstrip("\n"), re.M):
        yield f"volumes: these are not the defaults of a rule:\n{text}"


def compare_schema(schema, keys, rules):
    effects = {(path, RELOAD[effect]) for path, effect in re.findall(r'"(\w+\.[\w-]+)",\s*Effect::(\w+)', schema)}
    yield from mdoc.compare("reload", {(key.path, key.reload) for key in keys}, effects)
    names = {f"volumes[0].{name}" for name in re.findall(r'volume_key<.*?>\(\s*"([\w-]+)"', schema, re.S)}
    yield from mdoc.compare("rules", {key.path for key in rules}, names)


def offences(root, program):
    page = mdoc.Page(root / "man/cachefilesd.yaml.5")
    keys, rules = documented_keys(page)
    schema = (root / "daemon/config/schema.cpp").read_text(encoding="utf-8")
    yield from compare_grammars(program, keys + rules)
    yield from compare_limits(program, keys + rules)
    yield from compare_defaults(program, keys, rules)
    yield from compare_schema(schema, keys, rules)

    explained = {" ".join(item.after("Ar")) for item in mdoc.items(page.subsections("DESCRIPTION")["Values"])}
    needed = {key.grammar for key in keys + rules if "|" not in key.grammar or key.grammar == "true|false"}
    yield from mdoc.compare("kinds of values", explained, needed)

    known = {key.path for key in keys}
    for path in sorted((root / "man").glob("*.[1-9]")):
        prose = re.sub(r"^\.Bd -literal.*?^\.Ed$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        for mentioned in re.findall(r"\b(?<![-/])((?:cache|limits|culling|index|daemon|metrics|user)\.[a-z]+(?:-[a-z]+)*)\b", prose):
            if mentioned not in known:
                yield f"{path.name} speaks of {mentioned}, which is no key"

    examples = list(mdoc.literal_blocks(page.section("EXAMPLES")))
    if not examples:
        yield "there are no examples"
    for example in examples:
        status, output = program.run("--check", "-f", "f.yaml", text=example)
        if (status, output) != (0, ""):
            yield f"example, status {status}: {output}{example}"


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), mdoc.Program(sys.argv[2])))
