# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon under test, with a cache of its own."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Daemon:
    """Everything lies in one directory: cache, index, socket, configuration, log."""

    def __init__(self, cache=None, **sections):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="cachefilesd-test-"))
        self.cache = pathlib.Path(cache) if cache else self.root / "fscache"
        self.cache.mkdir(exist_ok=True)
        (self.root / "index").mkdir()
        self.socket = self.root / "netfs"
        self.index = self.root / "index" / "test.db"
        self.log_path = self.root / "log"
        self.config = {
            "cache": {"directory": str(self.cache), "tag": "test"},
            "index": {"directory": str(self.root / "index"), "reserve": 0},
            "daemon": {"backend": "user", "space-check-interval": "1s"},
            "user": {"socket": str(self.socket), "commit-interval": "1s"},
            # Of the disk that the tests run on: nothing is culled because it is full.
            "limits": {name: f"{value}%" for name, value in
                       {"bstop": 0, "bcull": 1, "brun": 2, "fstop": 0, "fcull": 1, "frun": 2}.items()},
        }
        for section, values in sections.items():
            self.config[section].update(values)
        self.process = None
        self.notified = None
        self.user = None  # a uid; by default the one of the tests
        self.kept = None  # a descriptor that the service manager kept of the kernel backend's
        self.told = []  # to the service manager, until the daemon was ready

    # --- its life ---

    def spawn(self):
        (self.root / "c.yaml").write_text(json.dumps(self.config))  # JSON is YAML
        self.notified = self.listen()
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY")}
        environment["NOTIFY_SOCKET"] = str(self.root / "notify")
        command = [os.environ["CACHEFILESD"], "-n", "-s", "-f", str(self.root / "c.yaml")]
        passed = {}
        if self.kept is not None:
            environment.update(LISTEN_FDS="1", LISTEN_FDNAMES="cachefiles")
            command = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command]
            passed = {"pass_fds": [3], "preexec_fn": lambda: os.dup2(self.kept, 3)}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, user=self.user, env=environment, **passed)

    def listen(self):
        """What the daemon tells the service manager from now on. Who does not read holds it up."""
        path = self.root / "notify"
        path.unlink(missing_ok=True)
        notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notified.bind(str(path))
        path.chmod(0o666)
        return notified

    def start(self):
        self.spawn()
        self.notified.settimeout(0.05)
        while True:
            try:
                self.told.append(self.notified.recv(65536))
                if b"READY=1" in self.told[-1]:
                    self.notified.close()
                    return self
            except TimeoutError:
                assert self.process.poll() is None, f"the daemon ended:\n{self.log()}"

    def refused(self):
        """Starts it, which must fail; what it said."""
        self.spawn()
        status = self.process.wait()
        self.process = None
        self.notified.close()
        assert status != 0, "the daemon ended well"
        return self.log()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        self.process = None
        assert status == 0, f"exit status {status}:\n{self.log()}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def reload(self, **sections):
        for section, values in sections.items():
            self.config[section].update(values)
        (self.root / "c.yaml").write_text(json.dumps(self.config))
        self.process.send_signal(signal.SIGHUP)

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    # --- what it says ---

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def said(self, text):
        return text in self.log()

    def status(self):
        lines = self.log().count("status: ")
        self.process.send_signal(signal.SIGUSR1)
        self.wait_until(lambda: self.log().count("status: ") > lines)
        line = [line for line in self.log().splitlines() if "status: " in line][-1]
        return dict(pair.split("=", 1) for pair in line.split("status: ")[1].split() if "=" in pair)

    def number(self, key):
        return int(self.status()[key])

    def wait_until(self, condition):
        while not condition():
            assert self.process.poll() is None, f"the daemon ended:\n{self.log()}"
            time.sleep(0.02)

    # --- what is on its disk ---

    def files(self):
        return sorted(str(path.relative_to(self.cache / "cache"))
                      for path in (self.cache / "cache").glob("[IJ]*/@*/*"))
