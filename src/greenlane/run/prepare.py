"""Before the command: set-up steps, once for each content of their inputs."""

from __future__ import annotations

import hashlib
import json
import os

from greenlane.run import child
from greenlane.run.log import Log
from greenlane.run.spec import PrepareSpec, Spec
from greenlane.run.state import State
from greenlane.run.supervise import Supervisor


class Failure:
    """Why a step failed."""

    __slots__ = ("because", "exit_code")

    def __init__(self, because: str, exit_code: int | None) -> None:
        self.because = because
        self.exit_code = exit_code


class Steps:
    """The set-up steps of a run."""

    def __init__(
        self, spec: Spec, cwd: str, state: State, supervisor: Supervisor, log: Log
    ) -> None:
        self._spec = spec
        self._cwd = cwd
        self._state = state
        self._supervisor = supervisor
        self._log = log
        self.count_run = 0

    def run(self) -> Failure | None:
        """Run the steps whose inputs changed since they last succeeded here.

        A failed step ends it, and is run again next time.
        """
        for step in self._spec.prepare:
            key = json.dumps([self._spec.cwd, step.argv])  # two folders, two installations
            wanted = self._hash(step)
            if self._state.prepared.get(key) == wanted:
                continue
            failure = self._run_step(step)
            if failure is not None:
                return failure
            self._state.prepared[key] = wanted
            self._state.save()
        return None

    def _run_step(self, step: PrepareSpec) -> Failure | None:
        self.count_run += 1
        command = " ".join(step.argv)
        self._log.note(f"[greenlane] prepare: {command}")
        try:
            code = self._supervisor.call(
                step.argv,
                cwd=self._cwd,
                env=self._spec.marked_env,
                output=self._log.fd,
                seconds=self._spec.timeout_seconds,
            )
        except child.StartError as error:
            return Failure(f"prepare step '{command}': {error}", None)
        finally:
            self._supervisor.tree.kill()
        if code == 0:
            return None
        how = f"exit code {code}" if code is not None else "it took too long"
        return Failure(f"prepare step '{command}' failed: {how}\n{self._log.last_lines()}", code)

    def _hash(self, step: PrepareSpec) -> str:
        total = hashlib.sha256()
        for name in step.inputs:
            total.update(f"{len(name)} {name}\0".encode())
            try:
                with open(os.path.join(self._cwd, name), "rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
            except OSError:
                total.update(b"-")
        return total.hexdigest()
