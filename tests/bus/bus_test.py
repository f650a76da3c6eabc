#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""org.cachefiles1 from outside, on a private bus with the shipped policy. bus_test.py GROUP"""
import os
import pathlib
import select
import socket
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import client
from client import CACHE, MANAGER, NOBODY, Client, Listener, Refused
from fake_polkit import FakePolkit
from service import Bus, Host, only_as_root

ROOT = pathlib.Path(__file__).resolve().parents[2]
VOLUME = "/org/cachefiles1/volume/2"
PINNED = "/org/cachefiles1/volume/1"
ODD_KEY = "user\\\\files\\xff\\x0a"  # of volume 7
JOB = "/org/cachefiles1/job/1"
LOG = "/org/freedesktop/LogControl1"
LOG_INTERFACE = "org.freedesktop.LogControl1"
MIB = 1 << 20


class Case(unittest.TestCase):
    options = ()

    def setUp(self):
        self.bus = Bus().start()
        self.addCleanup(self.bus.close)
        self.host = Host(self.bus, *self.options).wait_for_service()
        self.addCleanup(self.end_host)
        self.root = self.caller()
        self.listener = None

    def end_host(self):
        self.assertEqual(self.host.close(), 0, self.host.log())

    def caller(self, uid=None):
        one = Client(self.bus.address, uid)
        self.addCleanup(one.close)
        return one

    def listen(self):
        self.listener = Listener(self.bus.address)
        self.addCleanup(self.listener.close)
        return self.listener

    def refused(self, name, *arguments, who=None, **options):
        """The call is refused by that name; the text."""
        with self.assertRaises(Refused) as caught:
            (who or self.root).call(*arguments, **options)
        prefix = "org.cachefiles1.Error." if name[0] == "!" else "org.freedesktop.DBus.Error."
        self.assertEqual(caught.exception.name, prefix + name.lstrip("!"), caught.exception.text)
        return caught.exception.text

    def polkit(self, decide):
        service = FakePolkit(self.bus.address, decide)
        self.addCleanup(service.close)
        return service


def members(interface):
    """An interface's XML as comparable values."""
    def arguments(member):
        return [(each.get("name"), each.get("type"), each.get("direction", "in" if member.tag == "method" else "out"))
                for each in member.findall("arg")]

    def changes(member):
        found = [each.get("value") for each in member.findall("annotation")
                 if each.get("name") == "org.freedesktop.DBus.Property.EmitsChangedSignal"]
        return found[0] if found else "true"

    found = {}
    for member in interface:
        if member.tag == "property":
            found[member.get("name")] = (member.get("type"), member.get("access"), changes(member))
        elif member.tag in ("method", "signal"):
            found[member.get("name")] = (member.tag, arguments(member))
    return found


class Contract(Case):
    def test_introspection_is_the_xml(self):
        job = self.root.call(CACHE, "Verify")
        for path in (MANAGER, CACHE, VOLUME, job):
            name = client.interface_of(path)
            text = self.root.call(path, "Introspect", interface="org.freedesktop.DBus.Introspectable")
            served = {each.get("name"): each for each in ElementTree.fromstring(text).findall("interface")}
            ours = [each for each in served if each.startswith("org.cachefiles1")]
            self.assertEqual(ours, [name])
            xml = ElementTree.parse(ROOT / "dbus" / f"{name}.xml").getroot().find("interface")
            self.assertEqual(xml.get("name"), name)
            self.assertEqual(members(served[name]), members(xml))

    def test_every_interface_is_described(self):
        described = {path.stem for path in (ROOT / "dbus").glob("*.xml")}
        self.assertEqual(described, {f"org.cachefiles1.{name}" for name in ("Manager", "Cache", "Volume", "Job")})

    def test_object_manager(self):
        objects = self.root.objects()
        volumes = {f"/org/cachefiles1/volume/{number}" for number in (1, 2, 7)}
        self.assertEqual(set(objects) - {MANAGER}, volumes | {CACHE})
        self.assertEqual(client.plain(objects[VOLUME]["org.cachefiles1.Volume"])["Key"], "9p,tag,projects")


