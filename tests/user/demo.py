# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job of the user backend, told to somebody who watches; scripts/demo runs it."""
import os
import pathlib
import sys
import time

from daemon import Daemon
from library import BLOCK, Client

MIB = 1 << 20
SPEED = 40 * MIB  # of the source, bytes a second
FILES = 10
SIZE = 4 * MIB


class SlowClient(Client):
    """Its source is as slow as a network."""

    def wait_for_source(self, length):
        time.sleep(length / SPEED)


def say(text):
    print(text, flush=True)


def read_all(client, what):
    begin = time.monotonic()
    fetched = sum(client.fetch_all().values())
    took = time.monotonic() - begin
    size = sum(map(len, client.source.values()))
    say(f"  {what}: {size // MIB} MiB in {took:.2f} s, {size / MIB / took:,.0f} MiB/s; "
        f"{fetched // MIB} MiB of it from the source")
    return took


def status(daemon):
    values = daemon.status()
    say(f"  status: {values['objects']} objects, {int(values['bytes']) // MIB} MiB, {values['culled']} culled, "
        f"{values['clients']} clients")


def show_files(daemon):
    for name in daemon.files():
        path = pathlib.Path(daemon.cache) / "cache" / name
        say(f"  {name}  {path.stat().st_blocks * 512 // MIB} MiB")


def run(daemon):
    say(f"The daemon runs as a program of its own, with its cache in {daemon.cache}.")
    say("No kernel driver and no mount is involved.\n")
    daemon.start()
    client = SlowClient(daemon.socket)
    client.source = {b"file%02d" % i: os.urandom(SIZE) for i in range(FILES)}
    say(f"A client reads {FILES} files of {SIZE // MIB} MiB through it; its source gives {SPEED // MIB} MiB/s:")
    cold = read_all(client, "cold")
    warm = read_all(client, "warm")
    say(f"  the gain: {cold / warm:.0f} times as fast; every byte was compared with the source\n")
    daemon.wait_until(lambda: daemon.number("objects") == FILES)
    status(daemon)
    show_files(daemon)

    say("\nfile00 and file01 are read once more. Then the limit is lowered to half of what is there, and the daemon told "
        "(SIGHUP):")
    time.sleep(2)  # uses are told apart by the second
    client.fetch_all([b"file00", b"file01"])
    daemon.wait_until(lambda: daemon.number("cookies_open") == 0)
    limit = daemon.number("bytes") // 2
    daemon.reload(limits={"max-size": limit})
    daemon.wait_until(lambda: daemon.number("bytes") <= limit and daemon.status()["culling"] == "0")
    for line in daemon.log().splitlines():
        if ": culling " in line:
            say(f"  log: {line.removeprefix('cachefilesd: ')}")
    status(daemon)
    show_files(daemon)

    fetched = client.fetch_all()
    kept = sorted(key.decode() for key, count in fetched.items() if count == 0)
    gone = sorted(key.decode() for key, count in fetched.items() if count > 0)
    say(f"\n  culled, as the least recently used: {' '.join(gone)}")
    say(f"  still there: {' '.join(kept)}")
    client.end()
    daemon.stop()
    say("\nThe daemon has ended, and everything that it made is removed.")
    return "file00" in kept and "file01" in kept and len(kept) + len(gone) == FILES and gone


def main():
    assert SIZE % BLOCK == 0
    daemon = Daemon(daemon={"space-check-interval": "1s"}, index={"touch-granularity": "1s"})
    try:
        return 0 if run(daemon) else 1
    finally:
        daemon.close()


if __name__ == "__main__":
    sys.exit(main())
