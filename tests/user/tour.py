# SPDX-License-Identifier: GPL-2.0-or-later
"""What administrators complain about with the stock daemon, and the command that answers it; scripts/tour runs it."""
import os
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/bus"))

from daemon import Daemon  # noqa: E402
from library import BLOCK, Client  # noqa: E402
from mounts import mounted  # noqa: E402
from service import Bus  # noqa: E402
from typed import say, show  # noqa: E402

MIB = 1 << 20
PROJECTS, SCRATCH = b"nfs,4.2,2,,projects,", b"nfs,4.2,2,,scratch,"

# What the stock daemon refuses or trips over, and has documented.
STOCK_FILE = ("dir /var/cache/fscache\r\ntag mycache\n  brun 7%\nbstop 3%\t\nbcull 5%\n"
              "nocull\nresume_thresholds 100 200\n")
WRONG_FILE = "limits:\n  max-sise: 500GiB\n  bcull: 12%\n  bstop: 14%\n"


def pain(number, text):
    say(f"--- {number}. {text}\n")


class Tour:
    def __init__(self, daemon):
        self.daemon = daemon
        self.client = None

    def fill(self):
        self.client = Client(self.daemon.socket)
        for volume, name, count in ((SCRATCH, b"frame%03d", 60), (PROJECTS, b"model%02d", 20)):
            for number in range(count):
                key = name % number
                self.client.source[key] = os.urandom(BLOCK) * (1 + number % 4)
                self.client.open(key, volume)
                self.client.read(key)
                self.client.close(key)
        self.client.end()
        self.daemon.wait_until(lambda: self.daemon.number("cookies_open") == 0)
        self.wait_for(f'"volume":"{PROJECTS.decode()}"')

    def wait_for(self, text, line="status --json"):
        while text not in subprocess.run([os.environ["CACHEFILESCTL"], *line.split()], stdout=subprocess.PIPE, text=True,
                                         check=False).stdout:
            time.sleep(0.05)

    def culling(self):
        pain(1, "Culling does not scale, and the daemon spins")
        show("cachefilesctl status")
        show("cachefilesctl cull --bytes 8MiB --dry-run")
        show("cachefilesctl cull --bytes 8MiB --yes")
        show("cachefilesctl top --count 1")

    def crash(self):
        pain("2 and 7", "The daemon dies, or is restarted, and the cache is lost")
        say("$ kill -9 the daemon, and start it again")
        self.daemon.kill()
        show("cachefilesctl status")
        self.daemon.start()
        self.wait_for('"in_step":true')
        show("cachefilesctl volumes")
        show("cachefilesctl verify")

    def stall(self):
        pain(3, "Culling stops, because everything is in use")
        self.client = Client(self.daemon.socket)
        self.client.source = {b"held%02d" % number: os.urandom(BLOCK) * 4 for number in range(30)}
        self.client.fetch_all()
        for key in self.client.source:
            self.client.open(key)
        self.wait_for('"objects_in_use":30')
        show("cachefilesctl limits max-size=20MiB")
        self.wait_for('"stalled":true')
        show("cachefilesctl status || echo exit status $?")
        for key in list(self.client.cookies):
            self.client.close(key)
        self.client.end()
        self.wait_for('"culling":false')

    def limits(self):
        pain(4, "There is no way to say: use at most so much")
        show("cachefilesctl limits max-size=200GiB min-free=1GiB")
        self.fill()
        show("cachefilesctl ages --bounds 1min,1h,1d")

    def administration(self):
        pain(5, "It cannot be asked, flushed or inspected")
        show("cachefilesctl objects --limit 4")
        show("cachefilesctl purge 'nfs,4.2,2,,scratch,' --dry-run")
        show("cachefilesctl purge 'nfs,4.2,2,,scratch,' --yes")

    def metrics(self):
        pain(6, "It is blind: no metrics")
        show("cachefilesctl metrics | grep -v '^#' | grep -E 'volume|quantile|culled_objects|lookup|stored' | cut -c1-80")

    def start(self):
        pain(8, "Races at boot: mounts come before the cache, or the directory is not there yet")
        show(f"grep -E '^(Type|After|Before|RequiresMountsFor|WantedBy|Restart|FileDescriptorStoreMax)=' "
             f"{TOP}/units/cachefilesd.service.in")

    def configuration(self):
        pain(9, "Documented options keep the daemon from starting")
        stock, wrong = self.daemon.root / "cachefilesd.conf", self.daemon.root / "wrong.yaml"
        stock.write_text(STOCK_FILE)
        wrong.write_text(WRONG_FILE)
        show(f"cachefilesctl config check {stock}")
        show(f"cachefilesctl config convert {stock}")
        show(f"cachefilesctl config check {wrong} || echo exit status $?")

    def doctor(self):
        pain(10, "It does not start, and says only: errno 95")
        with mounted("ramfs") as path:
            refused = Daemon(cache=path)
            say("$ cachefilesd -n    # with its cache on a file system without extended attributes")
            say(refused.refused().strip() + "\n")
            refused.close()
        show("cachefilesctl doctor || echo exit status $?")

    def extents(self):
        pain(11, "Files in hundreds of thousands of pieces make reads slow")
        name = self.daemon.files()[-1]
        show(f"cachefilesctl show {self.daemon.cache}/cache/{name}")
        say("(cache.extent-size in cachefilesd.yaml(5) keeps new files in few of them, on XFS)\n")

    def policy(self):
        pain(12, "Nothing but LRU: no pins, no ages")
        show("cachefilesctl pin 'nfs,4.2,2,,projects,'")
        show("cachefilesctl limits max-age=30d")
        show("cachefilesctl volumes")
        show("cachefilesctl cull --older-than 1s --dry-run")


def main():
    bus = Bus().start()
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
    daemon = Daemon(daemon={"space-check-interval": "1s"}, index={"touch-granularity": "1s"})
    try:
        daemon.start()
        tour = Tour(daemon)
        tour.fill()
        for part in (tour.culling, tour.crash, tour.stall, tour.limits, tour.administration, tour.metrics, tour.start,
                     tour.configuration, tour.doctor, tour.extents, tour.policy):
            part()
        daemon.stop()
    finally:
        daemon.close()
        bus.close()


if __name__ == "__main__":
    main()
