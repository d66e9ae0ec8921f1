"""The processes below this one: find, stop, kill and account for them.

Both the runner and the fork server are subreapers, so that whatever a command does (double fork,
new session, closed descriptors), its processes come back as children of ours when their parents
end. Nothing is left exactly when the kernel says that we have no child.
"""

from __future__ import annotations

import os
import signal
import time

_LOOK_AGAIN_SECONDS = 0.01
_PPID = 1  # fields of /proc/PID/stat, counted after the name in brackets


class Tree:
    """Every process below this one, apart from some children that are spared."""

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self.cpu_seconds = 0.0
        self.peak_memory_bytes = 0
        self.exit_codes: dict[int, int] = {}
        self.spared: set[int] = set()

    def reap(self) -> bool:
        """Collect all children that ended; say whether any is left."""
        if self.spared:
            left = [pid for pid in self._own_children() if self._reap_one(pid)]
            return bool(left)
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self._account(pid, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)

    def kill(self) -> set[int]:
        """End every process of the tree, whatever it does about it; give those that were killed.

        All are stopped before the first is killed, so that none can fork its way out. What is
        stuck in the kernel and does not die in time is left; `reap` tells.
        """
        killed: set[int] = set()
        give_up_at = time.monotonic() + self._patience_seconds
        while self.reap() and time.monotonic() < give_up_at:
            stopped = self._stop_all()
            for pid in stopped:
                send_signal(pid, signal.SIGKILL)
            killed |= stopped
            signal.sigtimedwait({signal.SIGCHLD}, _LOOK_AGAIN_SECONDS)
        return killed

    def signal(self, number: int) -> None:
        """Send a signal to every process of the tree."""
        for child in self._own_children():
            for pid in (child, *_descendants(child)):
                send_signal(pid, number)

    def memory_bytes(self) -> int:
        """Sum up what the tree holds in memory now, shared pages counted once where possible."""
        return sum(
            _memory_of(pid)
            for child in self._own_children()
            for pid in (child, *_descendants(child))
        )

    def _own_children(self) -> list[int]:
        return [pid for pid in children_of(os.getpid()) if pid not in self.spared]

    def _reap_one(self, pid: int) -> bool:
        try:
            ended, status, usage = os.wait4(pid, os.WNOHANG)
        except ChildProcessError:
            return False
        if ended:
            self._account(ended, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
        return not ended

    def _account(self, pid: int, status: int, cpu_seconds: float, peak_kib: int) -> None:
        self.exit_codes[pid] = os.waitstatus_to_exitcode(status)
        self.cpu_seconds += cpu_seconds
        self.peak_memory_bytes = max(self.peak_memory_bytes, peak_kib * 1024)

    def _stop_all(self) -> set[int]:
        """Stop from the top down until nobody new appears: a stopped parent reaps no child."""
        stopped: set[int] = set()
        while True:
            waiting = [pid for pid in self._own_children() if pid not in stopped]
            for pid in stopped:
                waiting += [child for child in children_of(pid) if child not in stopped]
            if not waiting:
                return stopped
            for pid in waiting:
                send_signal(pid, signal.SIGSTOP)
            stopped.update(waiting)


def send_signal(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def children_of(pid: int) -> list[int]:
    """List the children of a process; none when it is gone."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        if not os.path.exists("/proc/thread-self/children"):
            return _children_by_scan(pid)
    return found


def start_time_of(pid: int) -> str:
    """Give the start time of a process in clock ticks since boot; with the pid it is unique."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2].split()[19].decode()
    except (OSError, IndexError):
        return ""


def _descendants(pid: int) -> list[int]:
    found = children_of(pid)
    for child in found:  # grows while it is walked
        found += children_of(child)
    return found


def _children_by_scan(parent: int) -> list[int]:
    """Do without CONFIG_PROC_CHILDREN."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b") ")[2].split()
        except OSError:
            continue
        if int(fields[_PPID]) == parent:
            found.append(int(name))
    return found


def _memory_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
