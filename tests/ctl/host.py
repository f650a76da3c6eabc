# SPDX-License-Identifier: GPL-2.0-or-later
"""A private bus, on it the daemon's service with made-up data (tests/bus), and the program under test."""
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import shutil
import struct
import subprocess
import tempfile
import termios

BUS_CONFIGURATION = pathlib.Path(__file__).resolve().parent.parent / "bus" / "system-bus.conf"


class Bus:
    """With the rules of the system bus, and the policy that is installed."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={BUS_CONFIGURATION}", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, "there is no bus"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Host:
    """The service; jobs end by themselves, or with manual=True when they are told to."""

    def __init__(self, bus, manual=False):
        arguments = [os.environ["BUS_HOST"], "--commands"] + (["--manual"] if manual else [])
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address})

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        assert answer == "ok", f"{line}: {answer}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Program:
    """cachefilesctl, as somebody at that bus calls it."""

    def __init__(self, address, **environment):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cachefilesctl-test-"))
        self.directory.chmod(0o755)
        self.path = self.directory / "cachefilesctl"
        shutil.copy(os.environ["CACHEFILESCTL"], self.path)  # where everybody may run it
        self.root = self.directory / "root"
        (self.root / "usr/sbin").mkdir(parents=True)
        (self.root / "usr/sbin/cachefilesd").touch()
        dropped = ("NO_COLOR", "COLUMNS", "LINES", "PAGER", "SYSTEMD_PAGER")
        self.environment = {name: value for name, value in os.environ.items() if name not in dropped}
        self.environment |= {"DBUS_SYSTEM_BUS_ADDRESS": address, "LC_ALL": "C.UTF-8", "TERM": "xterm", **environment}

    def close(self):
        shutil.rmtree(self.directory)

    @contextlib.contextmanager
    def spawn(self, *arguments, **options):
        """The process; it does not outlive the block."""
        with subprocess.Popen([self.path, *arguments], text=True,
                              **{"env": self.environment, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                 "stderr": subprocess.PIPE, **options}) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments, **options):
        """Status, output, errors."""
        with self.spawn(*arguments, **options) as process:
            output, errors = process.communicate()
        return process.returncode, output, errors

    def text(self, *arguments):
        status, output, errors = self.run(*arguments)
        assert (status, errors) == (0, ""), f"{arguments}: {status}: {errors}{output}"
        return output

    def json(self, *arguments, status=0):
        found, output, errors = self.run("--json", *arguments)
        assert found == status, f"{arguments}: {found}: {errors}"
        return json.loads(output)

    def lines(self, *arguments):
        return [json.loads(line) for line in self.text("--json", *arguments).splitlines()]


class Terminal:
    """A program on a pseudo terminal: what it writes, and what is typed."""

    def __init__(self, program, *arguments, rows=24, columns=80, **environment):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.process = subprocess.Popen(
            [program.path, *arguments], stdin=slave, stdout=slave, stderr=slave, close_fds=True,
            start_new_session=True, env={**program.environment, **environment})
        os.close(slave)
        self.seen = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        """More of it; False at the end."""
        try:
            data = os.read(self.master, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def until(self, text):
        while text not in self.seen:
            assert self.read(), f"ended without {text!r}: {self.seen!r}"
        return self

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        while self.read():
            pass
        os.close(self.master)
        return self.process.wait()
