#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cachefilesctl from outside: every verb, as text and as JSON; exit statuses; jobs; terminals; another machine.
CACHEFILESCTL and BUS_HOST name the programs."""
import json
import os
import pathlib
import re
import select
import signal
import stat
import unittest

from case import AtRoot, Case
from host import Program, Terminal

NFS = "nfs,4.2,2,,a0000000a,0,0,,100000,100000,2ee,bb8,2ee,bb8,0"
PROJECTS = "9p,tag,projects"
ODD = "user\\\\files\\xff\\x0a"  # as the bus has it
NOBODY = 65534


class Reading(Case):
    def test_status(self):
        text = self.text()
        self.assertEqual(text, self.text("status"))
        self.assertTrue(text.startswith("ATTENTION: "), text)
        for part in ("my-cache in /var/cache/fscache", "max-size 8.0 GiB", "12,032 objects", "Next: "):
            self.assertIn(part, text)
        self.assertLess(len(text.splitlines()), 24)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        status = self.json("status")
        self.assertEqual(set(status), {"verdict", "why", "next", "time_usec", "version", "backend", "caches", "volumes",
                                       "jobs"})
        self.assertEqual(status["verdict"], "attention")
        cache = status["caches"][0]
        self.assertEqual((cache["tag"], cache["objects"], cache["limits"]["max_files"]), ("my-cache", 12032, 100000))
        self.assertEqual(cache["statistics"]["culled_objects_total"], 1234)

    def test_verdicts_follow_the_daemon(self):
        self.host.command("lost the disk")
        while self.json()["caches"][0]["state"] != "lost":
            pass
        self.assertTrue(self.text().startswith("TROUBLE: the cache is lost"))
        self.host.command("recovered")
        self.host.command("stalled max-size")
        while not self.json()["caches"][0]["stalled"]:
            pass
        self.assertIn("nothing can be culled", self.text())

    def test_volumes(self):
        self.assertEqual([each["volume"] for each in self.json("volumes")["volumes"]], [PROJECTS, NFS, ODD])
        self.assertEqual([each["volume"] for each in self.json("volumes", "--sort=name")["volumes"]][0], PROJECTS)
        text = self.text("volumes")
        self.assertIn(PROJECTS, text)
        self.assertIn(r"user\\files\xff\x0a", text)  # a newline in a key is no newline
        self.assertEqual(len(text.splitlines()), 4)
        self.assertEqual(self.program.run("volumes", "--sort", "colour")[0], 2)

    def test_objects(self):
        self.assertEqual(len(self.program.lines("objects")), 1000)
        self.assertEqual(len(self.program.lines("objects", "--limit", "0")), 12032)
        objects = self.program.lines("objects", NFS, "--limit=0")
        self.assertEqual(len(objects), 30)
        self.assertEqual(set(objects[0]), {"object", "volume", "directory", "name", "bytes", "last_use_usec", "in_use"})
        self.assertEqual([each["in_use"] for each in objects], [False] * 25 + [True] * 5)
        self.assertEqual(self.program.lines("objects", ODD)[-1]["name"] in ("E00000", "D\\xfe name"), True)
        self.assertIn("There are more", self.text("objects", "--limit", "3"))
        self.assertEqual(self.program.run("objects", "no-such")[0], 1)

    def test_show(self):
        first = self.program.lines("objects", NFS, "--limit", "1")[0]
        by_number = self.json("show", str(first["object"]))
        by_name = self.json("show", f"{NFS}/{first['name']}")
        by_path = self.json("show", by_number["path"])
        self.assertEqual(by_number, by_name)
        self.assertEqual(by_number, by_path)
        self.assertEqual(by_number["block_size"], 262144)
        self.assertEqual(by_number["content"][0]["first"], 0)
        text = self.text("show", str(first["object"]))
        self.assertIn("blocks of 256.0 KiB are there", text)
        self.assertIn("█", text)
        ascii_program = Program(self.bus.address, LC_ALL="C")
        self.addCleanup(ascii_program.close)
        self.assertIn("#", ascii_program.text("show", str(first["object"])))
        status, _, errors = self.program.run("show", f"{NFS}/nothing")
        self.assertEqual(status, 1)
        self.assertTrue(errors.startswith("cachefilesctl: cannot show the object: "), errors)
        self.assertEqual(self.program.run("show", "nonsense")[0], 2)

    def test_content_map(self):
        """The bits of the bus, the first block in the lowest bit of the first byte, as text and as ranges."""
        name = f"{PROJECTS}/E00002"
        shown = self.json("show", name)
        self.assertEqual((shown["block_size"], shown["content"]), (262144, [{"first": 0, "count": 3}]))
        ascii_program = Program(self.bus.address, LC_ALL="C")
        self.addCleanup(ascii_program.close)

        def drawn(bits):
            self.host.command(f"content E00002 {bits.hex()}")
            return self.text("show", name).split("Content ")[1].strip().split("\n")

        # Gaps; what is behind the last block that is there is no gap.
        self.assertEqual(drawn(b"\x0d\x81\x00"), ["5 of 16 blocks of 256.0 KiB are there", "", "█░██░░░░█░░░░░░█"])
        self.assertEqual(self.json("show", name)["content"], [
            {"first": 0, "count": 1}, {"first": 2, "count": 2}, {"first": 8, "count": 1}, {"first": 15, "count": 1}])
        self.assertIn("\n#.##....#......#\n", ascii_program.text("show", name))
        self.assertEqual(drawn(b"\x00"), ["0 of 0 blocks of 256.0 KiB are there"])
        self.assertEqual(self.json("show", name)["content"], [])
        # As many as there are places: 12 rows of 80. One more, and two share a place.
        self.assertEqual(drawn(b"\xff" * 120)[1:], [""] + 12 * ["█" * 80])
        shared = drawn(b"\x07" + b"\xff" * 119 + b"\x80")
        self.assertEqual(shared[0], "956 of 968 blocks of 256.0 KiB are there")
        self.assertEqual(shared[1].strip(), "2 blocks for each place below")
        self.assertEqual("".join(shared[3:]), "█▒░░" + "█" * 476 + "░░░▒")
        self.assertIn("\n#+..####", ascii_program.text("show", name))
        # The kernel's driver does not tell.
        self.host.command("content E00002")
        self.assertEqual([self.json("show", name)[key] for key in ("block_size", "content")], [None, None])
        self.assertNotIn("Content", self.text("show", name))

    def test_ages(self):
        table = self.json("ages", "--bounds", "1h,1d")
        self.assertEqual([each["within"] for each in table["ages"]], [3600, 86400, None])
        self.assertEqual(table["ages"][-1]["kept_objects"], 12032)
        self.assertIn("max-age 30d: keeps what was used within 30d", self.text("ages"))
        for bounds in ("1d,1h", "0", "", "x"):
            self.assertEqual(self.program.run("ages", "--bounds", bounds)[0], 2, bounds)

    def test_top_prints_one_frame_where_there_is_no_terminal(self):
        text = self.text("top")
        self.assertNotIn("\x1b", text)
        self.assertIn("max-size", text)
        frames = self.program.lines("top", "--count", "2")
        self.assertIsNone(frames[0]["caches"][0]["rates"])
        self.assertEqual(frames[1]["caches"][0]["rates"]["culled"], 0)

    def test_metrics(self):
        self.assertIn("cachefiles_objects 12032\n", self.text("metrics"))
        self.assertEqual(self.json("metrics")["caches"][0]["statistics"]["culled_objects_total"], 1234)

    def test_version_and_help(self):
        self.assertRegex(self.text("version"), r"cachefilesctl [\d.]+\ncachefilesd [\d.]+\n")
        self.assertEqual(set(self.json("version")), {"version", "daemon"})
        self.assertEqual(self.text("help"), self.text("--help"))
        self.assertEqual(self.text("help", "cull"), self.text("cull", "--help"))

    def test_several_caches_are_told_apart_by_their_tags(self):
        self.assertEqual(self.json("--cache", "my-cache")["caches"][0]["tag"], "my-cache")
        status, _, errors = self.program.run("--cache", "other")
        self.assertEqual(status, 1)
        self.assertIn("there is: my-cache", errors)


class Changing(Case):
    def test_limits(self):
        self.assertRegex(self.text("limits"), r"\nmax-size +8.0 GiB +\[█+\] 165%  13.2 GiB of 8.0 GiB\n")
        self.assertEqual(self.json("limits")["max_size"], 8 << 30)
        self.assertEqual(self.json("limits", "max-size=none", "min-age=2h")["max_size"], None)
        self.assertEqual(self.json("limits")["min_age"], 7200)
        self.assertEqual(self.json("limits")["max_files"], 100000)  # what was not named
        self.text("limits", "--persistent", "max-files=7")
        self.assertEqual(self.json("limits")["max_files"], 7)
        status, _, errors = self.program.run("limits", "--persistent", "max-files=13")
        self.assertEqual((status, "cannot write the drop-in" in errors), (1, True))
        for wrong in (["max-size"], ["max-size=x"], ["size=1"], ["--persistent"]):
            self.assertEqual(self.program.run("limits", *wrong)[0], 2, wrong)

    def test_pins(self):
        pinned = lambda: {each["volume"]: each["pinned"] for each in self.json("volumes")["volumes"]}
        self.text("pin", PROJECTS)
        self.assertTrue(pinned()[PROJECTS])
        self.text("unpin", PROJECTS, ODD)
        self.assertFalse(pinned()[PROJECTS] or pinned()[ODD])
        status, _, errors = self.program.run("unpin", PROJECTS, NFS)
        self.assertEqual(status, 1)
        self.assertIn("the configuration pins it", errors)
        status, _, errors = self.program.run("pin", "projects")
        self.assertEqual((status, f'did you mean "{PROJECTS}"?' in errors), (1, True))

    def test_pause_and_resume(self):
        self.text("pause")
        self.assertTrue(self.json()["caches"][0]["paused"])
        self.assertIn("Next: cachefilesctl resume", self.text())
        self.assertEqual(self.json("resume"), {"cache": "my-cache", "paused": False})
        self.assertFalse(self.json()["caches"][0]["paused"])

    def test_reload(self):
        self.assertEqual(self.json("reload"), {"reloaded": True})
        self.host.command("reload /etc/cachefilesd.yaml:3: limits.bcul: unknown key")
        status, _, errors = self.program.run("reload")
        self.assertEqual(status, 1)
        self.assertIn("/etc/cachefilesd.yaml:3: limits.bcul: unknown key", errors)

    def test_log_level(self):
        self.assertEqual(self.text("log-level"), "info\n")
        self.assertEqual(self.json("log-level", "debug"), {"log_level": "debug"})
        self.assertEqual(self.text("-q", "log-level", "error"), "")
        self.assertEqual(self.text("log-level"), "error\n")
        self.assertEqual(self.program.run("log-level", "loud")[0], 2)

    def test_jobs(self):
        job = self.json("cull", "--bytes", "1G", "--yes")
        self.assertEqual((job["state"], job["objects"], job["busy"], job["dry_run"]), ("done", 100, 3, False))
        self.assertEqual(self.text("cull", "--files", "5", "--dry-run"),
                         "Would remove 100 objects, 100.0 MiB; 3 in use stay.\n")
        self.assertEqual(self.text("purge", PROJECTS, "-y"), "Removed 100 objects, 100.0 MiB; 3 in use stay.\n")
        self.assertIn("has begun", self.text("purge", "--all", "-y", "--no-wait"))
        status, output, _ = self.program.run("verify")
        self.assertEqual(status, 1)  # something was found
        self.assertIn("an object of volume 2 has the wrong size\n", output)
        self.assertEqual(len(self.json("verify", status=1)["findings"]), 2)

    def test_nothing_is_removed_unasked(self):
        for arguments in (["cull", "--bytes", "1G"], ["purge", "--all"], ["purge", PROJECTS]):
            status, _, errors = self.program.run(*arguments)
            self.assertEqual((status, "--yes" in errors), (2, True), errors)
        self.assertEqual(self.json()["jobs"], [])
        for arguments in (["cull", "-y"], ["purge", "-y"], ["purge", "--all", PROJECTS, "-y"]):
            self.assertEqual(self.program.run(*arguments)[0], 2)
        self.assertEqual(self.program.run("cull", "--volume", "none", "--files", "1", "-y")[0], 1)


class Watching(Case):
    manual = True

    def begun(self):
        while not (jobs := self.json()["jobs"]):
            pass
        return jobs[0]["job"]

    def test_interrupt_cancels_the_job(self):
        with self.program.spawn("cull", "--bytes=1G", "--yes") as process:
            self.begun()
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate()
        self.assertEqual((process.returncode, output), (1, "Canceled: Removed 0 objects, 0 B until then.\n"), errors)
        self.assertEqual(self.json()["jobs"][0]["state"], "canceled")

    def test_a_job_that_fails(self):
        with self.program.spawn("verify") as process:
            self.host.command(f"fail {self.begun()} the disk is broken")
            output, errors = process.communicate()
        self.assertEqual((process.returncode, output, errors), (1, "", "cachefilesctl: verify: the disk is broken\n"))

    def test_the_daemon_ends_meanwhile(self):
        with self.program.spawn("verify") as process:
            self.begun()
            self.host.stop()
            errors = process.communicate()[1]
        self.assertEqual(process.returncode, 3)
        self.assertIn("lost the daemon", errors)

    def test_progress_is_shown_on_terminals(self):
        terminal = Terminal(self.program, "cull", "--files=9", "--yes")
        job = self.begun()
        self.host.command(f"progress {job} 4500")
        terminal.until("45%")
        self.assertIn("█", terminal.seen)
        self.host.command(f"finish {job}")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.seen.endswith("\r\x1b[KRemoved 10 objects, 10.0 MiB; 3 in use stay.\r\n"),
                        terminal.seen)

    def test_monitor(self):
        with self.program.spawn("monitor", "--json") as process:
            def next_event(name):
                while (event := json.loads(process.stdout.readline()))["event"] != name:
                    self.assertGreater(event["time_usec"], 0)
                return event
            # It may not listen yet: until something is seen, it is said again.
            while not select.select([process.stdout], [], [], 0.05)[0]:
                self.host.command("culling watermark")
            self.host.command("culled 5 1000")
            finished = next_event("culling-finished")
            self.assertEqual((finished["objects"], finished["bytes"], finished["subject"]), (5, 1000, "my-cache"))
            self.host.command("lost the disk")
            self.assertEqual(next_event("lost")["why"], "the disk")
            self.host.command("recovered")
            self.assertEqual(next_event("recovered")["subject"], "my-cache")
            job = self.json("verify", "--no-wait")["job"]
            self.host.command(f"fail {job} so")
            removed = next_event("job-removed")
            self.assertEqual((removed["subject"], removed["result"], removed["message"]), (f"job {job}", "failed", "so"))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(), 0)


class Terminals(Case):
    def test_confirmation(self):
        for answer, status in (("n\n", 1), ("\n", 1), ("y\n", 0)):
            terminal = Terminal(self.program, "purge", PROJECTS)
            terminal.until("[y/N] ").type(answer)
            self.assertEqual(terminal.end(), status, terminal.seen)
        self.assertIn(f"the volume {PROJECTS} (", terminal.seen)
        self.assertEqual(len(self.json()["jobs"]), 1)

    def test_top(self):
        terminal = Terminal(self.program, "top")
        terminal.until("\x1b[?1049h").until("\x1b[J")  # the other screen, one frame
        self.assertIn("\x1b[33m", terminal.seen)  # attention
        before = terminal.seen.count("\x1b[H")
        terminal.resize(10, 60)
        terminal.process.send_signal(signal.SIGWINCH)
        while terminal.seen.count("\x1b[J") <= before:
            self.assertTrue(terminal.read())
        self.assertLessEqual(terminal.seen.rsplit("\x1b[H", 1)[1].count("\r\n"), 9)
        terminal.until("culled 0.0/s")  # the second frame
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.seen.endswith("\x1b[?25h\x1b[?1049l"), terminal.seen[-40:])

    def test_colours(self):
        def seen(*arguments, **environment):
            terminal = Terminal(self.program, "status", *arguments, **environment)
            self.assertEqual(terminal.end(), 0)
            return terminal.seen
        self.assertIn("\x1b[33mATTENTION\x1b[0m", seen())
        for plain in (seen(NO_COLOR="1"), seen(TERM="dumb"), seen("--color=never")):
            self.assertNotIn("\x1b", plain)
        self.assertIn("\x1b[33m", self.text("--color=always"))
        self.assertNotIn("█", seen(LC_ALL="C"))
        self.assertIn("█", seen())

    def test_pager(self):
        terminal = Terminal(self.program, "objects", CACHEFILESCTL_PAGER="sed 's/^/paged /'")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(terminal.seen.count("paged "), 1001)
        terminal = Terminal(self.program, "--no-pager", "objects", CACHEFILESCTL_PAGER="sed 's/^/paged /'")
        self.assertEqual(terminal.end(), 0)
        self.assertNotIn("paged", terminal.seen)

    def test_pager_for_what_comes_piece_by_piece(self):
        terminal = Terminal(self.program, "objects", "--limit=0", CACHEFILESCTL_PAGER="sed 's/^/paged /'")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(terminal.seen.count("paged "), 12033)
        # Who has seen enough ends it, long before the last.
        terminal = Terminal(self.program, "objects", "--limit=0", CACHEFILESCTL_PAGER="head -n 3")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(len(terminal.seen.splitlines()), 3, terminal.seen)
        terminal = Terminal(self.program, "objects", "--limit=3", CACHEFILESCTL_PAGER="sed 's/^/paged /'")
        self.assertEqual(terminal.end(), 0)
        self.assertNotIn("paged", terminal.seen)  # there is room for it

    def test_a_machine_without_less(self):
        terminal = Terminal(self.program, "objects", PATH=str(self.program.root))
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(len(terminal.seen.splitlines()), 1002)


class Statuses(Case):
    def assert_fails(self, status, part, *arguments, program=None, **options):
        found, output, errors = (program or self.program).run(*arguments, **options)
        self.assertEqual((found, output), (status, ""), errors)
        self.assertRegex(errors, r"\Acachefilesctl: [^\n]+\n\Z")
        self.assertIn(part, errors)

    def test_usage(self):
        for arguments in (["nothing"], ["--nothing"], ["cull", "--nothing"], ["pin"], ["status", "x"],
                          ["--color=pink"], ["-H", ""], ["config", "sing"], ["-H", "host", "doctor"],
                          ["help", "nothing"]):
            self.assert_fails(2, "", *arguments)

    def test_not_running_and_not_installed(self):
        self.host.stop()
        self.assert_fails(3, "systemctl start cachefilesd", "--root", str(self.program.root))
        self.assert_fails(5, "not installed", "--root", str(self.program.directory / "nothing"))
        self.bus.stop()
        self.assert_fails(3, "no system bus", "volumes", "--root", str(self.program.root))

    @unittest.skipUnless(os.geteuid() == 0, "takes root to become somebody else")
    def test_not_permitted(self):
        self.assertEqual(self.program.run("status", user=NOBODY)[0], 0)
        for arguments in (["pause"], ["cull", "--files=1", "-y"], ["pin", PROJECTS], ["reload"],
                          ["limits", "max-size=1G"]):
            self.assert_fails(4, "not permitted", *arguments, user=NOBODY)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            status, _, errors = self.program.run("status", stdout=full)
        self.assertEqual((status, errors), (1, "cachefilesctl: cannot write the output\n"))


class Elsewhere(Case):
    def test_another_machine_over_ssh(self):
        tools = self.program.directory / "bin"
        tools.mkdir()
        log = self.program.directory / "log"
        ssh = tools / "ssh"
        ssh.write_text(f"#!/bin/sh\necho \"$@\" >>{log}\n"
                       f"exec systemd-stdio-bridge --bus-path='{self.bus.address}'\n")
        ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
        far = Program("unix:path=/nowhere", PATH=f"{tools}:{os.environ['PATH']}")
        self.addCleanup(far.close)
        self.assertIn("my-cache", far.text("-H", "me@far", "status"))
        self.assertIn("me@far", log.read_text())
        self.assertEqual(far.json("-H", "me@far", "cull", "--files=1", "-y")["state"], "done")
        ssh.write_text("#!/bin/sh\nexit 255\n")
        self.assertEqual(far.run("-H", "me@far", "status")[0], 1)


class Local(AtRoot):
    def test_what_is_on_no_cachefiles_mount(self):
        for verb in ("cached", "warm"):
            status, output, errors = self.program.run(verb, str(self.etc))
            self.assertEqual((status, output), (1, ""))
            self.assertEqual(errors, f"cachefilesctl: {self.etc}: is on no cachefiles-mount; what is cached of a network "
                                     "file system with the option fsc is asked for with cachefilesctl objects\n")
            status, _, errors = self.program.run(verb, str(self.etc / "nothing"))
            self.assertEqual((status, errors),
                             (1, f"cachefilesctl: {self.etc}/nothing: No such file or directory\n"))
            self.assertEqual(self.program.run("-H", "far", verb, str(self.etc))[0], 2)
        for wrong in (["cached"], ["warm"], ["warm", "--jobs=0", "/"], ["warm", "--rate=0", "/"],
                      ["warm", "--rate=10M/m", "/"], ["cached", "--limit=3", "/"]):
            self.assertEqual(self.program.run(*wrong)[0], 2, wrong)

    def test_config_check_and_dump(self):
        self.assertEqual(self.text("config", "check", *self.at_root), "There is no file: the defaults hold.\n")
        (self.etc / "cachefilesd.yaml").write_text("limits:\n  bcul: 3%\n")
        status, output, _ = self.program.run("config", "check", *self.at_root)
        self.assertEqual((status, "cachefilesd.yaml:2:3: limits.bcul: unknown key" in output), (1, True))
        errors = self.json("config", "check", *self.at_root, status=1)["errors"]
        self.assertEqual((errors[0]["line"], errors[0]["column"]), (2, 3))
        self.assertEqual(self.program.run("config", "dump", *self.at_root)[0], 1)
        (self.etc / "cachefilesd.yaml").write_text("limits:\n  bcull: 3%\n")
        self.assertRegex(self.text("config", "dump", *self.at_root), r"  bcull: 3% +# .*cachefilesd.yaml:2\n")
        self.assertEqual(self.json("config", "dump", *self.at_root)["limits"]["bcull"]["value"], "3%")

    def test_config_convert(self):
        (self.etc / "cachefilesd.conf").write_text("dir /srv/c\nbrun 10%\nnocull\nculltable 12\n")
        status, yaml, errors = self.program.run("config", "convert", *self.at_root)
        self.assertEqual(status, 0, errors)
        self.assertIn("culltable", errors)
        self.assertNotIn("bcull", yaml)
        converted = self.etc / "converted.yaml"
        converted.write_text(yaml)
        before = self.json("config", "dump", *self.at_root)
        after = self.json("config", "dump", str(converted))
        values = lambda config: {f"{section}.{name}": entry["value"] for section, entries in config.items()
                                 if isinstance(entries, dict) for name, entry in entries.items()}
        self.assertEqual(values(before), values(after))
        converted.write_text(yaml + "\nvolumes:\n  - match: x\n    pin: true\n")
        back = self.text("config", "convert", str(converted))
        self.assertEqual(back, "dir /srv/c\nbrun 10%\nnocull\n# volumes: the rule for x has no counterpart here\n")


class Page(AtRoot):
    """The names in the JSON are those of cachefilesctl(1), section JSON OUTPUT."""

    # Whose members are named elsewhere: by the metrics, by the configuration, by rates.
    OTHERS = {"statistics", "rates", "keeps"}

    def names(self, value):
        if isinstance(value, list):
            for each in value:
                yield from self.names(each)
        elif isinstance(value, dict):
            for name, each in value.items():
                yield name
                if name not in self.OTHERS:
                    yield from self.names(each)

    def seen(self):
        first = str(self.program.lines("objects", NFS, "--limit", "1")[0]["object"])
        for arguments in (["status"], ["volumes"], ["objects", "--limit=1"], ["show", first], ["ages"], ["limits"],
                          ["cull", "--files=1", "-y"], ["pause"], ["resume"], ["pin", PROJECTS], ["reload"],
                          ["log-level"], ["version"], ["top"]):
            yield from self.names(self.program.lines(*arguments))
        yield from self.names(self.json("verify", status=1))
        yield from self.names(self.json("doctor", *self.at_root, status=1))
        (self.etc / "cachefilesd.yaml").write_text("limits:\n  bcul: 3%\n")
        yield from self.names(self.json("config", "check", *self.at_root, status=1))
        (self.etc / "cachefilesd.yaml").write_text("")
        yield from self.names(self.json("config", "convert", *self.at_root, str(self.etc / "cachefilesd.yaml")))
        for section in self.json("config", "dump", *self.at_root).values():
            yield from self.names(list(section.values()) if isinstance(section, dict) else [])
        with self.program.spawn("--json", "monitor", "--count=3") as process:
            while process.poll() is None:
                for line in ("culling watermark", "culled 1 2", "lost x", "recovered"):
                    self.host.command(line)
            for line in process.stdout.read().splitlines():
                yield from ("time_usec", "event", "subject")
                assert {"time_usec", "event", "subject"} <= set(json.loads(line))

    def test_names(self):
        page = (pathlib.Path(__file__).resolve().parents[2] / "man/cachefilesctl.1").read_text()
        section = re.search(r"^\.Sh JSON OUTPUT\n(.*?)^\.Sh ", page, re.M | re.S)[1]
        # What takes a cachefiles-mount is seen in tests/mount.
        section = re.sub(r"^\.Ss Of (cached|warm)\n.*?^(?=\.Ss )", "", section, flags=re.M | re.S)
        documented = set()
        for line in re.findall(r"^\.(?:It )?Li (.*)$", section, re.M):
            documented |= {word for word in line.replace(" ,", " ").split() if re.fullmatch(r"[a-z_]+", word)}
        seen = set(self.seen())
        self.assertEqual(seen - documented, set())
        named = {word for line in re.findall(r"^\.It Li (.*)$", section, re.M)
                 for word in line.replace(" ,", " ").split()}
        of_events = {"why", "result"}
        self.assertEqual(named - seen - of_events, set())


if __name__ == "__main__":
    unittest.main()