class Reading(Case):
    def test_manager(self):
        self.assertEqual(self.root.properties(MANAGER), {"Version": os.environ["VERSION"], "Backend": "user"})
        self.assertIn("cachefiles_objects 12032\n", self.root.call(MANAGER, "GetMetrics"))

    def test_cache(self):
        now = 1_795_651_200
        self.assertEqual(self.root.properties(CACHE), {
            "Tag": "my-cache", "Directory": "/var/cache/fscache", "State": "online", "Culling": False,
            "Stalled": False, "Paused": False, "Reason": "none", "InStep": True, "Losses": 1,
            "Limits": {"max-size": 8192 * MIB, "max-files": 100_000, "min-free": 1024 * MIB,
                       "max-age-usec": 30 * 86400 * 10**6, "min-age-usec": 60 * 10**6,
                       "brun": 7, "bcull": 5, "bstop": 1, "frun": 7, "fcull": 5, "fstop": 1},
            "Objects": 12032, "Bytes": sum(1 + i % 8 for n in (30, 12000, 2) for i in range(n)) * MIB // 4,
            "ObjectsInUse": 5, "OldestUseUSec": (now - 60 * 12000 - 2 * 3600) * 10**6,
            "SpaceBytes": 5_000_000 * 4096, "FreeBytes": 1_500_000 * 4096,
            "SpaceFiles": 1_310_720, "FreeFiles": 1_000_000,
            "Statistics": {"culled_objects_total": 1234.0, "culled_bytes_total": 5e9}})

    def test_volume(self):
        odd = self.root.properties("/org/cachefiles1/volume/7")
        self.assertEqual((odd["Key"], odd["Pinned"], odd["PinnedByConfiguration"]), (ODD_KEY, True, False))
        pinned = self.root.properties(PINNED)
        self.assertEqual((pinned["Objects"], pinned["ObjectsInUse"], pinned["Cache"]), (30, 5, CACHE))
        self.assertTrue(pinned["PinnedByConfiguration"])
        self.assertEqual(pinned["NewestUseUSec"], (1_795_651_200 - 60 - 3600) * 10**6)

    def test_everybody_reads(self):
        nobody = self.caller(NOBODY)
        self.assertEqual(nobody.get(CACHE, "State"), "online")
        self.assertEqual(nobody.properties(VOLUME), self.root.properties(VOLUME))
        self.assertEqual(nobody.objects(), self.root.objects())
        self.assertEqual(nobody.call(MANAGER, "GetMetrics"), self.root.call(MANAGER, "GetMetrics"))
        self.assertEqual(len(nobody.call(CACHE, "GetAges", "at", ([10**9],))), 2)
        nobody.call(CACHE, "Introspect", interface="org.freedesktop.DBus.Introspectable")
        nobody.call(CACHE, "Ping", interface="org.freedesktop.DBus.Peer")

    def test_properties_cannot_be_written(self):
        self.refused("PropertyReadOnly", CACHE, "Set", "ssv", ("org.cachefiles1.Cache", "State", ("s", "lost")),
                     interface=client.PROPERTIES)

    def test_pages(self):
        objects, cursor, pages = [], "", 0
        while pages == 0 or cursor:
            page, cursor = self.root.call(CACHE, "ListObjects", "ssu", ("", cursor, 5000))
            self.assertLessEqual(len(page), 5000)
            objects += page
            pages += 1
        self.assertEqual((len(objects), pages), (12032, 3))
        self.assertEqual(len({each[0] for each in objects}), 12032)
        idle = [each for each in objects if not each[6]]
        self.assertEqual(idle, sorted(idle, key=lambda each: each[5]))
        self.assertEqual([each[6] for each in objects[-5:]], [True] * 5)
        self.assertEqual(sum(each[4] for each in objects), self.root.get(CACHE, "Bytes"))

    def test_a_page_of_ten_thousand(self):
        page, cursor = self.root.call(CACHE, "ListObjects", "ssu", ("9p,tag,projects", "", 10_000))
        self.assertEqual((len(page), {each[1] for each in page}), (10_000, {"9p,tag,projects"}))
        self.assertTrue(cursor)

    def test_odd_names(self):
        page, cursor = self.root.call(CACHE, "ListObjects", "ssu", (ODD_KEY, "", 10))
        self.assertEqual([(each[1], each[3]) for each in page], [(ODD_KEY, b"D\xfe name"), (ODD_KEY, b"E00000")])
        self.assertEqual(cursor, "")
        shown = client.plain(self.root.call(CACHE, "ShowObject", "say", (ODD_KEY, b"D\xfe name")))
        self.assertEqual((shown["volume"], shown["name"], shown["directory"]), (ODD_KEY, b"D\xfe name", 1))

    def test_show_object(self):
        shown = self.root.call(CACHE, "ShowObject", "say", ("9p,tag,projects", b"E00002"))
        self.assertEqual({key: value[0] for key, value in shown.items()}, {
            "number": "x", "volume": "s", "directory": "y", "name": "ay", "size": "t", "last-use-usec": "x",
            "in-use": "b", "path": "ay", "block-size": "t", "content": "ay", "extents": "t"})
        values = client.plain(shown)
        self.assertEqual((values["path"], values["content"], values["block-size"], values["size"]),
                         (b"cache/I9p,tag,projects/@02/E00002", b"\x07", MIB // 4, 3 * MIB // 4))
        by_number = self.root.call(CACHE, "ShowObject", "say", ("", b"#%d" % values["number"]))
        self.assertEqual(by_number, shown)

    def test_ages(self):
        bounds = [hours * 3600 * 10**6 for hours in (2, 24)]
        ages = self.root.call(CACHE, "GetAges", "at", (bounds,))
        self.assertEqual([each[0] for each in ages], [30, 1322, 10680])
        self.assertEqual(sum(each[1] for each in ages), self.root.get(CACHE, "Bytes"))


class Signals(Case):
    options = ("--manual",)

    def test_properties_change(self):
        listener = self.listen()
        self.host.do("use")  # a counter: nothing is told of it
        self.host.do("step")
        self.assertEqual(listener.changed(CACHE), {"InStep": False})
        self.assertEqual(self.root.get(CACHE, "ObjectsInUse"), 6)
        self.host.do("culling max-size")
        self.assertEqual(listener.changed(CACHE), {"Culling": True, "Reason": "max-size"})
        self.assertEqual(listener.wait("CullingStarted", CACHE)[2], ("max-size",))
        self.host.do("stalled max-size")
        self.assertEqual(listener.changed(CACHE), {"Stalled": True})
        self.assertEqual(listener.wait("CullingStalled", CACHE)[2], ("max-size",))
        self.host.do("culled 12 4096")
        self.assertEqual(listener.changed(CACHE), {"Culling": False, "Stalled": False, "Reason": "none"})
        self.assertEqual(listener.wait("CullingFinished", CACHE)[2], ("max-size", 12, 4096))
        self.assertEqual([each[1] for each in listener.seen], [])

    def test_lost_and_recovered(self):
        listener = self.listen()
        self.host.do("lost the disk is\xa0gone")
        self.assertEqual(listener.changed(CACHE), {"State": "lost"})
        self.assertEqual(listener.wait("Lost", CACHE)[2], ("the disk is\xa0gone",))
        self.assertEqual(self.refused("!NotOnline", CACHE, "Verify"), "the cache is not online")
        self.host.do("recovered")
        self.assertEqual(listener.changed(CACHE), {"State": "online"})
        listener.wait("Recovered", CACHE)
        self.host.do("rebuilt")
        self.assertEqual(listener.wait("IndexRebuilt", MANAGER)[2], (CACHE,))

    def test_volumes_come_and_go(self):
        listener = self.listen()
        self.host.do("volume 9 new one")
        path, _, body = listener.wait("InterfacesAdded")
        self.assertEqual((path, body[0]), (MANAGER, "/org/cachefiles1/volume/9"))
        self.assertEqual(client.plain(body[1]["org.cachefiles1.Volume"])["Key"], "new one")
        self.host.do("volume 9 another under the same number")
        self.assertEqual(listener.wait("InterfacesRemoved")[2][0], "/org/cachefiles1/volume/9")
        body = listener.wait("InterfacesAdded")[2]
        self.assertEqual(client.plain(body[1]["org.cachefiles1.Volume"])["Key"], "another under the same number")
        self.host.do("volume 9")
        removed = listener.wait("InterfacesRemoved")[2]
        self.assertEqual(removed[0], "/org/cachefiles1/volume/9")
        self.assertIn("org.cachefiles1.Volume", removed[1])
        self.refused("UnknownObject", "/org/cachefiles1/volume/9", "Pin")

    def test_life_of_a_job(self):
        listener = self.listen()
        job = self.root.call(CACHE, "Purge", "sa{sv}", ("", {}))
        self.assertEqual(job, JOB)
        self.assertEqual(listener.wait("InterfacesAdded")[2][0], JOB)
        self.assertEqual(self.root.properties(JOB), {
            "Kind": "purge", "Cache": CACHE, "State": "waiting", "Progress": 0, "Message": "",
            "Result": {"objects": 0, "bytes": 0, "busy": 0}})
        self.host.do("progress 1 2500")
        self.assertEqual(listener.changed(JOB), {"State": "running", "Progress": 2500})
        self.host.do("finish 1")
        self.assertEqual(listener.changed(JOB), {"State": "done", "Progress": 10000})
        self.assertEqual(listener.wait("JobRemoved", MANAGER)[2], (JOB, "done", ""))
        self.assertEqual(self.root.get(JOB, "Result"), {"objects": 10, "bytes": 10 * MIB, "busy": 3})
        self.host.do("forget 1")
        self.assertEqual(listener.wait("InterfacesRemoved")[2], (JOB, listener_interfaces("Job")))
        self.refused("UnknownObject", JOB, "Cancel")

    def test_a_job_fails(self):
        listener = self.listen()
        self.root.call(CACHE, "Verify")
        self.host.do("fail 1 the disk does not answer")
        self.assertEqual(listener.changed(JOB), {"State": "failed", "Message": "the disk does not answer"})
        self.assertEqual(listener.wait("JobRemoved")[2], (JOB, "failed", "the disk does not answer"))

    def test_cancel(self):
        listener = self.listen()
        self.root.call(CACHE, "Verify")
        self.root.call(JOB, "Cancel")
        self.assertEqual(listener.wait("JobRemoved")[2], (JOB, "canceled", ""))
        self.root.call(JOB, "Cancel")  # once more does no harm


def listener_interfaces(name):
    """What sd-bus says of an object: its interface, and those that all have."""
    return ["org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Properties",
            f"org.cachefiles1.{name}"]


class Changing(Case):
    def test_cull(self):
        listener = self.listen()
        options = {"bytes": ("t", 5), "files": ("t", 2), "older-than-usec": ("t", 7), "volume": ("s", ODD_KEY),
                   "dry-run": ("b", True)}
        job = self.root.call(CACHE, "Cull", "a{sv}", (options,))
        self.assertEqual(self.root.get(job, "Kind"), "cull")
        self.assertEqual(listener.wait("JobRemoved")[2], (job, "done", "dry run"))

    def test_verify(self):
        listener = self.listen()
        job = self.root.call(CACHE, "Verify")
        listener.wait("JobRemoved")
        self.assertEqual(self.root.get(job, "Result")["findings"],
                         ["an object of volume 2 has the wrong size", "a name \\xff is odd"])

    def test_wrong_options(self):
        def cull(**options):
            named = {key.replace("_", "-"): value for key, value in options.items()}
            return self.refused("InvalidArgs", CACHE, "Cull", "a{sv}", (named,))
        self.assertIn("older-than-usec", cull())
        self.assertIn("dry_run", self.refused("InvalidArgs", CACHE, "Cull", "a{sv}",
                                              ({"bytes": ("t", 1), "dry_run": ("b", True)},)))
        self.assertIn("option bytes: its type is t, not s", cull(bytes=("s", "1G")))
        self.assertIn("option dry-run: its type is b, not u", cull(bytes=("t", 1), dry_run=("u", 1)))
        self.assertIn("volume", cull(bytes=("t", 1), volume=("s", "wrong\\escape")))
        self.assertIn("volume", cull(bytes=("t", 1), volume=("s", "")))
        self.assertIn("dry-run", self.refused("InvalidArgs", CACHE, "Purge", "sa{sv}", ("", {"dry-run": ("s", "y")})))
        self.assertIn("limit", self.refused("InvalidArgs", CACHE, "ListObjects", "ssu", ("", "", 10_001)))
        self.assertIn("limit", self.refused("InvalidArgs", CACHE, "ListObjects", "ssu", ("", "", 0)))
        self.assertIn("bounds", self.refused("InvalidArgs", CACHE, "GetAges", "at", ([5, 5],)))
        self.assertIn("bounds", self.refused("InvalidArgs", CACHE, "GetAges", "at", (list(range(1001)),)))
        self.assertIn("max-sise", self.refused("InvalidArgs", CACHE, "SetLimits", "a{sv}", ({"max-sise": ("t", 1)},)))
        self.assertIn("limit", self.refused("InvalidArgs", CACHE, "SetLimits", "a{sv}", ({},)))
        self.refused("InvalidArgs", CACHE, "Cull", "s", ("all",))

    def test_named_errors(self):
        self.assertIn("elsewhere", self.refused("!NoSuchVolume", CACHE, "Purge", "sa{sv}", ("elsewhere", {})))
        self.refused("!NoSuchVolume", CACHE, "ListObjects", "ssu", ("elsewhere", "", 1))
        self.refused("!NoSuchObject", CACHE, "ShowObject", "say", ("", b"#1"))
        self.refused("Failed", CACHE, "SetLimits", "a{sv}", ({"max-files": ("t", 13), "persistent": ("b", True)},))

    def test_busy(self):
        for _ in range(16):
            self.root.call(CACHE, "Verify")
        self.assertEqual(self.refused("!Busy", CACHE, "Verify"), "too many jobs")

    def test_pause(self):
        listener = self.listen()
        self.root.call(CACHE, "Pause")
        self.assertTrue(self.root.get(CACHE, "Paused"))
        self.assertEqual(listener.changed(CACHE), {"Paused": True})
        self.root.call(CACHE, "Resume")
        self.assertEqual(listener.changed(CACHE), {"Paused": False})

    def test_limits(self):
        listener = self.listen()
        before = self.root.get(CACHE, "Limits")
        self.root.call(CACHE, "SetLimits", "a{sv}", ({"max-size": ("t", 0), "min-age-usec": ("t", 1_500_000)},))
        after = before | {"max-size": 0, "min-age-usec": 2_000_000}  # whole seconds, never less
        self.assertEqual(self.root.get(CACHE, "Limits"), after)
        self.assertEqual(listener.changed(CACHE), {"Limits": after})

    def test_pins(self):
        listener = self.listen()
        self.root.call(VOLUME, "Pin")
        self.assertTrue(self.root.get(VOLUME, "Pinned"))
        self.assertEqual(listener.changed(VOLUME), {"Pinned": True})
        self.root.call(VOLUME, "Unpin")
        self.assertEqual(listener.changed(VOLUME), {"Pinned": False})
        self.root.call(PINNED, "Unpin")
        self.assertTrue(self.root.get(PINNED, "Pinned"))  # the configuration's

    def test_reload(self):
        self.root.call(MANAGER, "Reload")
        self.host.do("reload /etc/cachefilesd.yaml:3: limits.max-size: no size")
        self.assertEqual(self.refused("!ConfigRejected", MANAGER, "Reload"),
                         "/etc/cachefilesd.yaml:3: limits.max-size: no size")

    def test_dump(self):
        listener = self.listen()
        reading, writing = os.pipe()
        job = self.root.call(CACHE, "DumpObjects", "sh", ("9p,tag,projects", writing))
        os.close(writing)
        with open(reading, encoding="ascii") as pipe:
            self.assertEqual(len(pipe.readlines()), 12_000)
        self.assertEqual(listener.wait("JobRemoved")[2], (job, "done", ""))

    def test_dump_wants_to_write(self):
        with open("/dev/null", "rb") as file:
            self.assertIn("writing", self.refused("InvalidArgs", CACHE, "DumpObjects", "sh", ("", file.fileno())))

    def test_log_level(self):
        def set_level(level, who=self.root):
            return who.call(LOG, "Set", "ssv", (LOG_INTERFACE, "LogLevel", ("s", level)), interface=client.PROPERTIES)
        self.assertEqual(self.root.properties(LOG, LOG_INTERFACE),
                         {"LogLevel": "info", "LogTarget": "console", "SyslogIdentifier": "cachefilesd"})
        set_level("debug")
        self.assertEqual(self.root.get(LOG, "LogLevel", LOG_INTERFACE), "debug")
        set_level("crit")
        self.assertEqual(self.root.get(LOG, "LogLevel", LOG_INTERFACE), "err")
        with self.assertRaises(Refused) as caught:
            set_level("loud")
        self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.InvalidArgs")
        with self.assertRaises(Refused) as caught:
            set_level("debug", self.caller(NOBODY))
        self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.AccessDenied")


CULL = (CACHE, "Cull", "a{sv}", ({"files": ("t", 1)},))
# What changes something or names objects, and polkit's action for it.
GUARDED = [
    (CULL, "cull"), ((CACHE, "Purge", "sa{sv}", ("", {})), "cull"), ((JOB, "Cancel"), "cull"),
    ((CACHE, "Verify"), "manage"), ((CACHE, "Pause"), "manage"), ((CACHE, "Resume"), "manage"),
    ((CACHE, "SetLimits", "a{sv}", ({"max-size": ("t", 1)},)), "manage"),
    ((VOLUME, "Pin"), "manage"), ((VOLUME, "Unpin"), "manage"), ((MANAGER, "Reload"), "reload"),
    ((CACHE, "ListObjects", "ssu", ("", "", 1)), "inspect"), ((CACHE, "ShowObject", "say", ("", b"#1")), "inspect"),
]


class Authorisation(Case):
    options = ("--manual",)

    def setUp(self):
        super().setUp()
        self.nobody = self.caller(NOBODY)
        self.root.call(CACHE, "Verify")  # there is a job

    def test_without_polkit(self):
        for call, _ in GUARDED:
            self.assertIn("there is no polkit", self.refused("AccessDenied", *call, who=self.nobody))
        null = os.open("/dev/null", os.O_WRONLY)
        self.refused("AccessDenied", CACHE, "DumpObjects", "sh", ("", null), who=self.nobody)
        os.close(null)
        self.assertFalse(self.root.get(CACHE, "Paused"))
        self.assertEqual(self.root.get(JOB, "State"), "waiting")
        self.assertNotIn("/org/cachefiles1/job/2", self.root.objects())

    def test_every_method_is_guarded_or_reads(self):
        reading = {"GetMetrics", "GetAges"}
        guarded = {call[1] for call, _ in GUARDED} | {"DumpObjects"}
        methods = {each.get("name") for path in (ROOT / "dbus").glob("*.xml")
                   for each in ElementTree.parse(path).iter("method")}
        self.assertEqual(guarded | reading, methods)

    def test_polkit_says_no(self):
        polkit = self.polkit(lambda action, flags: (False, False))
        for call, action in GUARDED:
            self.assertIn(f"org.cachefiles1.{action}", self.refused("AccessDenied", *call, who=self.nobody))
            self.assertEqual(polkit.asked.pop(), ("system-bus-name", self.nobody.connection.unique_name,
                                                  f"org.cachefiles1.{action}", 0))
        self.assertFalse(self.root.get(CACHE, "Paused"))

    def test_polkit_says_yes(self):
        polkit = self.polkit(lambda action, flags: (action == "org.cachefiles1.manage", False))
        self.nobody.call(CACHE, "Pause")
        self.assertTrue(self.root.get(CACHE, "Paused"))
        self.nobody.call(VOLUME, "Pin")
        self.assertTrue(self.root.get(VOLUME, "Pinned"))
        self.refused("AccessDenied", *CULL, who=self.nobody)
        self.assertEqual(len(polkit.asked), 3)
        self.root.call(*CULL)
        self.assertEqual(len(polkit.asked), 3)  # root is not asked about

    def test_interactive(self):
        polkit = self.polkit(lambda action, flags: (flags == 1, flags == 0))
        self.assertIn("interactive", self.refused("AccessDenied", CACHE, "Pause", who=self.nobody))
        self.nobody.call(CACHE, "Pause", interactive=True)
        self.assertEqual([each[3] for each in polkit.asked], [0, 1])

    def test_bad_answers(self):
        answers = [(True,), "polkit is ill"]
        self.polkit(lambda action, flags: answers.pop(0))
        self.refused("AccessDenied", CACHE, "Pause", who=self.nobody)
        self.assertIn("polkit is ill", self.refused("AccessDenied", CACHE, "Pause", who=self.nobody))
        self.assertFalse(self.root.get(CACHE, "Paused"))

    def test_what_is_wrong_is_not_asked_about(self):
        polkit = self.polkit(lambda action, flags: (True, False))
        self.refused("InvalidArgs", CACHE, "Cull", "a{sv}", ({},), who=self.nobody)
        self.assertEqual(polkit.asked, [])

    def test_slow_polkit(self):
        polkit = self.polkit(lambda action, flags: None)
        pause = self.nobody.send(CACHE, "Pause")
        cancel = self.nobody.send(JOB, "Cancel")
        gone = self.caller(NOBODY)
        gone.send(CACHE, "Pause")
        self.host.wait_for(lambda: len(polkit.asked) == 3)
        gone.close()
        # Nobody else waits for it.
        self.root.call(CACHE, "Pause")
        self.root.call(CACHE, "Resume")
        self.host.do("forget 1")  # the job goes while its caller is asked about
        listener = self.listen()
        self.host.do("step")
        listener.changed(CACHE)
        for message in polkit.unanswered:
            polkit.answer(message, (True, False))
        self.nobody.answer(pause)
        self.assertTrue(self.root.get(CACHE, "Paused"))
        with self.assertRaises(Refused) as caught:
            self.nobody.answer(cancel)
        self.assertEqual(caught.exception.name, "org.cachefiles1.Error.NoSuchJob")

    def test_polkit_ends_while_it_is_asked(self):
        polkit = self.polkit(lambda action, flags: None)
        pause = self.nobody.send(CACHE, "Pause")
        self.host.wait_for(lambda: polkit.asked)
        polkit.connection.sock.shutdown(socket.SHUT_RDWR)
        with self.assertRaises(Refused) as caught:
            self.nobody.answer(pause)
        self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.AccessDenied")

    def test_too_much_at_a_time(self):
        self.polkit(lambda action, flags: None)
        calls = [self.nobody.send(CACHE, "Pause") for _ in range(17)]
        with self.assertRaises(Refused) as caught:
            self.nobody.answer(calls[-1])
        self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.LimitsExceeded")
        self.root.call(CACHE, "Pause")


class Trouble(Case):
    def test_exceptions_are_answers(self):
        for ordered, text in (("bad_alloc", "bad_alloc"), ("logic_error", "ordered by the test"),
                              ("number", "unknown exception")):
            for call in [each for each, _ in GUARDED if each[0] != JOB] + [(MANAGER, "GetMetrics"),
                                                                          (CACHE, "GetAges", "at", ([1],))]:
                self.host.do(f"throw {ordered}")
                self.assertIn(text, self.refused("Failed", *call))
        self.assertEqual(self.root.get(CACHE, "State"), "online")
        self.assertIn("ordered by the test", self.host.log())

    def test_answers_that_come_late(self):
        self.host.do("block")
        ages = self.root.send(CACHE, "GetAges", "at", ([1],))
        pages = [self.caller() for _ in range(20)]
        for one in pages:
            one.send(CACHE, "ListObjects", "ssu", ("", "", 1000))
        self.assertEqual(self.caller().get(CACHE, "State"), "online")  # the loop goes on
        for one in pages:
            one.close()
        self.host.do("unblock")
        self.assertEqual(len(self.root.answer(ages)), 2)

    def test_restarts_of_the_bus(self):
        self.host.do("block")
        self.root.send(CACHE, "GetAges", "at", ([1],))
        self.bus.stop()
        self.host.do("unblock")  # the answer finds nobody
        self.host.wait_for(lambda: "not on D-Bus" in self.host.log())
        self.host.do("volume 9 made meanwhile")
        self.host.do("culling watermark")
        for _ in range(2):
            self.bus.start()
            self.host.wait_for_service()
            root = self.caller()
            self.assertEqual(root.get(CACHE, "Reason"), "watermark")
            self.assertEqual(root.get("/org/cachefiles1/volume/9", "Key"), "made meanwhile")
            listener = self.listen()
            self.host.do("step")
            listener.changed(CACHE)
            self.bus.stop()
        self.bus.start()

    def test_callers_that_do_not_read(self):
        """The bus keeps what they do not read; when it has enough of that, it takes nothing more from the service."""
        callers = [self.caller() for _ in range(200)]
        for one in callers:
            one.connection.receive()  # the bus greets with a signal
            one.send(CACHE, "ListObjects", "ssu", ("", "", 10_000))
            # Only so many are served at a time.
            self.host.wait_for(lambda one=one: select.select([one.connection.sock], [], [], 0)[0] or
                               "callers do not read" in self.host.log())
            self.host.do("step")  # it goes on meanwhile
        self.host.wait_for(lambda: "callers do not read" in self.host.log())
        # It has connected anew.
        self.host.wait_for(lambda: self.host.log().count("on the bus as") == 2)
        self.host.do("culling watermark")
        self.assertEqual(self.caller().get(CACHE, "Reason"), "watermark")

    def test_many_listings(self):
        """They take memory: only some are served at a time."""
        self.host.do("block")
        waiting = {}
        for one in [self.caller() for _ in range(100)]:
            one.connection.receive()  # the bus greets with a signal
            waiting[one.connection.sock] = one, one.send(CACHE, "ListObjects", "ssu", ("", "", 10_000))
        while len(waiting) > 8:
            one, serial = waiting.pop(select.select(waiting, [], [])[0][0])
            with self.assertRaises(Refused) as caught:
                one.answer(serial)
            self.assertEqual(caught.exception.name, "org.freedesktop.DBus.Error.LimitsExceeded")
        self.host.do("unblock")
        for one, serial in waiting.values():
            self.assertEqual(len(one.answer(serial)[0]), 10_000)
        self.assertEqual(len(self.root.call(CACHE, "ListObjects", "ssu", ("", "", 1))[0]), 1)

    def test_many_callers(self):
        callers = [self.caller(NOBODY if i % 2 else None) for i in range(100)]
        calls = [(one, one.send(CACHE, "GetAll", "s", ("org.cachefiles1.Cache",), interface=client.PROPERTIES))
                 for _ in range(20) for one in callers]
        for one, serial in calls:
            self.assertEqual(client.plain(one.answer(serial))["State"], "online")


class Start(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.addCleanup(self.bus.close)

    def test_before_the_bus(self):
        host = Host(self.bus)
        host.do("step")  # it runs
        self.bus.start()
        host.wait_for_service()
        caller = Client(self.bus.address)
        self.assertFalse(caller.get(CACHE, "InStep"))
        caller.close()
        self.assertEqual(host.close(), 0)

    def test_two_daemons(self):
        self.bus.start()
        first = Host(self.bus).wait_for_service()
        second = Host(self.bus)
        second.wait_for(lambda: "belongs to another process" in second.log())
        self.assertEqual(first.close(), 0)
        second.wait_for_service()
        self.assertEqual(second.close(), 0)

    def test_not_allowed_to_have_the_name(self):
        self.bus.start()
        host = Host(self.bus, uid=NOBODY)
        host.wait_for(lambda: "cannot have the name" in host.log())
        host.do("step")
        self.assertEqual(host.close(), 0)

    def test_a_bus_that_does_not_answer(self):
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.bus.root / "bus"))
            listening.listen()
            host = Host(self.bus)
            connection, _ = listening.accept()
            host.do("step")  # it runs
            self.assertEqual(host.close(), 0)
            connection.close()


if __name__ == "__main__":
    only_as_root()
    unittest.main(argv=sys.argv)
