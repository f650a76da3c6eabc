#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_bus_page.py ROOT: org.cachefiles1(5) has the members, types, errors and actions that dbus/ and daemon/bus/ have;
the comments of dbus/ name the errors, too."""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

import mdoc

CHANGES = {"const": " const", "false": " silent", None: ""}


def described(interface):
    """name -> what the page has to say behind it"""
    found = {}
    for member in interface:
        def arguments(direction, member=member):
            return ", ".join(f'{each.get("type")} {each.get("name")}' for each in member.findall("arg")
                             if each.get("direction", direction) == direction)
        if member.tag == "method":
            found[member.get("name")] = f'({arguments("in")}) -> ({arguments("out")})'
        elif member.tag == "signal":
            found[member.get("name")] = f'signal ({arguments("out")})'
        elif member.tag == "property":
            annotation = member.find("annotation")
            found[member.get("name")] = member.get("type") + CHANGES[
                annotation.get("value") if annotation is not None else None]
    return found


def on_page(text):
    return {(words[1], words[3]) for item in mdoc.items(text)
            if (words := item.words)[0] == "Ic" and len(words) == 4}


def offences(root):
    page = mdoc.Page(root / "man/org.cachefiles1.5")
    interfaces = {path.stem: ElementTree.parse(path).find("interface") for path in (root / "dbus").glob("*.xml")}
    sections = page.subsections("INTERFACES")
    yield from mdoc.compare("interfaces", set(sections), set(interfaces))
    for name in sorted(set(sections) & set(interfaces)):
        yield from mdoc.compare(name, on_page(sections[name]), set(described(interfaces[name]).items()))

    source = (root / "daemon/bus/errors.cpp").read_text(encoding="utf-8")
    errors = {f"org.cachefiles1.Error.{name}" for name in re.findall(r'own\("(\w+)"\)', source)}
    errors |= {f"org.freedesktop.DBus.Error.{name}" for name in re.findall(r'common\("(\w+)"\)', source)}
    yield from mdoc.compare("errors", set(re.findall(r"^\.It Er (\S+)", page.section("ERROR NAMES"), re.M)), errors)

    comments = "\n".join(comment for path in sorted((root / "dbus").glob("*.xml"))
                         for comment in re.findall(r"<!--.*?-->", path.read_text(encoding="utf-8"), re.S))
    for name in sorted(errors):
        if not re.search(rf"\b{name.rsplit('.', 1)[1]}\b", comments):
            yield f"errors: no comment of dbus/ names {name}"

    actions = {each.get("id") for each in ElementTree.parse(root / "dbus/org.cachefiles1.policy").iter("action")}
    yield from mdoc.compare("actions", set(re.findall(r"^\.It Ic (\S+)", page.section("AUTHORIZATION"), re.M)), actions)
    code = set(re.findall(r'"(org\.cachefiles1\.[a-z]+)"', (root / "daemon/bus/authority.cpp").read_text("utf-8")))
    yield from mdoc.compare("actions of the code", actions, code)


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1])))
