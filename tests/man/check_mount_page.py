#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_mount_page.py ROOT PROGRAM: compares cachefiles-mount(8) with the program: options, those of the mount with their
defaults, virtual attributes, exit statuses. The examples parse: fstab's by systemd, the mounts' by the program."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import mdoc

FSTAB_GENERATOR = "/lib/systemd/system-generators/systemd-fstab-generator"
# mount(8)'s, of which the page names some.
OF_ANY_FILE_SYSTEM = {"suid", "dev", "exec"}


def options_of_help(help_text):
    """(letter, name, argument)"""
    return set(re.findall(r"^  -(\w), --(\w+)(?: ([A-Z]+))? ", help_text, re.M))


def mount_options_of_help(help_text):
    """name -> argument, or """""
    found = {}
    listed = help_text.split("Options of the mount:\n")[1]
    for names in re.findall(r"^  ((?:\S+, )*\S+)", listed, re.M):
        for name in names.split(", "):
            name, _, argument = name.partition("=")
            if name not in OF_ANY_FILE_SYSTEM | {"..."}:
                found[name] = argument
    found.pop("noatime", None)
    return found


def options_on_page(page):
    for item in mdoc.items(page.section("OPTIONS")):
        names = item.after("Fl")
        yield names[0], names[1].removeprefix("-"), " ".join(item.after("Ar"))


def mount_options_on_page(page):
    found = {}
    for item in mdoc.items(page.section("MOUNT OPTIONS")):
        words = [word for word in item.words if word not in ("Cm", "Ns", "Ar", ",", "=")]
        if "Ar" in item.words:
            found[words[0]] = words[1]
        else:
            found |= {word: "" for word in words}
    return found


def compare_options(page, program, root):
    help_text = program.run("--help")[1]
    yield from mdoc.compare("options", set(options_on_page(page)), options_of_help(help_text))
    of_mount = mount_options_of_help(help_text)
    yield from mdoc.compare("mount options", set(mount_options_on_page(page).items()), set(of_mount.items()))
    # What the parser knows is in both.
    source = (root / "mount/options.cpp").read_text(encoding="utf-8")
    known = set(re.findall(r'(?:word|name) == "(\w+)"', source)) - {"user"}
    yield from mdoc.compare("mount options of the parser", set(of_mount), known)


def compare_attributes(page, root):
    section = page.section("EXTENDED ATTRIBUTES")
    documented = {word for item in mdoc.items(section) for word in item.after("Li")}
    code = (root / "mount/file_system_insight.cpp").read_text(encoding="utf-8")
    written = set(re.findall(r'\bline\("(\w+)"', code)) | set(re.findall(r'wanted == "([\w.]+)"', code))
    yield from mdoc.compare("extended attributes", documented, written)


def compare_statuses(page, root):
    usage = re.search(r"exit_usage = (\d+);", (root / "mount/main.cpp").read_text(encoding="utf-8"))[1]
    documented = {item.words[0] for item in mdoc.items(page.section("EXIT STATUS"))}
    yield from mdoc.compare("exit status", documented, {"0", "1", usage})


def compare_messages(page, root):
    """What stands behind the names of a message is in the sources."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "mount").glob("*.cpp")))
    for item in mdoc.items(page.section("DIAGNOSTICS")):
        for part in re.split(r" ?\b[A-Z]{4,}\b ?", " ".join(word for word in item.words if word not in ("Em", "No"))):
            part = part.strip(" :").removesuffix("Permission denied").strip(" :")
            if part and part not in code:
                yield f"diagnostics: there is no message {part!r}"


def mount_points(root, fstab):
    """systemd's units of the lines, without what it warns of."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "fstab"
        path.write_text(fstab, encoding="utf-8")
        done = subprocess.run([FSTAB_GENERATOR, directory, directory, directory], text=True, check=False,
                              env=os.environ | {"SYSTEMD_FSTAB": str(path), "SYSTEMD_LOG_TARGET": "console"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        units = {unit.name: unit.read_text(encoding="utf-8") for unit in pathlib.Path(directory).glob("*.*mount")}
    if done.returncode != 0 or done.stdout:
        sys.exit(f"fstab: {done.stdout}{fstab}")
    return units


def check_fstab(root, program, fstab):
    for unit in mount_points(root, fstab).values():
        if not re.search(r"^Type=cachefiles$", unit, re.M):
            continue
        source = re.search(r"^What=(.*)$", unit, re.M)[1]
        if f"RequiresMountsFor={source}\n" not in unit:
            yield f"fstab: the cache does not wait for its source:\n{unit}"
        yield from check_mount(program, re.search(r"^Options=(.*)$", unit, re.M)[1])


def check_mount(program, options):
    """As mount.cachefiles -f, it says what is wrong, and does nothing."""
    if not {"ro", "rw"} & set(options.split(",")):
        yield f"example: {options}: it is rw then, and does not say so"
    with tempfile.TemporaryDirectory() as directory:
        helper = pathlib.Path(directory) / "mount.cachefiles"
        helper.symlink_to(program.path)
        done = subprocess.run([helper, "/", "/", "-f", "-o", options], text=True, check=False, env=mdoc.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        yield f"example: {options}: {done.stdout}"


def check_examples(page, root, program):
    kinds = set()
    for block in mdoc.literal_blocks(page.section("EXAMPLES")):
        kinds.add(block[0])
        if block[0] in "$#":
            for line in block.splitlines():
                words = shlex.split(line[1:])
                if "cachefiles" in words:
                    yield from check_mount(program, words[words.index("-o") + 1])
        elif block[0] != "[":
            yield from check_fstab(root, program, block)
    yield from mdoc.compare("kinds of examples", kinds, {"$", "#", "[", "m"})
    yield from check_fstab(root, program, (root / "units/examples/fstab").read_text(encoding="utf-8"))


def offences(root, program):
    page = mdoc.Page(root / "man/cachefiles-mount.8")
    yield from compare_options(page, program, root)
    yield from compare_attributes(page, root)
    yield from compare_statuses(page, root)
    yield from compare_messages(page, root)
    yield from check_examples(page, root, program)


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), mdoc.Program(sys.argv[2])))
