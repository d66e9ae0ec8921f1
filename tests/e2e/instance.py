"""A private instance: a state folder of its own, and the command line that works on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

DEADLINE_SECONDS = 60.0
PROGRAM = (sys.executable, "-P", "-m", "greenlane")


class Instance:
    """A state folder, and the command line that works on it. A server starts on demand."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.socket = state_dir / "greenlane.sock"
        self.env = {
            **os.environ,
            "GREENLANE_STATE_DIR": str(state_dir),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def run(
        self,
        *words: str,
        cwd: Path,
        env: dict[str, str] | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=cwd,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self, *words: str, cwd: Path) -> subprocess.Popen[str]:
        """Start one command and leave it running."""
        return subprocess.Popen(
            [*PROGRAM, *words],
            cwd=cwd,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def server_pid(self) -> int | None:
        """The process that holds the instance; None when none does."""
        try:
            pid = int((self.state_dir / "server.lock").read_text() or 0)
        except (FileNotFoundError, ValueError):
            return None
        return pid if pid and is_alive(pid) else None

    def stop_server(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the server and wait until it is gone."""
        pid = self.server_pid
        if pid is not None:
            os.kill(pid, number)
            wait_until(lambda: not is_alive(pid), "the server is gone")

    def processes(self) -> list[str]:
        """List the processes that belong to this instance, by their environment."""
        mark = f"GREENLANE_STATE_DIR={self.state_dir}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.name != str(os.getpid()):
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        words = (entry / "cmdline").read_bytes().split(b"\0")
                        found.append(f"{entry.name} {b' '.join(words).decode(errors='replace')}")
                except OSError:
                    continue
        return found


def is_alive(pid: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.01)
