"""A command that does everything to outlive its run. Each of its processes shows that it lives.

Usage: hostile_tree.py PREFIX SECONDS exit|stay. Ignores signals, closes its descriptors, starts
new sessions, forks twice, hops from process to process, scrubs its environment and its name.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

PREFIX, SECONDS, MODE = sys.argv[1], float(sys.argv[2]), sys.argv[3]


def beat_as(name: str, *, hops: bool) -> None:
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.closerange(0, 256)
    until = time.time() + SECONDS
    beats = 0
    while time.time() < until:
        Path(f"{PREFIX}.{name}").write_text(f"{os.getpid()} {time.time()}")
        time.sleep(0.05)
        beats += 1
        if hops and beats % 3 == 0:
            if os.fork():
                os._exit(0)
            os.setsid()
    os._exit(0)


def beat_without_environment() -> None:
    if os.fork():
        return
    os.setsid()
    script = (
        f"trap '' TERM INT HUP; i=0; while [ $i -lt {int(SECONDS * 20)} ]; do i=$((i+1)); "
        f"date +%s.%N > {PREFIX}.scrubbed; sleep 0.05; done"
    )
    os.execve("/bin/sh", ["kworker/0:1", "-c", script], {"PATH": "/usr/bin:/bin"})


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
beat_as("daemon", hops=False)
beat_as("hopper", hops=True)
beat_without_environment()
names = ("daemon", "hopper", "scrubbed")
while not all(Path(f"{PREFIX}.{name}").exists() for name in names):
    time.sleep(0.01)
print("all up", flush=True)
if MODE == "stay":
    time.sleep(SECONDS)
