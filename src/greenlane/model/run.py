"""A run: one attempt at a job on one host. What the runner is told, and what it answers.

Both travel as JSON files in the run's folder, since the runner imports nothing but the standard
library: `spec.json` in, `result.json` out. The runner's own view of them is in `run/spec.py`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from greenlane.model.job import CommitId, JobId, RunId, TreeId


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """The slot to switch to a snapshot before the command starts."""

    slot: str  # absolute path of the warm worktree; made when it does not exist
    repository: str  # absolute path of the server's bare repository
    commit: CommitId
    tree: TreeId


class Prepare(msgspec.Struct, frozen=True, kw_only=True):
    """A set-up step of a suite; runs when the content of `inputs` changed for this slot."""

    argv: list[str]
    inputs: list[str] = []  # paths relative to the working folder; none: run once for a slot


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that the runner needs; written once before it starts."""

    run_id: RunId
    job_id: JobId
    run_dir: str
    checkout: Checkout | None = None
    in_place: str | None = None  # folder to hash before and after, instead of a checkout
    argv: list[str]
    cwd: str = "."  # relative to the slot or the folder
    env: dict[str, str]
    prepare: list[Prepare] = []
    clean_before: list[
        str
    ] = []  # globs relative to cwd: stale reports, removed first where not tracked
    timeout_seconds: float
    idle_timeout_seconds: float | None = None
    log_limit_bytes: int = 200_000_000
    read_argv: list[str] = []  # the report reader, run after the command; none: exit status alone


class RunEnd(StrEnum):
    """Why the command is no longer running."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    IDLE_TIMED_OUT = "idle_timed_out"
    CANCELLED = "cancelled"
    SETUP_FAILED = "setup_failed"


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the runner saw. Times are UNIX seconds; memory is the peak of the whole tree."""

    end: RunEnd
    exit_code: int | None = None  # negative: killed by that signal; None: never started
    because: str = ""
    started_at: float
    command_started_at: float | None = None
    command_ended_at: float | None = None
    ended_at: float
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    log_bytes: int = 0
    is_log_truncated: bool = False
    tree_before: str = ""
    tree_after: str = ""
    strays_killed: int = 0
    phase_seconds: dict[str, float] = {}  # checkout, prepare, command, read
