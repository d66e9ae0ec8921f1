"""Runs on this host: a folder each, a runner each, and a lock that tells whether it lives."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from greenlane.model.run import RunResult, RunSpec
from greenlane.place.base import Adoption, AdoptionState, Host, PlaceError
from greenlane.place.fork_client import ForkClient, ForkServerGoneError
from greenlane.system.processes import kill_strays, signal_process

if TYPE_CHECKING:
    from pathlib import Path

    from greenlane.model.job import RunId
    from greenlane.place.base import OnEnd

_log = logging.getLogger(__name__)
_START_ATTEMPTS: Final = 3


class LocalPlace:
    """Starts runs through a warm fork server and waits for each in a thread.

    A run's folder is `runs_dir/<run id>`. Its lock is taken here and handed over to the runner,
    so it is held without a gap for as long as anything of the run lives.
    """

    def __init__(self, runs_dir: Path, on_end: OnEnd) -> None:
        self._runs_dir = runs_dir
        self._on_end = on_end
        self._forks = ForkClient(runs_dir.parent / "forkserver.log")
        self._guard = threading.Lock()
        self._probing = threading.Lock()  # who looks at a lock takes it for a moment
        self._awaited: set[RunId] = set()
        self._is_closed = False
        runs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def warm_up(self) -> None:
        """Start the fork server ahead of the first run."""
        self._forks.warm_up()

    def start(self, spec: RunSpec, read: bytes | None = None) -> None:
        """Start a run in the folder that its spec names; see `Place.start`."""
        run_dir = self._run_dir(spec.run_id)
        if str(run_dir) != spec.run_dir:
            raise PlaceError(f"run '{spec.run_id}' belongs in '{run_dir}', not '{spec.run_dir}'")
        run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._probing:
            self._launch(spec, run_dir, read)
        self._await_end(spec.run_id)

    def stop(self, run_id: RunId) -> bool:
        """Leave a note in the run's folder and wake its runner; see `Place.stop`."""
        run_dir = self._run_dir(run_id)
        with suppress(FileNotFoundError):
            (run_dir / "cancel").touch(mode=0o600)
        if not self._is_locked(run_dir):
            return False
        with suppress(OSError, ValueError):  # not yet written: the runner will see the note
            pid, start_time = (run_dir / "lock").read_text(encoding="utf-8").split()
            signal_process(int(pid), start_time, signal.SIGTERM)
        return True

    def adopt(self, run_id: RunId) -> Adoption:
        """Find out from lock and result; see `Place.adopt`."""
        if self._is_locked(self._run_dir(run_id)):
            self._await_end(run_id)
            return Adoption(state=AdoptionState.ALIVE)
        result = self._settle(run_id)
        if result is None:
            return Adoption(state=AdoptionState.LOST)
        return Adoption(state=AdoptionState.FINISHED, result=result)

    def hosts(self) -> list[Host]:
        """Give this one host, with the processors that we may use."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        cpus = len(os.sched_getaffinity(0))
        return [Host(name=socket.gethostname(), cpus=cpus, memory_bytes=memory)]

    def close(self) -> None:
        """Let go of the fork server and of all runs; they go on."""
        with self._guard:
            self._is_closed = True
        self._forks.close()

    def _run_dir(self, run_id: RunId) -> Path:
        return self._runs_dir / run_id

    def _launch(self, spec: RunSpec, run_dir: Path, read: bytes | None) -> None:
        """Hand the run to the fork server, unless it lives already or is over."""
        for _ in range(_START_ATTEMPTS):
            lock_fd = _try_lock(run_dir)
            if lock_fd is None:
                return
            try:
                if not (run_dir / "result.json").exists():
                    _write_orders(run_dir, spec, read)
                    self._forks.start_runner(run_dir, lock_fd)
            except ForkServerGoneError as error:
                _log.warning("%s; trying again", error.message)
            else:
                return
            finally:
                os.close(lock_fd)
        raise PlaceError(f"run '{spec.run_id}' could not be started: no fork server stays up")

    def _is_locked(self, run_dir: Path) -> bool:
        """Look whether a run lives."""
        if not run_dir.is_dir():
            return False
        with self._probing:
            lock_fd = _try_lock(run_dir)
            if lock_fd is not None:
                os.close(lock_fd)
        return lock_fd is None

    def _await_end(self, run_id: RunId) -> None:
        """Have a thread wait for the lock of a run, one thread for each run."""
        with self._guard:
            if run_id in self._awaited:
                return
            self._awaited.add(run_id)
        name = f"run-{run_id}"
        threading.Thread(target=self._wait, args=(run_id,), name=name, daemon=True).start()

    def _wait(self, run_id: RunId) -> None:
        result = None
        try:
            lock_fd = _open_lock(self._run_dir(run_id))
            try:
                fcntl.flock(lock_fd, fcntl.LOCK_EX)
            finally:
                os.close(lock_fd)
            result = self._settle(run_id)
        except Exception:  # noqa: BLE001 - the edge of the thread
            _log.exception("the end of run %s could not be read; it counts as lost", run_id)
        with self._guard:
            self._awaited.discard(run_id)
            is_closed = self._is_closed
        if not is_closed:
            self._on_end(run_id, result)

    def _settle(self, run_id: RunId) -> RunResult | None:
        """Read the result of a run that is over; without one, see that nothing of it lives."""
        run_dir = self._run_dir(run_id)
        try:
            raw = (run_dir / "result.json").read_bytes()
            return msgspec.json.decode(raw, type=RunResult)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("result of run %s cannot be read: %s", run_id, error)
        killed = _kill_strays_of(run_id, run_dir)
        _log.warning("run %s is lost; %d of its processes were still there", run_id, killed)
        return None


def _kill_strays_of(run_id: RunId, run_dir: Path) -> int:
    slot = None
    started_after = 0.0
    with suppress(OSError, msgspec.MsgspecError):
        path = run_dir / "spec.json"
        spec = msgspec.json.decode(path.read_bytes(), type=RunSpec)
        started_after = path.stat().st_mtime
        slot = run_dir.__class__(spec.checkout.slot) if spec.checkout else None
    return kill_strays(f"GREENLANE_RUN_ID={run_id}", slot, started_after=started_after)


def _write_orders(run_dir: Path, spec: RunSpec, read: bytes | None) -> None:
    (run_dir / "out").mkdir(mode=0o700, exist_ok=True)
    _write_private(run_dir / "spec.json", msgspec.json.encode(spec))
    if read is not None:
        _write_private(run_dir / "read.json", read)


def _write_private(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)


def _open_lock(run_dir: Path) -> int:
    return os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(run_dir: Path) -> int | None:
    """Take the lock of a run; None when another holds it."""
    fd = _open_lock(run_dir)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd
