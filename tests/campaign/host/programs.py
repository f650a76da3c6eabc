# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon, the workload and the checker as processes, in one directory of the campaign."""

import os
import pathlib
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field

TAG = "campaign"


class Failed(Exception):
    """The campaign cannot go on: something did not start, or did not end."""


@dataclass
class Setting:
    """What the programs of a campaign have in common."""
    build: pathlib.Path
    directory: pathlib.Path  # holds the cache, its index, the socket, the journal and the logs
    files: int
    largest: int
    source_seed: int
    processes: list = field(default_factory=list)

    @property
    def cache(self) -> pathlib.Path:
        return self.directory / "cache"

    @property
    def database(self) -> pathlib.Path:
        return self.directory / "index" / f"{TAG}.db"

    @property
    def socket(self) -> pathlib.Path:
        return self.directory / "netfs"

    @property
    def journal(self) -> pathlib.Path:
        return self.directory / "journal"

    def tool(self, name: str) -> str:
        return str(self.build / "tests/vm/tools" / name)

    def source(self) -> list[str]:
        return ["--source-seed", str(self.source_seed), "--files", str(self.files),
                "--largest", str(self.largest)]

    def start(self, command: list[str], **options) -> subprocess.Popen:
        process = subprocess.Popen(command, **options)
        self.processes.append(process)
        return process

    def end_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


class Daemon:
    def __init__(self, setting: Setting, limits: str):
        self._setting = setting
        self._log = setting.directory / "daemon.log"
        config = setting.directory / "cachefilesd.yaml"
        config.write_text(
            f"cache: {{directory: {setting.cache}, tag: {TAG}}}\n"
            # However full this machine's disk is, nothing is culled for it.
            "limits: {bstop: 0%, bcull: 1%, brun: 2%, fstop: 0%, fcull: 1%, frun: 2%"
            f"{limits and ', '}{limits}}}\n"
            f"index: {{directory: {setting.database.parent}, reserve: 0}}\n"
            "daemon: {backend: user, space-check-interval: 1s}\n"
            f"user: {{socket: {setting.socket}, commit-interval: 1s}}\n")
        # The log goes on over all daemons: this one's begins here.
        begin = self._log.stat().st_size if self._log.exists() else 0
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY", "NOTIFY_SOCKET")}
        with self._log.open("ab") as log:
            self._process = setting.start(
                [str(setting.build / "daemon/cachefilesd"), "-n", "-s", "-f", str(config)],
                stderr=log, env=environment)
        self._wait_until_online(begin)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.returncode != -signal.SIGKILL:
            raise Failed(f"the daemon had ended before it was killed: {self._process.returncode}\n"
                         + self.last_words())

    def stop(self) -> None:
        self._process.terminate()
        if self._process.wait(timeout=600):
            raise Failed(f"the daemon's exit status is {self._process.returncode}\n"
                         + self.last_words())

    def last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])

    def _wait_until_online(self, begin: int) -> None:
        with self._log.open("rb") as log:
            log.seek(begin)
            text = b""
            while not re.search(rb"is online", text):
                if self._process.poll() is not None:
                    raise Failed("the daemon did not start\n" + self.last_words())
                time.sleep(0.01)
                text += log.read()


class Workload:
    def __init__(self, setting: Setting, seed: int, abrupt: bool):
        command = [setting.tool("campaign_workload"), "--socket", str(setting.socket),
                   "--journal", str(setting.journal), "--seed", str(seed), *setting.source()]
        self._process = setting.start(command + (["--abrupt"] if abrupt else []),
                                      stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "running\n":
            raise Failed("the workload did not start")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> tuple[int, int]:
        """Bytes that it read, and how often they were wrong."""
        self._process.terminate()
        output = self._process.communicate(timeout=600)[0]
        if self._process.returncode not in (0, 1):
            raise Failed(f"the workload's exit status is {self._process.returncode}")
        found = re.search(r"(\d+) bytes read, (\d+) wrong", output)
        return int(found[1]), int(found[2])


def check(setting: Setting, *arguments: str) -> dict[str, int]:
    """The figures of campaign_check."""
    done = subprocess.run([setting.tool("campaign_check"), *setting.source(), *arguments],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        raise Failed(f"campaign_check {arguments[0]}: exit status {done.returncode}")
    return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", done.stdout)}
