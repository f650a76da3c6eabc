#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The exerciser on a mount that is written to: a few seeds, which by hand are as many as there is time for."""
import os
import subprocess

import case
from case import Case

OPERATIONS = 400
REST = "250"  # milliseconds: what is younger than a fifth of a second is not cached
KILLS = 3


class Exercised(Case):
    def exercise(self, mount, seed, operations=OPERATIONS):
        """The source's file is looked at, too: what is written has to be there, not only in the kernel's pages."""
        name = f"file{seed}"
        return subprocess.Popen([os.environ["EXERCISER"], mount.path(name), "--twin", self.source / name,
                                 "--seed", str(seed), "--operations", str(operations), "--rest", REST],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def check(self, mount, *exercisers):
        """Also what is left in the cache: a new mount has nothing else to remember by."""
        for exerciser in exercisers:
            said, _ = exerciser.communicate()
            self.assertEqual(exerciser.returncode, 0, said)
            self.assertIn("copy", said)
        mount.end()
        mount.start()
        for path in self.source.iterdir():
            self.assertEqual(mount.read(path.name), path.read_bytes())

    def test_revalidated_always(self):
        mount = self.mount(self.daemon(), "rw")
        self.check(mount, self.exercise(mount, 1))

    def test_believed_for_a_time(self):
        mount = self.mount(self.daemon(), "rw", "revalidate=30")
        self.check(mount, self.exercise(mount, 2))

    def test_without_a_daemon(self):
        mount = self.mount(None, "rw")
        self.check(mount, self.exercise(mount, 3))

    def test_several_at_a_time(self):
        mount = self.mount(self.daemon(), "rw")
        self.check(mount, *[self.exercise(mount, seed, OPERATIONS // 2) for seed in range(4, 8)])

    def test_the_daemon_is_killed(self):
        daemon = self.daemon()
        mount = self.mount(daemon, "rw")
        exerciser = self.exercise(mount, 8, 3 * OPERATIONS)
        killed = 0
        while killed < KILLS and exerciser.poll() is None:
            cached = mount.number("cached_bytes")
            mount.wait_until(lambda cached=cached: exerciser.poll() is not None or mount.number("cached_bytes") > cached)
            daemon.kill()
            daemon.start()
            killed += 1
        self.check(mount, exerciser)
        self.assertEqual(killed, KILLS)


if __name__ == "__main__":
    case.main()
