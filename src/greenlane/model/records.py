"""What the server remembers: projects, jobs and runs as they lie in the store."""

from __future__ import annotations

import msgspec

from greenlane.model.job import (
    CommitId,
    JobId,
    LaneId,
    Outcome,
    Phase,
    Priority,
    ProjectId,
    RunId,
    TreeId,
)
from greenlane.model.report import Totals
from greenlane.model.suite import Mode, Preset, Suite


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A repository or plain folder that the server knows."""

    id: ProjectId
    name: str
    key: str  # identity: all worktrees of one repository, and clones of one origin, share it
    path: str  # the folder that it was first seen in
    is_git: bool
    command: list[str] | None = None  # registered by `project add`; None: greenlane.toml, detection
    preset: str = ""
    created_at: float


class JobSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run of a job needs beside its snapshot; stored once for each distinct value."""

    suite: Suite
    preset: Preset | None = None  # None: judged by the exit status alone
    environment: dict[str, str] = {}  # what the submitter's environment adds
    worktrees: list[str] = []  # the submitter's and the main one: a `.venv` may lie there


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is submitted, before the store numbers it."""

    id: JobId
    project: ProjectId
    lane: LaneId
    suite: str
    agent: str
    task: str = ""
    priority: Priority = Priority.NORMAL
    mode: Mode = Mode.SNAPSHOT
    tree: TreeId = TreeId("")
    commit: CommitId = CommitId("")
    folder: str = ""  # in_place only
    callback_url: str = ""
    partial: str = ""  # what of the suite runs; "": all of it
    submitter_uid: int = -1  # -1: not known
    idempotency_key: str | None = None
    submitted_at: float
    spec: JobSpec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the store holds it. Times are UNIX seconds."""

    id: JobId
    seq: int  # order of arrival
    project: ProjectId
    lane: LaneId
    suite: str
    agent: str
    task: str
    priority: Priority
    mode: Mode
    tree: TreeId
    commit: CommitId
    folder: str
    callback_url: str
    partial: str  # what of the suite runs; "": all of it
    phase: Phase
    outcome: Outcome | None
    because: str
    attempts: int
    spec_hash: str
    submitted_at: float
    started_at: float | None
    ended_at: float | None
    totals: Totals | None
    run: RunId | None  # the latest


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a job, as the store holds it."""

    id: RunId
    job: JobId
    attempt: int
    lane: LaneId
    started_at: float
    ended_at: float | None
