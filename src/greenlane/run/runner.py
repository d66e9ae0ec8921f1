"""One run, from its spec to its result. The process of `main` lives for exactly one run."""

from __future__ import annotations

import fcntl
import os
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from greenlane.run import checkout, child, hashing, linux, prepare, stale, tree
from greenlane.run.log import Log
from greenlane.run.spec import (
    CANCELLED,
    IDLE_TIMED_OUT,
    SETUP_FAILED,
    TIMED_OUT,
    Result,
    load_spec,
    write_atomically,
)
from greenlane.run.state import State, state_path
from greenlane.run.supervise import CancelledError, Limits, Supervisor

_LOCK_FD = 3
_READ_SECONDS = 300.0
_READ_MEMORY_BYTES = 1 << 30


class SetupError(Exception):
    """The command was not started; the message says why."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def main(run_dir: str, lock_fd: int) -> None:
    """Do the run of a folder, whose lock `lock_fd` holds, and write its `result.json`.

    To be called in a fresh child: it takes the process over. The lock is let go only when the
    result is on the disk.
    """
    result = Result()
    try:
        _take_process_over(run_dir, lock_fd)
        Run(run_dir, result).carry_out()
    except Exception:  # noqa: BLE001 - the edge of the process: never end in silence
        result.end = SETUP_FAILED
        result.because = f"the runner broke: {traceback.format_exc(limit=-3).strip()}"
    result.ended_at = time.time()
    write_result(run_dir, result)
    fcntl.flock(_LOCK_FD, fcntl.LOCK_UN)  # for every copy of it: nobody has to wait for our end


def write_result(run_dir: str, result: Result) -> None:
    """Write how the run ended; on a full disk its log makes the room.

    A run without a result would be lost and run again, only to fill the disk once more.
    """
    path = os.path.join(run_dir, "result.json")
    try:
        write_atomically(path, result.as_dict(), durable=True)
    except OSError as error:
        log = os.path.join(run_dir, "log")
        result.log_bytes = os.stat(log).st_size // 2
        os.truncate(log, result.log_bytes)
        result.is_log_truncated = True
        said = f"half of the log was dropped to write this result: {error}"
        result.because = "; ".join(filter(None, [result.because, said]))
        write_atomically(path, result.as_dict(), durable=True)


class Run:
    """The steps of one run, in their order."""

    def __init__(self, run_dir: str, result: Result) -> None:
        self._result = result
        self._spec = load_spec(run_dir)
        self._supervisor = Supervisor(run_dir)
        self._log = Log(run_dir, self._spec.log_limit_bytes)
        self._state = State(state_path(self._spec))
        os.environ["GREENLANE_RUN_ID"] = self._spec.run_id  # marks git and the report reader

    def carry_out(self) -> None:
        """Go through all steps; whatever goes wrong is in the result."""
        try:
            self._set_up()
            self._run_command()
            self._look_after()
        except CancelledError:
            self._result.end = CANCELLED
            self._result.because = self._supervisor.why_cancelled()
        except (SetupError, child.StartError, checkout.CheckoutError) as error:
            self._result.end = SETUP_FAILED
            self._result.because = str(error)
            self._result.exit_code = getattr(error, "exit_code", None)
        finally:
            self._supervisor.tree.kill()
            if self._supervisor.tree.reap():
                self._note("some of its processes do not die, not even of SIGKILL")
            self._remember_end()
            self._result.log_bytes = self._log.finish()
            self._result.is_log_truncated = self._log.dropped_bytes > 0

    def _set_up(self) -> None:
        spec = self._spec
        self._supervisor.raise_if_cancelled()
        if spec.checkout is not None:
            with self._timed("checkout"):
                checkout.switch(spec.checkout, self._state, self._supervisor)
        if spec.prepare:
            with self._timed("prepare"):
                self._prepare()
        if spec.clean_before:
            with self._timed("clean"):
                stale.clear(spec, self._cwd(), self._supervisor)
        if spec.in_place is not None:
            self._result.tree_before = self._hash(spec.in_place)

    def _prepare(self) -> None:
        steps = prepare.Steps(self._spec, self._cwd(), self._state, self._supervisor, self._log)
        failure = steps.run()
        if failure is not None:
            raise SetupError(failure.because, failure.exit_code)
        if steps.count_run and self._spec.checkout is not None:
            paths = checkout.list_untracked(self._spec.checkout, self._supervisor)
            self._state.prepared_paths = paths
            self._state.save()

    def _run_command(self) -> None:
        spec, result, running = self._spec, self._result, self._supervisor.tree
        cpu_before = running.cpu_seconds
        running.peak_memory_bytes = 0
        limits = Limits(spec.timeout_seconds, spec.idle_timeout_seconds, self._log)
        with self._timed("command"):
            starting_at = time.time()
            pid = child.spawn(spec.argv, cwd=self._cwd(), env=spec.marked_env, output=self._log.fd)
            result.command_started_at = starting_at
            result.end, result.exit_code, result.strays_killed = self._supervisor.run_command(
                pid, limits
            )
            result.command_ended_at = time.time()
        result.cpu_seconds = running.cpu_seconds - cpu_before
        result.peak_memory_bytes = running.peak_memory_bytes
        result.because = self._why_ended()

    def _why_ended(self) -> str:
        match self._result.end:
            case "timed_out":
                return f"the command took longer than {self._spec.timeout_seconds:g} s"
            case "idle_timed_out":
                return f"the command wrote nothing for {self._spec.idle_timeout_seconds:g} s"
            case "cancelled":
                return self._supervisor.why_cancelled()
            case _:
                return ""

    def _remember_end(self) -> None:
        """Note when the slot was last written to by a run."""
        if self._spec.checkout is not None and self._state.tree:
            self._state.run_ended_at = time.time()
            self._state.save()

    def _look_after(self) -> None:
        """Hash what the command left, and read its reports."""
        spec, result = self._spec, self._result
        if spec.in_place is not None:
            result.tree_after = self._hash(spec.in_place)
        if spec.read_argv and result.end != CANCELLED and result.exit_code is not None:
            with self._timed("read"):
                self._read()

    def _read(self) -> None:
        argv = [*self._spec.read_argv, "--exit-code", str(self._result.exit_code)]
        if self._result.end in {TIMED_OUT, IDLE_TIMED_OUT}:
            argv.append("--timed-out")
        path = os.path.join(self._spec.run_dir, "reader.log")
        with open(path, "w+b", buffering=0) as output:
            failure = self._call_reader(argv, output.fileno())
            if failure:
                tail = os.pread(output.fileno(), 2000, max(0, output.tell() - 2000))
                lines = tail.decode(errors="replace").strip().splitlines()[-1:]
                self._note("; ".join([f"no report: {failure}", *lines]))

    def _note(self, text: str) -> None:
        self._result.because = "; ".join(filter(None, [self._result.because, text]))

    def _call_reader(self, argv: list[str], output: int) -> str:
        try:
            code = self._supervisor.call(
                argv,
                cwd=os.sep,  # not where a test could leave a module for it to import
                env={**os.environ, "PYTHONSAFEPATH": "1"},
                output=output,
                seconds=_READ_SECONDS,
                memory_limit_bytes=_READ_MEMORY_BYTES,
            )
        except child.StartError as error:
            return str(error)
        if code is None:
            return f"the report reader took longer than {_READ_SECONDS:.0f} s"
        return f"the report reader ended with exit code {code}" if code else ""

    def _cwd(self) -> str:
        root = os.path.realpath(self._spec.root)
        cwd = os.path.realpath(os.path.join(root, self._spec.cwd))
        if cwd != root and not cwd.startswith(f"{root}{os.sep}"):
            raise SetupError(f"the working folder '{self._spec.cwd}' lies outside of '{root}'")
        if not os.path.isdir(cwd):
            raise SetupError(f"the working folder '{self._spec.cwd}' does not exist")
        return cwd

    def _hash(self, folder: str) -> str:
        with self._timed("hash"):
            return hashing.hash_folder(folder, self._spec.run_dir, self._supervisor)

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - started
            seconds = self._result.phase_seconds
            seconds[phase] = seconds.get(phase, 0.0) + spent


def _take_process_over(run_dir: str, lock_fd: int) -> None:
    """Leave the fork server's session and files behind; keep the lock."""
    os.setsid()
    if lock_fd != _LOCK_FD:
        os.dup2(lock_fd, _LOCK_FD, inheritable=False)
    os.closerange(_LOCK_FD + 1, os.sysconf("SC_OPEN_MAX"))
    linux.become_subreaper()
    linux.set_process_name("greenlane-run")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    pid = os.getpid()
    os.ftruncate(_LOCK_FD, 0)
    os.pwrite(_LOCK_FD, f"{pid} {tree.start_time_of(pid)}\n".encode(), 0)
    os.chdir(run_dir)
