#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_daemon_page.py ROOT PROGRAM SYSTEMD-ANALYZE UNIT: compares cachefilesd(8) with the daemon: options, signals,
exit statuses, environment, files, message ids. Runs the examples, and shows systemd the drop-ins."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

import mdoc

# What libsystemd looks at for those who call it.
OF_LIBSYSTEMD = {"sd_watchdog_enabled": {"WATCHDOG_USEC", "WATCHDOG_PID"},
                 "sd_listen_fds_with_names": {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}}


def sources(root, folder):
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / folder).rglob("*.cpp")))


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


def compare_options(page, program):
    help_text = program.run("--help")[1]
    taken = set(re.findall(r"^  (?:-(\w),)?--([\w-]+)( FILE)?", help_text, re.M))
    documented = set()
    for item in mdoc.items(page.section("OPTIONS")):
        names = item.after("Fl")
        argument = " FILE" if "FILE" in item.after("Ar") else ""
        documented.add((names[0] if len(names[0]) == 1 else "", names[-1].removeprefix("-"), argument))
    yield from mdoc.compare("options", documented, taken)

    flags = " ".join(re.findall(r"Fl (.*)", page.section("SYNOPSIS")))
    words = {word for word in flags.split() if word not in ("|", "Ar", "FILE")}
    letters = {letter for word in words if not word.startswith("-") for letter in word}
    yield from mdoc.compare("synopsis", letters, {letter for letter, _, _ in taken if letter})
    yield from mdoc.compare("synopsis", {word[1:] for word in words if word.startswith("-")},
                            {name for letter, name, _ in taken if not letter})


def compare_signals(page, root):
    handled = re.search(r"on_signals\(\{(.*?)\}", read(root, "daemon/daemon.cpp"))[1]
    documented = {word for item in mdoc.items(page.section("SIGNALS")) for word in item.after("Dv")}
    yield from mdoc.compare("signals", documented, set(handled.split(", ")))


def compare_statuses(page, root):
    code = set(re.findall(r"^    \w+ = (\d+),", read(root, "daemon/config/exit_status.hpp"), re.M))
    yield from mdoc.compare("exit status", {item.words[0] for item in mdoc.items(page.section("EXIT STATUS"))}, code)
    prevent = re.search(r"^RestartPreventExitStatus=(.*)$", read(root, "units/cachefilesd.service.in"), re.M)[1]
    if f"not restarted after {' and '.join(prevent.split())}:" not in page.text:
        yield f"the page does not say that the service is not restarted after {prevent}"


def compare_environment(page, root):
    code = sources(root, "daemon")
    looked_at = set(re.findall(r'\bgetenv\("(\w+)"\)', code))
    for function, names in OF_LIBSYSTEMD.items():
        looked_at |= names if re.search(rf"\b{function}\(", code) else set()
    documented = {word for item in mdoc.items(page.section("ENVIRONMENT")) for word in item.after("Ev")}
    yield from mdoc.compare("environment", documented, looked_at)


def compare_files(page, root, program):
    configuration = program.configuration()
    paths = {value for value, _ in configuration.values() if value.startswith("/")}
    paths |= {f"/etc/{name}" for name in re.findall(r'request_\.etc / "(.*?)"', read(root, "daemon/config/load.cpp"))}
    paths.add("/etc/cachefilesd.yaml.d")
    paths.add(re.search(r'pid_file = "(.*?)"', read(root, "daemon/config/options.hpp"))[1])
    paths.add(str(pathlib.Path(configuration["user.socket"][0]).parent / "dev/cachefiles"))
    documented = {item.after("Pa")[0].rstrip("/") for item in mdoc.items(page.section("FILES"))}
    yield from mdoc.compare("files", documented, paths)


def compare_names(page, root):
    ids = set(re.findall(r'= "([0-9a-f]{32})"', read(root, "base/message_ids.hpp")))
    documented = {item.after("Li")[0] for item in mdoc.items(page.section("DIAGNOSTICS"))}
    yield from mdoc.compare("message ids", documented, ids)
    for name in re.findall(r'= "([\w-]+)"', read(root, "daemon/kernel/store_names.hpp")):
        if not re.search(rf"^\.Pq Li .*\b{name}\b", page.text, re.M):
            yield f"the page does not name the descriptor {name}"


