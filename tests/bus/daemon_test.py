#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cachefilesd itself on a private bus, with the user backend."""
import os
import pathlib
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "user"))

import client
from client import MANAGER, Client, Refused
from daemon import Daemon
from service import Bus, only_as_root

CACHE = "/org/cachefiles1/cache/test"
LOG = "/org/freedesktop/LogControl1"
LOG_INTERFACE = "org.freedesktop.LogControl1"


class Daemons(unittest.TestCase):
    def setUp(self):
        self.bus = Bus().start()
        self.addCleanup(self.bus.close)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = self.bus.address

    def start(self, **sections):
        daemon = Daemon(**sections)
        self.addCleanup(daemon.close)
        daemon.start()
        root = Client(self.bus.address)
        self.addCleanup(root.close)
        daemon.wait_until(root.has_service)
        return daemon, root

    def test_user_backend(self):
        daemon, root = self.start(limits={"max-size": "1GiB"})
        self.assertEqual(root.get(MANAGER, "Backend"), "user")
        state = root.properties(CACHE)
        self.assertEqual((state["State"], state["Tag"], state["Directory"]), ("online", "test", str(daemon.cache)))
        self.assertEqual((state["Limits"]["max-size"], state["Limits"]["brun"]), (1 << 30, 2))
        root.call(CACHE, "Pause")
        self.assertTrue(root.get(CACHE, "Paused"))
        job = root.call(CACHE, "Verify")
        daemon.wait_until(lambda: root.get(job, "State") == "done")
        self.assertEqual(root.get(job, "Result")["findings"], [])
        self.assertEqual(root.call(CACHE, "ListObjects", "ssu", ("", "", 10)), ([], ""))
        daemon.stop()
        self.assertFalse(root.has_service())

    def test_reload(self):
        daemon, root = self.start()
        path = daemon.root / "c.yaml"
        good = path.read_text()
        path.write_text(good.replace('"limits": {', '"limits": {"max-size": "3GiB", '))
        root.call(MANAGER, "Reload")
        self.assertEqual(root.get(CACHE, "Limits")["max-size"], 3 << 30)
        path.write_text(good.replace('"limits": {', '"limits": {"max-sise": "1GiB", '))
        with self.assertRaises(Refused) as caught:
            root.call(MANAGER, "Reload")
        self.assertEqual(caught.exception.name, "org.cachefiles1.Error.ConfigRejected")
        self.assertIn(f"{path}:1:", caught.exception.text)
        self.assertIn("max-sise", caught.exception.text)

    def test_changes_are_told_before_their_answer(self):
        daemon, root = self.start()
        root.heard_here()
        volume = self.some_volume(daemon, root)
        for path, method, arguments, name, value in (
                (CACHE, "Pause", (), "Paused", True),
                (CACHE, "Resume", (), "Paused", False),
                (volume, "Pin", (), "Pinned", True),
                (volume, "Unpin", (), "Pinned", False),
                (CACHE, "SetLimits", ("a{sv}", ({"max-files": ("t", 7)},)), "Limits", 7),
                (MANAGER, "Reload", (), "Limits", 0)):
            told = root.told_before(root.send(path, method, *arguments))
            self.assertIn(name, told, method)
            self.assertEqual(told[name] if name != "Limits" else told[name]["max-files"], value, method)

    @staticmethod
    def some_volume(daemon, root):
        """One that an earlier daemon has left, by its path on the bus."""
        directory = daemon.cache / "cache" / "Itest,volume" / "@00"
        directory.mkdir(parents=True)
        (directory / "D0").touch()
        root.call(CACHE, "Verify")
        volumes = lambda: [path for path in root.objects() if "/volume/" in path]
        daemon.wait_until(volumes)
        return volumes()[0]

    def test_log_level(self):
        _, root = self.start()
        self.assertEqual(root.get(LOG, "LogTarget", LOG_INTERFACE), "console")
        root.call(LOG, "Set", "ssv", (LOG_INTERFACE, "LogLevel", ("s", "debug")), interface=client.PROPERTIES)
        self.assertEqual(root.get(LOG, "LogLevel", LOG_INTERFACE), "debug")

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "needs FUSE")
    def test_device_backend(self):
        """The daemon that binds the cache administers it."""
        daemon, root = self.start(user={"device": True, "bound-by": "device"})
        self.assertEqual(root.get(MANAGER, "Backend"), "device")
        self.assertEqual(set(root.objects()) - {MANAGER}, set())
        root.call(MANAGER, "Reload")
        with self.assertRaises(Refused) as caught:
            root.call(MANAGER, "GetMetrics")
        self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.Failed")
        daemon.stop()

    def test_the_bus_is_not_needed(self):
        daemon, root = self.start()
        self.bus.stop()
        daemon.wait_until(lambda: daemon.said("not on D-Bus"))
        self.bus.start()
        root = Client(self.bus.address)
        self.addCleanup(root.close)
        daemon.wait_until(root.has_service)
        self.assertEqual(root.get(CACHE, "State"), "online")
        daemon.stop()


if __name__ == "__main__":
    only_as_root()
    unittest.main()
