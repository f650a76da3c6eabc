#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_catalog.py ROOT JOURNALCTL: the journal's catalog explains every message id, and names only fields that the daemon
sends with it. The journal takes it."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NEEDED = {"Subject", "Defined-By", "Documentation"}
WIDTH = 80


def entries(text):
    """Pairs of id and lines."""
    for part in re.split(r"^-- ", text, flags=re.M)[1:]:
        first, _, rest = part.partition("\n")
        yield first.strip(), rest


def compare_ids(documented, ids):
    for name, value in ids.items():
        if documented.count(value) != 1:
            yield f"{name} ({value}): {documented.count(value)} entries"
    for value in set(documented) - set(ids.values()):
        yield f"{value} is no message id"


def check_form(value, text):
    head, _, body = text.partition("\n\n")
    if missing := NEEDED - {line.partition(":")[0] for line in head.splitlines()}:
        yield f"{value}: no {', '.join(sorted(missing))}"
    if not body.strip():
        yield f"{value}: it explains nothing"
    for line in text.splitlines():
        if len(line) > WIDTH:
            yield f"{value}: more than {WIDTH} columns: {line}"


def fields_sent(root, name):
    """The fields that every message with this id has."""
    code = "\n".join(path.read_text(encoding="utf-8") for folder in ("cache", "cull", "daemon", "index")
                     for path in sorted((root / folder).rglob("*.cpp")))
    calls = [set(re.findall(r'"(CACHEFILES_\w+)"', call)) for call in re.findall(rf"message_id::{name}\b(.*?);\n", code, re.S)]
    return set.intersection(*calls) if calls else None


def check_fields(root, name, text):
    sent = fields_sent(root, name)
    if sent is None:
        yield f"{name}: nothing sends it"
        return
    for field in set(re.findall(r"@(\w+)@", text)) - sent:
        yield f"{name}: not every message has the field {field}"


def check_journal(journalctl, catalog, found):
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root) / "usr/lib/systemd/catalog"
        folder.mkdir(parents=True)
        shutil.copy(catalog, folder)
        updated = subprocess.run([journalctl, f"--root={root}", "--update-catalog"], text=True, check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if updated.returncode or updated.stdout:
            yield f"journalctl --update-catalog: {updated.stdout}"
        dump = subprocess.run([journalctl, f"--root={root}", "--dump-catalog"], text=True, check=False,
                              stdout=subprocess.PIPE).stdout
    taken = {value: text.strip() for value, text in entries(dump)}
    for value, text in found:
        if taken.get(value) != text.strip():
            yield f"{value}: the journal reads\n{taken.get(value)}"


def offences(root, journalctl):
    header = (root / "base/message_ids.hpp").read_text(encoding="utf-8")
    ids = dict(re.findall(r'string_view (\w+) = "([0-9a-f]{32})"', header))
    catalog = root / "units/cachefilesd.catalog"
    found = list(entries(catalog.read_text(encoding="utf-8")))
    yield from compare_ids([value for value, _ in found], ids)
    names = {value: name for name, value in ids.items()}
    for value, text in found:
        yield from check_form(value, text)
        if value in names:
            yield from check_fields(root, names[value], text)
    yield from check_journal(journalctl, catalog, found)


def main():
    found = list(offences(pathlib.Path(sys.argv[1]), sys.argv[2]))
    print("\n".join(found) or "every message id is explained")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
