"""A private server: started, killed without mercy, started again, stopped; and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

GREENLANE = str(Path(sys.executable).with_name("greenlane"))
START_DEADLINE_SECONDS = 60.0
STOP_DEADLINE_SECONDS = 15.0


class DemoError(Exception):
    """The demo cannot go on."""


def await_that(what: str, is_so: Callable[[], bool], *, seconds: float) -> None:
    """Look until something is so.

    Raises:
        DemoError: it was not so in time.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise DemoError(f"waited {seconds:g} s, and still not: {what}")
        time.sleep(0.02)


class Server:
    """`greenlane serve` with a state folder of its own."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._log = scratch / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GREENLANE_", "GIT_"))
        } | {"GREENLANE_STATE_DIR": str(scratch / "state")}

    @property
    def pid(self) -> int:
        """The process of the server that runs now, or that ran last."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [GREENLANE, "serve"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_that("the server answers", self._answers, seconds=START_DEADLINE_SECONDS)

    def kill(self) -> None:
        """Kill -9: it gets no chance to say goodbye to anybody."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and make it if it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def ask(self, *words: str) -> dict[str, Any] | None:
        """Run a `--json` command of the client; None when no server answered."""
        done = subprocess.run(
            [GREENLANE, *words, "--json", "--no-autostart"],
            env=self.environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return cast("dict[str, Any]", json.loads(done.stdout)) if done.returncode == 0 else None

    def processes(self) -> list[int]:
        """List the processes that have anything to do with the folder of this demo."""
        mark = os.fsencode(self._scratch)
        own = os.getpid()
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if pid != own and _mentions(pid, mark)]

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            said = self._log.read_text(errors="replace")[-2000:]
            raise DemoError(f"`greenlane serve` ended with {self._process.returncode}:\n{said}")
        return self.ask("status") is not None


def _mentions(pid: int, mark: bytes) -> bool:
    folder = Path(f"/proc/{pid}")
    try:
        texts = [(folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()]
        return any(mark in text for text in [*texts, os.fsencode((folder / "cwd").readlink())])
    except OSError:  # it ended while we looked, or is another user's
        return False
