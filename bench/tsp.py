"""The peer: task-spooler, a queue of commands in C, with a daemon of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.scratch import clean_environment, wait_until

PROGRAM = "tsp"


class Spooler:
    """A private task-spooler; its daemon starts with the first job."""

    def __init__(self, folder: Path, slots: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._environment = clean_environment() | {
            "TS_SOCKET": str(folder / "tsp.sock"),
            "TS_SLOTS": str(slots),
            "TS_MAXFINISHED": "100000",
            "TMPDIR": str(folder),
        }

    def call(self, *words: str) -> str:
        """Run `tsp` once."""
        done = subprocess.run(
            [PROGRAM, *words], env=self._environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def shell(self, script: str) -> None:
        """Run a shell script that calls `tsp`, so that its start is the only thing that costs."""
        subprocess.run(
            ["sh", "-c", script], env=self._environment, check=True, stdout=subprocess.DEVNULL
        )

    def open(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `tsp` with its output in a pipe."""
        return subprocess.Popen(
            [PROGRAM, *words], env=self._environment, stdout=subprocess.PIPE, bufsize=0
        )

    def wait_until_idle(self, seconds: float = 300.0) -> None:
        """Wait until nothing waits or runs."""

        def is_idle() -> bool:
            said = self.call("-l").splitlines()[1:]
            return not any(line.split()[1] in {"queued", "running"} for line in said)

        wait_until("tsp is idle", is_idle, seconds=seconds, step=0.02)


@contextmanager
def spooling(folder: Path, slots: int = 1) -> Iterator[Spooler | None]:
    """Have a task-spooler for a while; None where it is not installed."""
    if shutil.which(PROGRAM) is None:
        yield None
        return
    spooler = Spooler(folder, slots)
    try:
        yield spooler
    finally:
        spooler.call("-K")