class Session:
    """The user of the examples: runs what stands behind "$", in a home of his own."""

    def __init__(self, home, program):
        self.home = pathlib.Path(home)
        (self.home / "bin").mkdir()
        (self.home / "bin/cachefilesd").symlink_to(program.path)
        self.environment = mdoc.environment(HOME=home, PATH=f"{home}/bin:{os.environ['PATH']}")

    def run(self, block):
        """What does not come out as the page has it. The lines behind "cat FILE" are to be in that file."""
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            expected = expected.replace("/home/me", str(self.home))
            if file := re.fullmatch(r"cat (\S+)", command):
                path = pathlib.Path(file[1].replace("~", str(self.home)))
                (self.home / path).parent.mkdir(parents=True, exist_ok=True)
                (self.home / path).write_text(expected, encoding="utf-8")
            elif command.startswith("cachefilesd -n "):
                yield from self._serve(command)
            else:
                result = subprocess.run(command, shell=True, cwd=self.home, env=self.environment, check=False, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if result.stdout != expected:
                    yield f"example: {command}\n{result.stdout}"

    def _serve(self, command):
        """Waits until the daemon says that it is ready, and stops it."""
        path = self.home / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(path))
            notified.settimeout(0.05)
            process = subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], cwd=self.home, text=True,
                                       env=self.environment | {"NOTIFY_SOCKET": str(path)}, stderr=subprocess.PIPE)
            ready = False
            while not ready and process.poll() is None:
                try:
                    ready = b"READY=1" in notified.recv(65536)
                except TimeoutError:
                    pass
        # The socket is closed now: the daemon would wait for somebody to read what it says while it stops.
        if ready:
            process.send_signal(signal.SIGTERM)
        said = process.communicate()[1]
        if not ready or process.returncode != 0:
            yield f"example: {command}: ready is {ready}, status {process.returncode}\n{said}"


def verify_drop_in(systemd_analyze, unit, program, drop_in):
    with tempfile.TemporaryDirectory() as directory:
        copy = pathlib.Path(directory) / "cachefilesd.service"
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={program.path}", unit.read_text(encoding="utf-8"), flags=re.M)
        copy.write_text(re.sub(r"^Documentation=.*$", "", text, flags=re.M), encoding="utf-8")
        (pathlib.Path(directory) / "cachefilesd.service.d").mkdir()
        (pathlib.Path(directory) / "cachefilesd.service.d/example.conf").write_text(drop_in, encoding="utf-8")
        result = subprocess.run([systemd_analyze, "verify", copy], text=True, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0 or result.stdout:
        yield f"drop-in: {result.stdout}{drop_in}"


def run_examples(page, program, systemd_analyze, unit):
    kinds = set()
    with tempfile.TemporaryDirectory(prefix="cachefilesd-test-") as home:
        session = Session(home, program)
        for block in mdoc.literal_blocks(page.section("EXAMPLES")):
            kinds.add(block[0])
            if block.startswith("$ "):
                yield from session.run(block)
            elif block.startswith("["):
                yield from verify_drop_in(systemd_analyze, unit, program, block)
            elif not re.fullmatch(r"(# (systemctl|journalctl) .*\n)+", block):
                yield f"example of no kind that is tested:\n{block}"
    yield from mdoc.compare("kinds of examples", kinds, {"$", "[", "#"})


def offences(root, program, systemd_analyze, unit):
    page = mdoc.Page(root / "man/cachefilesd.8")
    yield from compare_options(page, program)
    yield from compare_signals(page, root)
    yield from compare_statuses(page, root)
    yield from compare_environment(page, root)
    yield from compare_files(page, root, program)
    yield from compare_names(page, root)
    yield from run_examples(page, program, systemd_analyze, unit)


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1]), mdoc.Program(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])))
