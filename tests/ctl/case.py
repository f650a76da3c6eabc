# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of cachefilesctl have in common: a bus, the service on it, the program."""
import unittest

from host import Bus, Host, Program


class Case(unittest.TestCase):
    manual = False

    def setUp(self):
        self.bus = Bus()
        self.addCleanup(self.bus.stop)
        self.host = Host(self.bus, self.manual)
        self.addCleanup(self.host.stop)
        self.program = Program(self.bus.address)
        self.addCleanup(self.program.close)
        while self.program.run("status", "--root", str(self.program.root))[0] == 3:
            pass  # until it has its name

    def text(self, *arguments):
        return self.program.text(*arguments)

    def json(self, *arguments, **options):
        return self.program.json(*arguments, **options)


class AtRoot(Case):
    """With a root of the test's own, for what looks at the machine itself."""

    def setUp(self):
        super().setUp()
        self.etc = self.program.root / "etc"
        self.etc.mkdir()
        self.at_root = ["--root", str(self.program.root)]
