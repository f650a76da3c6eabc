#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_ctl_page.py ROOT PROGRAM: compares cachefilesctl(1) and the completions with the program: verbs, what they take,
options, exit statuses, environment. The names in the JSON are compared by tests/ctl, which has a daemon."""
import pathlib
import re
import sys

import mdoc

def options_of(help_text):
    """(letter, name, argument) of each line of the help."""
    return set(re.findall(r"^  (?:-(\w), |    )--([\w-]+) ?(\S*) ", help_text, re.M))


def options_on_page(text):
    found = set()
    for item in mdoc.items(text):
        names = item.after("Fl")
        if names:
            letter = names[0] if len(names[0]) == 1 else ""
            found.add((letter, names[-1].removeprefix("-"), " ".join(item.after("Ar"))))
    return found


def verb_names(help_text):
    return re.findall(r"^  ([a-z-]+) ", re.search(r"^Verbs:\n(.*?)\n\n", help_text, re.M | re.S)[1], re.M)


def verbs_on_page(page):
    found = {}
    for title, text in page.subsections("VERBS").items():
        words = title.split()
        if words[0] != "Jobs":
            found[words[0]] = ([word for word in words[1:] if word not in ("Op", "Ar")], "Op" in words[1:], text)
    return found


def compare_verbs(page, program):
    on_page = verbs_on_page(page)
    _, help_text = program.run("help")
    names = set(verb_names(help_text))
    yield from mdoc.compare("verbs", set(on_page), names)
    for name in sorted(names & set(on_page)):
        operands, optional, text = on_page[name]
        _, of_verb = program.run("help", name)
        usage = of_verb.split("\n")[0].removeprefix(f"Usage: cachefilesctl {name}").removesuffix(" [OPTION...]").strip()
        wanted = " ".join(operands[:-1] + [f"[{operands[-1]}]"]) if optional else " ".join(operands)
        if usage != wanted:
            yield f"{name}: takes {usage!r}, on the page {wanted!r}"
        yield from mdoc.compare(f"options of {name}", options_on_page(text), options_of(of_verb))
    yield from mdoc.compare("options", options_on_page(page.section("OPTIONS")), options_of(help_text))


def compare_statuses(page, root):
    source = (root / "ctl/exit_status.hpp").read_text(encoding="utf-8")
    code = set(re.findall(r"^    \w+ = (\d+),", source, re.M))
    yield from mdoc.compare("exit status", {item.words[0] for item in mdoc.items(page.section("EXIT STATUS"))}, code)


def compare_environment(page, root):
    source = "".join((root / "ctl" / name).read_text(encoding="utf-8") for name in ("terminal.cpp", "pager.cpp"))
    code = set(re.findall(r'"([A-Z_]{4,})"', source)) - {"LESS", "FRSXMK", "PATH"}  # set, or of no importance
    code.add("DBUS_SYSTEM_BUS_ADDRESS")  # libsystemd's
    documented = {word for item in mdoc.items(page.section("ENVIRONMENT")) for word in item.after("Ev")}
    yield from mdoc.compare("environment", documented, code)


def compare_completions(root, program):
    """Every verb with its options, in both files."""
    _, help_text = program.run("help")
    names = verb_names(help_text)
    wanted = {name: options_of(program.run("help", name)[1]) for name in names} | {"all": options_of(help_text)}
    flat = {name: {f"--{long}" for _, long, _ in options} | {f"-{letter}" for letter, _, _ in options if letter}
            for name, options in wanted.items()}

    bash = (root / "ctl/completion/cachefilesctl.bash").read_text(encoding="utf-8")
    listed = re.search(r"VERBS='(.*?)'", bash, re.S)[1].split()
    yield from mdoc.compare("verbs in bash", set(listed), set(names))
    by_verb = {name: set(text.split()) for name, text in re.findall(r"^        \[([\w-]+)\]='(.*?)'$", bash, re.M)}
    for name, options in flat.items():
        yield from mdoc.compare(f"bash: options of {name}", by_verb.pop(name, set()), options)
    for name in by_verb:
        yield f"bash: there is no verb {name}"

    zsh = (root / "ctl/completion/_cachefilesctl").read_text(encoding="utf-8")
    yield from mdoc.compare("verbs in zsh", set(re.findall(r"^    '([a-z-]+):", zsh, re.M)), set(names))
    blocks = {"all": re.search(r"^all=\((.*?)^\)", zsh, re.M | re.S)[1]}
    for name, text in re.findall(r"^            \(([\w|-]+)\) (.*?) ;;$", zsh, re.M | re.S):
        blocks |= {each: text for each in name.split("|")}
    for name, options in flat.items():
        found = set()
        for short, long, plain in re.findall(r"\{(-\w),(--[\w-]+)\}|'(--[\w-]+)\[", blocks.get(name, "")):
            found |= {word for word in (short, long, plain) if word}
        yield from mdoc.compare(f"zsh: options of {name}", found, options)


def offences(root, program):
    page = mdoc.Page(root / "man/cachefilesctl.1")
    yield from compare_verbs(page, program)
    yield from compare_statuses(page, root)
    yield from compare_environment(page, root)
    yield from compare_completions(root, program)


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), mdoc.Program(sys.argv[2])))
