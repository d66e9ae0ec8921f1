"""A folder for everything that the bench makes, and the promise that nothing of it stays."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_DEADLINE_SECONDS = 10.0


@contextmanager
def make_scratch() -> Iterator[Path]:
    """Give a new folder; in the end, end every process that belongs to it and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="greenlane-bench-"))
    try:
        yield folder
    finally:
        _end_processes(folder)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(what: str, holds: object, *, seconds: float = 60.0, step: float = 0.005) -> None:
    """Look until `holds()` is true.

    Raises:
        TimeoutError: it was not so in time.
    """
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s, and still not: {what}")
        time.sleep(step)


def clean_environment() -> dict[str, str]:
    """Give the environment without what leads to the user's own server or repository."""
    kept = os.environ.items()
    return {name: text for name, text in kept if not name.startswith(("GREENLANE_", "GIT_", "TS_"))}


def list_processes(folder: Path) -> list[int]:
    """List the processes whose words, environment or working folder name a folder."""
    mark = os.fsencode(folder)
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and _mentions(pid, mark)]


def _end_processes(folder: Path) -> None:
    """All of them are ours: nobody else knows the name of the folder."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in list_processes(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        with suppress(TimeoutError):
            wait_until("gone", lambda: not list_processes(folder), seconds=_DEADLINE_SECONDS)
            return


def _mentions(pid: int, mark: bytes) -> bool:
    folder = Path(f"/proc/{pid}")
    try:
        texts = [(folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()]
        return any(mark in text for text in [*texts, os.fsencode((folder / "cwd").readlink())])
    except OSError:  # it ended while we looked, or is another user's
        return False
