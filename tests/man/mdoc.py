# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks of the pages have in common: reading mdoc, and running the program that a page is about."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


class Item:
    """An .It of a list: its words, and the lines of its body."""

    def __init__(self, words):
        self.words = words
        self.body = []

    def after(self, macro):
        """The words that this macro has on the line of the item."""
        found = []
        current = None
        for word in self.words:
            if word in ("Fl", "Ar", "Ic", "Dv", "Ev", "Pa", "Li"):
                current = word
            elif current == macro and word not in (",", ":"):
                found.append(word)
        return found

    def fact(self, name):
        """The text of a line "NAME: text." of the body, or nothing."""
        found = [line for line in self.body if line.startswith(name + ": ")]
        return found[0][len(name) + 2 :].removesuffix(".") if found else None


class Page:
    def __init__(self, path):
        self.text = path.read_text(encoding="utf-8")

    def section(self, name):
        return self._part("Sh", self.text, name)

    def subsections(self, section):
        """name -> text"""
        text = self.section(section)
        return {name: self._part("Ss", text, name) for name in re.findall(r"^\.Ss (.*)$", text, re.M)}

    @staticmethod
    def _part(macro, text, name):
        found = re.search(rf"^\.{macro} {re.escape(name)}\n(.*?)(?=^\.{macro} |\Z)", text, re.M | re.S)
        if not found:
            sys.exit(f"the page has no {name}")
        return found[1]


def items(text):
    found = []
    for line in text.splitlines():
        if line.startswith(".It"):
            found.append(Item(shlex.split(line)[1:]))
        elif found:
            found[-1].body.append(line)
    return found


def literal_blocks(text):
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield block.replace(r"\&", "").replace(r"\-", "-").replace(r"\e", "\\")


def environment(**more):
    """Nothing that would change a configuration. The sanitizer looks for leaks elsewhere."""
    dropped = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "NOTIFY_SOCKET", "CACHEFILESD_ON_STOP")
    return {name: value for name, value in os.environ.items() if name not in dropped} | {
        "ASAN_OPTIONS": "detect_leaks=0", **more}


class Program:
    """Runs it in a directory of its own, which has the file that is given."""

    def __init__(self, path):
        self.path = str(pathlib.Path(path).resolve())

    def run(self, *arguments, name="f.yaml", text=""):
        """The exit status, and what it printed."""
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / name).write_text(text, encoding="utf-8")
            result = subprocess.run([self.path, *arguments], cwd=directory, env=environment(), text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def configuration(self, name="f.yaml", text=""):
        """"section.key" -> (value, where it comes from), for what --dump-config prints."""
        found = {}
        section = None
        for line in self.run("--dump-config", "-f", name, name=name, text=text)[1].splitlines():
            if heading := re.fullmatch(r"(\w+):", line):
                section = heading[1]
            elif entry := re.fullmatch(r"  ([\w-]+): (.*?) +# (.*)", line):
                found[f"{section}.{entry[1]}"] = (entry[2], entry[3])
        return found


def compare(what, page, code):
    """Two sets that ought to be one."""
    for each in sorted(page - code, key=str):
        yield f"{what}: {each} is on the page only"
    for each in sorted(code - page, key=str):
        yield f"{what}: {each} is not on the page"


def conclude(offences):
    found = list(offences)
    print("\n".join(found) or "the page and the code agree")
    sys.exit(1 if found else 0)
