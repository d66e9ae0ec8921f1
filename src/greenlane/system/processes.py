"""Start, find and end processes of this host, never one that is not ours."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_START_TIME = 19  # fields of /proc/PID/stat, counted after the name in brackets
_TERMINAL = 4
_LOOK_AGAIN_SECONDS = 0.01
_PATIENCE_SECONDS = 10.0


def start_daemon(
    argv: Sequence[str], *, env: Mapping[str, str], errors: Path, inherited_fd: int
) -> int:
    """Start a process in a session of its own that may outlive us; give its process id.

    It finds the descriptor as number 3; what it complains about is added to the file `errors`.
    """
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        argv[0],
        list(argv),
        env,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, inherited_fd, 3),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.fspath(errors), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=(signal.SIGCHLD,),
    )
    threading.Thread(target=_reap, args=(pid,), name=f"reap-{pid}", daemon=True).start()
    return pid


def signal_process(pid: int, start_time: str, number: signal.Signals) -> bool:
    """Send a signal to the process that had this pid at this start time; False when it is gone."""
    with suppress(OSError):
        pidfd = os.pidfd_open(pid)
        try:
            if _stat_fields(pid)[_START_TIME] == start_time:
                signal.pidfd_send_signal(pidfd, number)
                return True
        finally:
            os.close(pidfd)
    return False


def kill_strays(mark: str, folder: Path | None, *, started_after: float) -> int:
    """End every process of ours that carries a mark in its environment; give how many.

    `mark` is `NAME=value`. With `folder`, also those that work below it, have no terminal (so a
    person's shell is safe) and started after a moment in UNIX seconds. All are stopped before
    the first is killed.
    """
    killed: set[int] = set()
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        found = _find(mark, folder, started_after)
        if not found:
            break
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid, start_time in found.items():
                signal_process(pid, start_time, number)
        killed |= found.keys()
        time.sleep(_LOOK_AGAIN_SECONDS)
    return len(killed)


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _find(mark: str, folder: Path | None, started_after: float) -> dict[int, str]:
    """Give pid and start time of all that `kill_strays` is about."""
    found = {}
    booted_at = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    ticks = os.sysconf("SC_CLK_TCK")
    for name in os.listdir("/proc"):  # noqa: PTH208 - names, not paths
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with suppress(OSError, IndexError):
            process = Path("/proc", name)
            fields = _stat_fields(int(name))
            if process.stat().st_uid != os.getuid() or fields[0] == "Z":
                continue
            is_late = booted_at + int(fields[_START_TIME]) / ticks >= started_after - 1
            if _is_marked(process, mark) or (
                folder is not None
                and is_late
                and fields[_TERMINAL] == "0"
                and (process / "cwd").readlink().is_relative_to(folder)
            ):
                found[int(name)] = fields[_START_TIME]
    return found


def _is_marked(process: Path, mark: str) -> bool:
    return mark.encode() in (process / "environ").read_bytes().split(b"\0")


def _stat_fields(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat behind the name, which may hold anything."""
    text = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(") ")[2].split()
