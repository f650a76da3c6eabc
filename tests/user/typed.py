# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands as somebody would type them, with what they print on a terminal of 24 by 80."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

ROWS, COLUMNS = 24, 80
PROGRAMS = ("cachefilesctl", "cachefilesd", "cachefiles-mount")


def say(text=""):
    print(text, flush=True)


def on_terminal(command):
    """What it prints on a terminal of 24 by 80."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "PAGER": "cat", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=environment):
        os.close(terminal)
        text = b""
        try:
            while part := os.read(controller, 65536):
                text += part
        except OSError:  # the last one closed it
            pass
    os.close(controller)
    # Without what moves the cursor; of a line that was written over, the last state.
    lines = re.sub(r"\x1b\[[?0-9]*[A-Za-z]", "", text.decode().replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def show(line):
    """A command as somebody would type it."""
    say(f"$ {line}")
    programs = {name: os.environ[name.upper().replace("-", "_")] for name in PROGRAMS
                if name.upper().replace("-", "_") in os.environ}
    name, _, rest = line.partition(" ")
    say(on_terminal(["sh", "-c", f"exec {programs.get(name, name)} {rest}"]).rstrip("\n"))
    say()
