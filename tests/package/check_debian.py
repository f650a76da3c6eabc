#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_debian.py ROOT VERSION: the package has the project's version, debian/copyright agrees with what each file says, the
symbols are those of the library's header, each file goes into one package, and a purge deletes what the daemon has
written."""
import fnmatch
import pathlib
import re
import sys

LICENCES = {"GPL-2.0-or-later": "GPL-2+", "LGPL-2.1-or-later": "LGPL-2.1+", "GPL-2.0": "GPL-2"}
SKIPPED = {".git", "build", "LICENSES", "debian"}


def check_version(root, version):
    first = (root / "debian/changelog").read_text(encoding="utf-8").splitlines()[0]
    packaged = re.match(r"cachefilesd \((?:\d+:)?([^-)]+)", first)[1]
    if packaged != version:
        yield f"debian/changelog: {packaged}, but the project is at {version}"


def stanzas(text):
    """Patterns and the licence of each stanza for files; the last that matches a file counts."""
    for stanza in re.split(r"\n\n+", text):
        fields = dict(re.findall(r"^(\S+?):((?:.*\n?)(?:^ .*\n?)*)", stanza, re.M))
        if "Files" in fields:
            yield fields["Files"].split(), fields["License"].split()[0]


def files(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] not in SKIPPED and path.is_file():
            yield str(name), path


def check_copyright(root):
    known = list(stanzas((root / "debian/copyright").read_text(encoding="utf-8")))
    seen = 0
    for name, path in files(root):
        head = path.read_bytes()[:400].decode(errors="replace")
        said = re.search(r"SPDX-License-Identifier: ([\w.-]+)", head)
        if not said:
            continue
        seen += 1
        packaged = [licence for patterns, licence in known if any(fnmatch.fnmatch(name, p) for p in patterns)][-1]
        if packaged != LICENCES.get(said[1]):
            yield f"debian/copyright: {packaged} for {name}, which says {said[1]}"
    if seen == 0:
        yield "no file says what its licence is"


def check_symbols(root):
    header = (root / "client/cachefiles.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"\b(cachefiles_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))
    listed = set(re.findall(r"^ (cachefiles_\w+)@", (root / "debian/libcachefiles0.symbols").read_text(encoding="utf-8"), re.M))
    for name in declared ^ listed:
        yield f"debian/libcachefiles0.symbols: {name} is {'missing' if name in declared else 'not declared'}"


def check_purge(root):
    """What the daemon writes into the configuration goes with it."""
    header = (root / "daemon/admin/limits_file.hpp").read_text(encoding="utf-8")
    written = re.search(r'name = "([^"]+)"', header)[1]
    if f"rm -f /etc/cachefilesd.yaml.d/{written}\n" not in (root / "debian/cachefilesd.postrm").read_text(encoding="utf-8"):
        yield f"debian/cachefilesd.postrm: a purge leaves the daemon's {written}"


def check_install(root):
    """cachefilesd's package takes all that no other one does."""
    script = (root / "debian/cachefilesd.install").read_text(encoding="utf-8")
    left = re.search(r"grep -vE '(.*?)'", script)[1]
    for path in sorted((root / "debian").glob("*.install")):
        for name in path.read_text(encoding="utf-8").split() if path.name != "cachefilesd.install" else []:
            if not re.search(left, name + "/"):
                yield f"debian/cachefilesd.install: takes {name}, too, which is in {path.name}"
    if not (root / "debian/cachefilesd.install").stat().st_mode & 0o100:
        yield "debian/cachefilesd.install: is no program"


def main():
    root = pathlib.Path(sys.argv[1])
    found = [*check_version(root, sys.argv[2]), *check_copyright(root), *check_symbols(root), *check_install(root),
             *check_purge(root)]
    print("\n".join(found) or "debian/ agrees with the sources")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
