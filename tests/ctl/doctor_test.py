#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cachefilesctl doctor: what it says of machines that are made up, and of a daemon that runs."""
import json
import pathlib
import unittest

from case import AtRoot

UNIT = pathlib.Path(__file__).resolve().parents[2] / "units/cachefilesd.service.in"


class Doctor(AtRoot):
    def test_doctor(self):
        status, output, _ = self.program.run("doctor", *self.at_root)
        self.assertEqual(status, 1)
        self.assertIn("-> systemctl enable" if "no unit" not in output else "-> install the package", output)
        findings = self.json("doctor", *self.at_root, status=1)
        self.assertFalse(findings["healthy"])
        self.assertEqual(set(findings["findings"][0]), {"level", "subject", "text", "remedy"})
        self.host.stop()
        self.assertIn(self.program.run("doctor")[0], (0, 1))

    def test_doctor_asks_the_daemon_which_backend_runs(self):
        """It is the user backend; what the files of this machine say does not count."""
        findings = json.loads(self.program.run("--json", "doctor")[1])["findings"]
        self.assertIn("not needed: the user backend", [each["text"] for each in findings])
        self.assertEqual({each["subject"] for each in findings} & {"device", "mounts", "kernel"}, set())
        self.host.stop()
        findings = json.loads(self.program.run("--json", "doctor")[1])["findings"]
        self.assertEqual((findings[0]["subject"], findings[0]["level"]), ("daemon", "error"))

    def debian(self, **others):
        """Debian 12 with the service's package on it, over the older one; the cache is online."""
        listed = {
            "lib/systemd/system/cachefilesd.service": UNIT.read_text(),
            "etc/default/cachefilesd": "# Defaults for cachefilesd\n#RUN=yes\n\nDAEMON_OPTS=\"\"\n",
            "etc/cachefilesd.conf": "dir /var/cache/fscache\ntag mycache\nbrun 10%\nbcull 7%\nbstop 3%\n"
                                    "frun 10%\nfcull 7%\nfstop 3%\n",
            "dev/cachefiles": "", "dev/null": "",
            "proc/sys/kernel/osrelease": "6.1.0-56-amd64\n",
            "lib/modules/6.1.0-56-amd64/modules.dep": "kernel/fs/cachefiles/cachefiles.ko: kernel/fs/netfs/netfs.ko\n",
            "sys/module/cachefiles/initstate": "live\n",
            "sys/kernel/security/lsm": "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf",
            "sys/kernel/security/apparmor/profiles": "/usr/bin/man (enforce)\n",
            "proc/self/mountinfo": "26 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
                                   "90 26 0:51 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2,fsc\n",
            "proc/1/comm": "systemd\n", "proc/812/comm": "cachefilesd\n",
            "proc/812/maps": "7f00 r-xp /usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6\n",
            "proc/812/limits": "Max open files            524288               524288               files\n",
            "var/lib/cachefilesd/mycache.db": "", "var/cache/fscache/cache/x": "",
        }
        root = self.program.root
        for name, text in (listed | others).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        for link, target in {
                "etc/systemd/system/multi-user.target.wants/cachefilesd.service":
                    "/lib/systemd/system/cachefilesd.service",
                "proc/1/fd/60": "/dev/cachefiles", "proc/812/fd/5": "/dev/cachefiles"}.items():
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(target)

    def doctor(self):
        status, output, errors = self.program.run("--json", "doctor", *self.at_root)
        self.assertEqual(errors, "")
        findings = json.loads(output)["findings"]
        # What the disk of the tests can do is not Debian's.
        findings = [each for each in findings if each["subject"] != "file system"]
        return status, {each["text"]: each["remedy"] for each in findings if each["level"] != "good"}

    def test_doctor_of_debian_12(self):
        self.debian()
        status, found = self.doctor()
        self.assertEqual(status, 0)
        self.assertEqual(sorted(found), [
            "6.1.0-56-amd64: a process reads no more than 30 to 40 MB/s from the cache",
            "the cache shares the root file system, and fills it to the watermarks"])

    def test_doctor_of_debian_12_with_the_user_backend(self):
        """Nothing of the kernel's part is told, though it is there, and in other hands."""
        self.debian(**{"proc/812/comm": "nydusd\n"})
        (self.etc / "cachefilesd.yaml").write_text("limits: {max-size: 1G}\ndaemon: {backend: user}\n")
        (self.etc / "cachefilesd.conf").unlink()
        self.assertEqual(self.doctor(), (0, {}))

    def test_doctor_where_another_daemon_binds_the_cache(self):
        """Which says where that is, and what the device file needs is told."""
        self.debian()
        (self.etc / "cachefilesd.yaml").write_text(
            "cache: {directory: /srv/cache}\ndaemon: {backend: user}\nuser: {bound-by: device}\n")
        (self.etc / "cachefilesd.conf").unlink()
        status, found = self.doctor()
        self.assertEqual((status, sorted(found)), (1, [
            "the unit does not let the daemon serve its device file (user.device)",
            "there is no /dev/fuse, which user.device needs"]))

    def test_doctor_takes_the_options_of_the_unit(self):
        self.debian()
        (self.etc / "default/cachefilesd").write_text("RUN=no\nDAEMON_OPTS=\"-N -f /srv/c.yaml\"\n")
        (self.program.root / "srv").mkdir()
        (self.program.root / "srv/c.yaml").write_text("cache: {directory: /srv/cache}\nlimits: {max-size: 1G}\n")
        status, found = self.doctor()
        self.assertEqual(status, 1)
        self.assertEqual(found.pop("RUN=no in /etc/default/cachefilesd has no effect: the service starts if it is "
                                   "enabled"),
                         "to have it not run: systemctl disable --now cachefilesd; else delete RUN=")
        self.assertEqual(found.pop("nothing is culled (culling.enabled: false): a full disk stays full"),
                         "take -N out of DAEMON_OPTS in /etc/default/cachefilesd")
        self.assertEqual(found.pop("the unit does not let the daemon write to /srv/cache (cache.directory)"),
                         "systemctl edit cachefilesd: [Service] ReadWritePaths=/srv/cache; then restart it")
        self.assertEqual(len(found), 1, found)  # of the kernel


if __name__ == "__main__":
    unittest.main()
