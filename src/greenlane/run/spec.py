"""The runner's own view of `spec.json` and `result.json`, without the server's libraries.

The shapes are `greenlane.model.run.RunSpec` and `RunResult`; a test holds the two together.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

EXITED = "exited"
TIMED_OUT = "timed_out"
IDLE_TIMED_OUT = "idle_timed_out"
CANCELLED = "cancelled"
SETUP_FAILED = "setup_failed"


class CheckoutSpec:
    """The slot to switch, and to what."""

    __slots__ = ("commit", "repository", "slot", "tree")

    def __init__(self, *, slot: str, repository: str, commit: str, tree: str) -> None:
        self.slot = slot
        self.repository = repository
        self.commit = commit
        self.tree = tree


class PrepareSpec:
    """One set-up step."""

    __slots__ = ("argv", "inputs")

    def __init__(self, argv: list[str], inputs: list[str]) -> None:
        self.argv = argv
        self.inputs = inputs


class Spec:
    """What one run is to do."""

    __slots__ = (
        "argv",
        "checkout",
        "clean_before",
        "cwd",
        "env",
        "idle_timeout_seconds",
        "in_place",
        "job_id",
        "log_limit_bytes",
        "prepare",
        "read_argv",
        "run_dir",
        "run_id",
        "timeout_seconds",
    )

    def __init__(self, raw: dict[str, Any]) -> None:
        checkout = raw.get("checkout")
        self.run_id: str = raw["run_id"]
        self.job_id: str = raw["job_id"]
        self.run_dir: str = raw["run_dir"]
        self.checkout = CheckoutSpec(**checkout) if checkout else None
        self.in_place: str | None = raw.get("in_place")
        self.argv: list[str] = raw["argv"]
        self.cwd: str = raw.get("cwd", ".")
        self.env: dict[str, str] = raw["env"]
        self.prepare = [
            PrepareSpec(step["argv"], step.get("inputs", [])) for step in raw.get("prepare", [])
        ]
        self.clean_before: list[str] = raw.get("clean_before", [])
        self.timeout_seconds: float = raw["timeout_seconds"]
        self.idle_timeout_seconds: float | None = raw.get("idle_timeout_seconds")
        self.log_limit_bytes: int = raw.get("log_limit_bytes", 200_000_000)
        self.read_argv: list[str] = raw.get("read_argv", [])

    @property
    def root(self) -> str:
        """The folder that the command may not be started outside of."""
        if self.checkout is not None:
            return self.checkout.slot
        return self.in_place or self.run_dir

    @property
    def marked_env(self) -> dict[str, str]:
        """The command's environment, with the marks by which strays of a lost run are found."""
        return {**self.env, "GREENLANE_RUN_ID": self.run_id, "GREENLANE_JOB_ID": self.job_id}


class Result:
    """What the runner saw; filled in as the run goes on."""

    __slots__ = (
        "because",
        "command_ended_at",
        "command_started_at",
        "cpu_seconds",
        "end",
        "ended_at",
        "exit_code",
        "is_log_truncated",
        "log_bytes",
        "peak_memory_bytes",
        "phase_seconds",
        "started_at",
        "strays_killed",
        "tree_after",
        "tree_before",
    )

    def __init__(self) -> None:
        self.end = SETUP_FAILED
        self.exit_code: int | None = None
        self.because = ""
        self.started_at = time.time()
        self.command_started_at: float | None = None
        self.command_ended_at: float | None = None
        self.ended_at = 0.0
        self.cpu_seconds = 0.0
        self.peak_memory_bytes = 0
        self.log_bytes = 0
        self.is_log_truncated = False
        self.tree_before = ""
        self.tree_after = ""
        self.strays_killed = 0
        self.phase_seconds: dict[str, float] = {}

    def as_dict(self) -> dict[str, Any]:
        """Give the fields in the shape of `RunResult`."""
        return {name: getattr(self, name) for name in self.__slots__}


def load_spec(run_dir: str) -> Spec:
    """Read `spec.json` of a run folder."""
    with open(os.path.join(run_dir, "spec.json"), "rb") as file:
        return Spec(json.load(file))


def write_atomically(path: str, value: object, *, durable: bool = False) -> None:
    """Replace a JSON file in one step; `durable` also survives a power cut."""
    passing = f"{path}.tmp"
    with open(passing, "w", encoding="utf-8", opener=_open_private) as file:
        json.dump(value, file)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    os.rename(passing, path)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
