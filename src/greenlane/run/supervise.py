"""Run one program below the runner and wait for it, within limits, until a request to cancel."""

from __future__ import annotations

import os
import signal
import time

from greenlane.run import child
from greenlane.run.log import Log
from greenlane.run.spec import CANCELLED, EXITED, IDLE_TIMED_OUT, TIMED_OUT
from greenlane.run.tree import Tree

GRACE_SECONDS = 5.0  # between the polite request to end and the kill
_PATIENCE_SECONDS = 30.0  # for processes that do not die of SIGKILL
_FIRST_TICK_SECONDS = 0.05
_LAST_TICK_SECONDS = 0.25  # a flood of 1 GB/s outgrows the log's limit by this much at most
_MEMORY_TICK_SECONDS = 0.25
_MEMORY_COST_SHARE = 100  # sampling takes at most one part in so many of the time
_WAKING = frozenset({signal.SIGCHLD, signal.SIGTERM})


class CancelledError(Exception):
    """The run was cancelled while something other than the command ran."""


class Limits:
    """How long a program may run, and what its output goes to when that is watched."""

    __slots__ = ("idle_seconds", "log", "seconds")

    def __init__(
        self, seconds: float, idle_seconds: float | None = None, log: Log | None = None
    ) -> None:
        self.seconds = seconds
        self.idle_seconds = idle_seconds
        self.log = log


class Supervisor:
    """The waiting part of a runner. SIGCHLD and SIGTERM must be blocked."""

    def __init__(self, run_dir: str) -> None:
        self.tree = Tree(_PATIENCE_SECONDS)
        self._cancel_path = os.path.join(run_dir, "cancel")
        self._is_cancelled = False
        self._sample_memory_at = 0.0

    def call(
        self,
        argv: list[str],
        *,
        cwd: str,
        env: dict[str, str],
        output: int,
        seconds: float,
        memory_limit_bytes: int = 0,
    ) -> int | None:
        """Run a helper to its end; give its exit code, None when it took too long.

        Nothing that it started outlives it.

        Raises:
            StartError: it cannot be started.
            CancelledError: the run was cancelled meanwhile.
        """
        pid = child.spawn(
            argv,
            cwd=cwd,
            env=env,
            output=output,
            memory_limit_bytes=memory_limit_bytes,
        )
        return self.collect(pid, seconds=seconds)

    def collect(self, pid: int, *, seconds: float) -> int | None:
        """Wait for a helper that was started before; as `call`."""
        end = self._wait(pid, Limits(seconds))
        exit_code = self.tree.exit_codes.pop(pid, None)
        if end == CANCELLED:
            self.tree.kill()
            raise CancelledError
        if end != EXITED:
            self.tree.kill()
            return None
        return exit_code

    def run_command(self, pid: int, limits: Limits) -> tuple[str, int | None, int]:
        """Wait for the command; give how it ended, its exit code, and how many strays it left.

        When its first process ends, the run ends, whatever else still lives.
        """
        end = self._wait(pid, limits)
        if end != EXITED:
            self._ask_to_end(pid, limits)
        strays = self.tree.kill() - {pid}
        return end, self.tree.exit_codes.get(pid), len(strays)

    def why_cancelled(self) -> str:
        """Tell a request from a bare SIGTERM, as a service manager sends to everything."""
        if os.path.exists(self._cancel_path):
            return "cancelled"
        return "the runner was told to end by SIGTERM, without a request to cancel"

    def raise_if_cancelled(self) -> None:
        """Notice a request to cancel between two steps."""
        if self._has_cancel(None):
            raise CancelledError

    def _wait(self, pid: int, limits: Limits) -> str:
        started = now = time.monotonic()
        grown_at, size = started, limits.log.size() if limits.log else 0
        tick = _FIRST_TICK_SECONDS
        self._sample_memory_at = now + _MEMORY_TICK_SECONDS
        while True:
            self.tree.reap()
            if pid in self.tree.exit_codes:
                return EXITED
            if now - started >= limits.seconds:
                return TIMED_OUT
            if limits.idle_seconds is not None and now - grown_at >= limits.idle_seconds:
                return IDLE_TIMED_OUT
            woken = signal.sigtimedwait(_WAKING, _pause(tick, now, started, grown_at, limits))
            if self._has_cancel(woken):
                return CANCELLED
            now = time.monotonic()
            tick = min(2 * tick, _LAST_TICK_SECONDS)
            if limits.log is not None:
                limits.log.trim()
                if limits.log.size() != size:
                    grown_at, size = now, limits.log.size()
                self._sample_memory(now)

    def _ask_to_end(self, pid: int, limits: Limits) -> None:
        """Send SIGTERM to the whole tree and give it a moment."""
        self.tree.signal(signal.SIGTERM)
        self.tree.signal(signal.SIGCONT)
        deadline = time.monotonic() + GRACE_SECONDS
        while pid not in self.tree.exit_codes and self.tree.reap():
            left = deadline - time.monotonic()
            if left <= 0:
                return
            signal.sigtimedwait({signal.SIGCHLD}, min(left, _LAST_TICK_SECONDS))
            if limits.log is not None:
                limits.log.trim()

    def _has_cancel(self, woken: signal.struct_siginfo | None) -> bool:
        if woken is not None and woken.si_signo == signal.SIGTERM:
            self._is_cancelled = True
        elif not self._is_cancelled:
            self._is_cancelled = os.path.exists(self._cancel_path)
        return self._is_cancelled

    def _sample_memory(self, now: float) -> None:
        if now < self._sample_memory_at:
            return
        started = time.process_time()
        peak = self.tree.memory_bytes()
        self.tree.peak_memory_bytes = max(self.tree.peak_memory_bytes, peak)
        cost = time.process_time() - started
        self._sample_memory_at = now + max(_MEMORY_TICK_SECONDS, cost * _MEMORY_COST_SHARE)


def _pause(tick: float, now: float, started: float, grown_at: float, limits: Limits) -> float:
    """Give how long to sleep at most: to the next look, or to the nearest limit."""
    left = started + limits.seconds - now
    if limits.idle_seconds is not None:
        left = min(left, grown_at + limits.idle_seconds - now)
    return max(0.001, min(tick, left))
