"""What travels over HTTP: requests and answers as structs. Bodies may grow, never shrink."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=4096)]
Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
ObjectId = Annotated[str, Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Arguments = Annotated[list[Text], Meta(max_length=10_000)]
Seconds = Annotated[float, Meta(gt=0, le=7 * 86_400)]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every request body: an unknown field is an error that names it."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer."""


class ErrorAnswer(Answer, frozen=True, kw_only=True):
    """The one shape of every error."""

    error: str
    message: str
    hint: str


class ResolveRequest(Request, frozen=True, kw_only=True):
    """Which project is this folder?"""

    path: Text
    common_dir: Text = ""
    origin_url: Text = ""
    object_format: Literal["sha1", "sha256"] = "sha1"


class ResolveAnswer(Answer, frozen=True, kw_only=True):
    """The project, and how a snapshot of it travels."""

    project: str
    name: str
    mode: Literal["snapshot", "in_place"]
    repository: str | None  # the server's bare repository, when the caller may write to it
    bases: list[str]  # commits that it has, newest first: a snapshot need not bring them
    max_untracked_bytes: int


class ProjectRequest(Request, frozen=True, kw_only=True):
    """Register a project, and how it is tested when it has no greenlane.toml."""

    path: Text
    name: Name = ""
    command: Arguments | None = None
    preset: Name = ""


class ProjectAnswer(Answer, frozen=True, kw_only=True):
    """A project that the server knows."""

    project: str
    name: str
    path: str
    is_git: bool
    command: list[str] | None
    preset: str


class ProjectsAnswer(Answer, frozen=True, kw_only=True):
    """All projects."""

    projects: list[ProjectAnswer]


class Snapshot(Request, frozen=True, kw_only=True):
    """A tree that the server holds, and the commit that carries it."""

    commit: ObjectId
    tree: ObjectId


class SnapshotAnswer(Answer, frozen=True, kw_only=True):
    """A snapshot that arrived whole."""

    commit: str
    tree: str


class Change(Request, frozen=True, kw_only=True):
    """Files that differ from an earlier state; paths relative to the project's root."""

    files: Arguments = []
    deleted: Arguments = []
    since: Name = ""  # that state, for people


class SubmitRequest(Request, frozen=True, kw_only=True):
    """Run a suite on a snapshot. Name `project_path`, or `project` with a snapshot or folder."""

    project_path: Text | None = None
    project: Name | None = None
    snapshot: Snapshot | None = None
    folder: Text | None = None  # in_place: the folder to run in
    test_suite: Name = "all"
    framework: Name | None = None
    args: Arguments = []
    select: Arguments = []
    failed_of: Name | None = None  # a job, or "latest": only the tests that were red in it
    affected: Change | None = None  # only the tests that this change reaches
    command: Annotated[list[Text], Meta(min_length=1, max_length=10_000)] | None = None
    env: dict[Name, Text] = {}
    environment: dict[Name, Annotated[str, Meta(max_length=65_536)]] = {}
    cwd: Text = "."
    mode: Literal["snapshot", "in_place"] | None = None
    timeout_seconds: Seconds | None = None
    agent_id: Name = ""
    task_id: Name = ""
    callback_url: Text = ""
    priority: Literal["high", "normal", "low"] = "normal"


class SubmitAnswer(Answer, frozen=True, kw_only=True):
    """The job is stored: it will end, whatever happens to the server."""

    job_id: str
    status: str
    queue_position: int | None
    estimated_wait_seconds: float | None
    project: str
    suite: str
    tree: str
    partial: str  # what of the suite runs; "": all of it


class StatusAnswer(Answer, frozen=True, kw_only=True):
    """Where a job is. Times are ISO 8601 in UTC."""

    job_id: str
    project: str
    suite: str
    agent: str
    task: str
    tree: str
    partial: str  # what of the suite runs; "": all of it
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
    queued_seconds: float
    run_seconds: float | None


class ResultsAnswer(StatusAnswer, frozen=True, kw_only=True):
    """How a job ended. `tests` comes last and may be long; `?tests=false` leaves it out."""

    summary: str
    totals: dict[str, int]
    failures: list[dict[str, Any]]
    exit_code: int | None
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    log_bytes: int | None
    artifacts: list[str]
    tests: list[dict[str, Any]] = []


class CancelAnswer(Answer, frozen=True, kw_only=True):
    """What the cancellation met."""

    job_id: str
    status: str
    was_running: bool


class JobsAnswer(Answer, frozen=True, kw_only=True):
    """Jobs, the newest first."""

    jobs: list[StatusAnswer]


class QueueAnswer(Answer, frozen=True, kw_only=True):
    """What runs and what waits, in order."""

    running: list[StatusAnswer]
    queued: list[StatusAnswer]
    queued_total: int
    lanes: int
    limit: int


class HealthAnswer(Answer, frozen=True, kw_only=True):
    """The server is alive."""

    status: str
    version: str
    pid: int
    uptime_seconds: float
    queued: int
    running: int
    state_dir: str
