#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares cachefiles-netfs(7) with protocol/netfs: the types with their numbers, the limits, and the fields of every
message with the bytes that the unit test of the codec has for it."""
import pathlib
import re
import sys

HEADER = 16
SIZES = {"u16": 2, "zero16": 2, "u32": 4, "zero32": 4, "flags": 4, "u64": 8}


class Layout:
    """The fields of a message, as a table of the page has them."""

    def __init__(self, name):
        self.name = name
        self.fields = []  # (type, meaning)
        self.offset = HEADER  # of the next one; None behind what has no fixed length
        self.errors = []

    def add(self, offset, kind, meaning):
        expected = "then" if self.offset is None else str(self.offset)
        if offset != expected:
            self.errors.append(f"{self.name}: a field at {offset} instead of {expected}")
        self.fields.append((kind, meaning))
        fixed = kind in SIZES and self.offset is not None
        self.offset = self.offset + SIZES[kind] if fixed else None

    def check(self, packet):
        """What is wrong with the bytes behind the header, by this table; nothing if they fit."""
        at = HEADER
        for kind, meaning in self.fields:
            size = SIZES.get(kind, 2 if kind == "text" else 4)
            value = int.from_bytes(packet[at : at + size], "little")
            at += size
            if kind.startswith("zero") and value != 0:
                return f"{meaning or kind} is not 0"
            if kind == "flags" and value & ~sum(int(bit) for bit in re.findall(r"(\d+):", meaning)):
                return f"flags {value:x} have bits beyond: {meaning}"
            if kind == "text":
                at += value
            if kind == "list":
                at += 4 * value
        return None if at == len(packet) else f"{at} bytes by the page, {len(packet)} in fact"


def read_page(text):
    """(name, number) -> the layouts of a message: of the request, and of its reply if that has a body; or of a notice."""
    messages = {}
    layouts = None
    for line in re.sub(r'(?<!\\)"', "", text).splitlines():
        if line.startswith((".Sh", ".Ss")):
            heading = re.fullmatch(r"\.Ss (\w+) \((\w+)\)", line)
            layouts = messages.setdefault((heading[1], int(heading[2], 0)), []) if heading else None
        elif layouts is not None and line.startswith(".Bl -column"):
            layouts.append(Layout(heading[1]))
        elif layouts is not None and (row := re.match(r"\.It (\w+) Ta (\w+) Ta ?(.*)", line)):
            layouts[-1].add(*row.groups())
    return messages


def read_header(text):
    values = {}
    for name, expression in re.findall(r"constexpr std::\w+ (\w+) = ([^;]+);", text):
        values[name] = eval(expression, {}, values)  # of numbers, and of names above it
    body = re.search(r"enum class Type : std::uint16_t \{(.*?)\};", text, re.S)[1]
    types = {}
    for name, value in re.findall(r"^\s*(\w+) = ([^,]+),", body, re.M):
        types["".join(word.capitalize() for word in name.split("_"))] = eval(value, {}, values)
    limits = {name[4:].replace("_", " "): value for name, value in values.items() if name.startswith("max_")}
    return types, limits


def read_vectors(text):
    """The packets of the unit test, header included."""
    for call in re.findall(r"check_(?:request|reply|notice)\((?!const)(.*?)\);", text, re.S):
        literals = re.findall(r'"([^"]*)"', call)
        start = next(i for i, literal in enumerate(literals) if re.match(r"[0-9a-f]{4} 0000 ", literal))
        yield bytes.fromhex("".join(literals[start:]).replace("|", ""))


def offences(root):
    page = (root / "man/cachefiles-netfs.7").read_text(encoding="utf-8")
    headers = [root / "protocol" / name for name in ("key.hpp", "netfs/messages.hpp")]
    types, limits = read_header("\n".join(header.read_text(encoding="utf-8") for header in headers))
    vectors = list(read_vectors((root / "tests/unit/protocol/netfs/codec_vectors_test.cpp").read_text(encoding="utf-8")))
    messages = read_page(page)

    for name, number in sorted(set(types.items()) ^ set(messages)):
        where = "page" if (name, number) in messages else "header"
        yield f"{name} ({number:#x}) is only in the {where}"
    for name, value in limits.items():
        if not re.search(rf"^\.It {name} Ta {value} Ta", page, re.M):
            yield f"the page does not say that the limit of {name} is {value}"

    by_number = {number: layouts for (_, number), layouts in messages.items()}
    shown = set()
    for packet in vectors:
        number = int.from_bytes(packet[:2], "little")
        is_reply = number & 0x8000 != 0
        layouts = by_number.get(number & 0x7FFF)
        failed = int.from_bytes(packet[8:12], "little") != 0
        if failed or layouts is None:
            if len(packet) != HEADER:
                yield f"{packet.hex()}: an error with a body"
            continue
        shown.add(number)
        layout = layouts[is_reply] if is_reply < len(layouts) else Layout("nothing")
        if wrong := layout.check(packet):
            yield f"{layout.name} {packet.hex()}: {wrong}"
    for (name, number), layouts in messages.items():
        for layout in layouts:
            yield from layout.errors
        for needed in [number, number | 0x8000][: len(layouts)]:
            if needed not in shown:
                yield f"no bytes to compare {name} with ({needed:#x})"
    example = re.search(r"\.Bd -literal -offset 2n\n(.*?)\.Ed", page, re.S)[1]
    for packet in map(bytes.fromhex, example.split("\n\n")):
        if wrong := by_number[1][packet[1] >> 7].check(packet):
            yield f"example {packet.hex()}: {wrong}"


def main():
    found = list(offences(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "the page and the code agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
