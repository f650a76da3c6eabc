# SPDX-License-Identifier: GPL-2.0-or-later
"""A private bus with the shipped policy, and bus_host on it."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import client

HERE = pathlib.Path(__file__).resolve().parent


def only_as_root():
    """Root has the name by the policy, and can connect as somebody else."""
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(77)


class Bus:
    """dbus-daemon at an address that outlives it."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="cachefiles-bus-"))
        self.root.chmod(0o755)
        self.address = f"unix:path={self.root}/bus"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={HERE}/system-bus.conf", f"--address={self.address}", "--nofork",
             "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline(), "dbus-daemon does not start"
        return self

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def close(self):
        if self.process:
            self.stop()
        shutil.rmtree(self.root)


class Host:
    """bus_host, with commands (README.md)."""

    def __init__(self, bus, *options, uid=None):
        self.bus = bus
        self.log_path = bus.root / "log"
        program = os.environ["BUS_HOST"]
        if uid is not None:  # who may not look into the build's directory
            program = shutil.copy(program, bus.root / "host")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [program, "--commands", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, user=uid, env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": bus.address})

    def do(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer == "ok\n", f"{command}: {answer!r}\n{self.log()}"

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def alive(self):
        return self.process.poll() is None

    def wait_for(self, condition):
        while not condition():
            assert self.alive(), f"the host ended:\n{self.log()}"
            time.sleep(0.02)

    def wait_for_service(self):
        caller = client.Client(self.bus.address)
        self.wait_for(caller.has_service)
        caller.close()
        return self

    def close(self):
        self.process.stdin.close()
        status = self.process.wait()
        self.process.stdout.close()
        return status
