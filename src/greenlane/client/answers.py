"""Shapes of what the server answers. For the type checker: imported by nothing at run time."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Priority = Literal["high", "normal", "low"]


class Resolved(TypedDict):
    """The project of a folder, and how its snapshots travel."""

    project: str
    name: str
    mode: Literal["snapshot", "in_place"]
    repository: str | None  # None: not reachable as a path, send a bundle
    bases: list[str]
    max_untracked_bytes: int


class Snapshot(TypedDict):
    """A tree that the server holds, and the commit that keeps it."""

    commit: str
    tree: str


class Change(TypedDict):
    """The files that differ from an earlier state; paths relative to the project's root."""

    files: list[str]
    deleted: list[str]
    since: str


class Submission(TypedDict):
    """What a job is asked for; the body of a submit."""

    project: NotRequired[str]
    project_path: NotRequired[str]
    snapshot: NotRequired[Snapshot]
    folder: NotRequired[str]
    test_suite: NotRequired[str]
    framework: NotRequired[str]
    args: NotRequired[list[str]]
    select: NotRequired[list[str]]
    failed_of: NotRequired[str]
    affected: NotRequired[Change]
    command: NotRequired[list[str]]
    env: NotRequired[dict[str, str]]
    environment: NotRequired[dict[str, str]]
    cwd: NotRequired[str]
    mode: NotRequired[str]
    timeout_seconds: NotRequired[float]
    agent_id: NotRequired[str]
    task_id: NotRequired[str]
    callback_url: NotRequired[str]
    priority: NotRequired[Priority]


class Submitted(TypedDict):
    """A job that was accepted."""

    job_id: str
    status: str
    queue_position: int | None
    estimated_wait_seconds: float | None
    project: str
    suite: str
    tree: str
    partial: str  # "": the whole suite


class Status(TypedDict):
    """Where a job is. Times are ISO 8601 in UTC."""

    job_id: str
    project: str
    suite: str
    agent: str
    task: str
    tree: str
    partial: str  # "": the whole suite
    status: str
    result: str | None
    because: str
    queue_position: int | None
    waiting_for: str
    estimated_wait_seconds: float | None
    attempts: int
    submitted_at: str
    started_at: str | None
    ended_at: str | None
    queued_seconds: float | None
    run_seconds: float | None


class Totals(TypedDict):
    """Counts of tests by outcome."""

    passed: int
    failed: int
    error: int
    skipped: int
    xfail: int
    not_run: int
    total: int


class Test(TypedDict):
    """One test; what is empty may be left out."""

    id: str
    outcome: str
    file: NotRequired[str]
    line: NotRequired[int]
    duration_seconds: NotRequired[float | None]
    message: NotRequired[str]
    traceback: NotRequired[str]
    output: NotRequired[str]


class Results(Status):
    """How a job ended."""

    summary: str
    totals: Totals
    failures: list[Test]  # at most 200
    tests: NotRequired[list[Test]]
    exit_code: int | None
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    log_bytes: int | None
    artifacts: list[str]


class Cancelled(TypedDict):
    """What a cancellation met."""

    job_id: str
    status: str
    was_running: bool


class Queue(TypedDict):
    """What runs and what waits."""

    running: list[Status]
    queued: list[Status]
    queued_total: int
    lanes: int
    limit: int


class Health(TypedDict):
    """The server about itself."""

    status: str
    version: str
    pid: int
    uptime_seconds: float
    queued: int
    running: int
    state_dir: str


class Project(TypedDict):
    """A project that the server knows."""

    project: str
    name: str
    path: str
    is_git: bool
    command: list[str] | None
    preset: str
