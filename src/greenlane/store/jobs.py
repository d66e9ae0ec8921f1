"""Statements about jobs. Each takes an open connection; the caller owns the transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, update

from greenlane.model.errors import ConflictError, NotFoundError
from greenlane.model.job import JobId, Outcome, Phase, Priority, ProjectId, RunId, is_legal
from greenlane.model.records import Job, JobSpec, NewJob
from greenlane.model.report import Totals
from greenlane.model.suite import Mode
from greenlane.store.database import insert_unless_there
from greenlane.store.schema import IS_OPEN, jobs, specs

_encode = msgspec.json.Encoder(order="sorted").encode

# What every job goes through is written once: to build a statement costs more than to run it.
_INSERT: Final = jobs.insert()
_GET: Final = select(jobs).where(jobs.c.id == bindparam("wanted"))
_FIND_BY_KEY: Final = select(jobs).where(jobs.c.idempotency_key == bindparam("wanted"))
_GET_SPEC: Final = select(specs.c.body).where(specs.c.hash == bindparam("wanted"))
_MOVE: Final = update(jobs).where(
    jobs.c.id == bindparam("moved"), jobs.c.phase == bindparam("before")
)


def insert_job(connection: Connection, job: NewJob) -> int:
    """Store a job and give its place in the order of arrival."""
    body = _encode(job.spec).decode()
    digest = hashlib.sha256(body.encode()).hexdigest()
    insert_unless_there(connection, specs, {"hash": digest, "body": body})
    values = msgspec.structs.asdict(job) | {
        "spec_hash": digest,
        "phase": Phase.QUEUED,
        "because": "",
        "attempts": 0,
        "priority": int(job.priority),
        "mode": job.mode.value,
    }
    del values["spec"]
    key = connection.execute(_INSERT, values).inserted_primary_key
    return int(key[0]) if key else 0


def get_job(connection: Connection, job: JobId) -> Job:
    """Give one job.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = connection.execute(_GET, {"wanted": job}).one_or_none()
    if row is None:
        raise NotFoundError(
            f"no job {job!r} is known here", hint="`greenlane status` lists the newest jobs"
        )
    return _job(row)


def get_jobs(connection: Connection, wanted: Sequence[JobId]) -> list[Job]:
    """Give those of the jobs that are there; at most a few hundred at once."""
    return [_job(row) for row in connection.execute(select(jobs).where(jobs.c.id.in_(wanted)))]


def find_by_idempotency_key(connection: Connection, key: str) -> Job | None:
    """Give the job that was submitted with this key before."""
    row = connection.execute(_FIND_BY_KEY, {"wanted": key}).one_or_none()
    return None if row is None else _job(row)


def list_open(connection: Connection) -> list[Job]:
    """Give every job that has not ended, in order of arrival."""
    statement = _with_phase(select(jobs), Phase.QUEUED, Phase.RUNNING)
    return [_job(row) for row in connection.execute(statement.order_by(jobs.c.seq))]


def list_newest(
    connection: Connection,
    *,
    limit: int,
    project: ProjectId | None = None,
    phase: Phase | None = None,
    outcomes: Sequence[Outcome] = (),
) -> list[Job]:
    """Give the newest jobs first."""
    statement = select(jobs).order_by(jobs.c.seq.desc()).limit(limit)
    if project is not None:
        statement = statement.where(jobs.c.project == project)
    if phase is not None:
        statement = _with_phase(statement, phase)
    if outcomes:
        statement = statement.where(jobs.c.outcome.in_([outcome.value for outcome in outcomes]))
    return [_job(row) for row in connection.execute(statement)]


def list_ended(connection: Connection, project: ProjectId, suite: str, *, limit: int) -> list[Job]:
    """Give the newest jobs of a suite that have ended, the newest first."""
    statement = (
        select(jobs)
        .where(jobs.c.project == project, jobs.c.suite == suite)
        .where(jobs.c.phase == Phase.ENDED.value)
        .order_by(jobs.c.seq.desc())
        .limit(limit)
    )
    return [_job(row) for row in connection.execute(statement)]


def list_commits_since(connection: Connection, project: ProjectId, instant: float) -> set[str]:
    """Give the commits of the jobs that are open, or were submitted after an instant."""
    is_in_use = or_(jobs.c.phase != Phase.ENDED.value, jobs.c.submitted_at > instant)
    statement = select(jobs.c.commit).where(jobs.c.project == project, is_in_use).distinct()
    return {row[0] for row in connection.execute(statement)}


def count_by_outcome(connection: Connection) -> dict[str, int]:
    """Count the ended jobs by outcome."""
    statement = select(jobs.c.outcome, func.count()).where(jobs.c.outcome.is_not(None))
    return {row[0]: row[1] for row in connection.execute(statement.group_by(jobs.c.outcome))}


def get_spec(connection: Connection, spec_hash: str) -> JobSpec:
    """Give what a job runs."""
    body = connection.execute(_GET_SPEC, {"wanted": spec_hash}).scalar_one()
    return msgspec.json.decode(body, type=JobSpec)


def move_job(connection: Connection, job: Job, after: Phase, **changes: object) -> None:
    """Make a legal move of a job; the phase that it leaves must still be true.

    Raises:
        ConflictError: the move is not legal, or somebody else moved the job first.
    """
    if not is_legal(job.phase, after):
        raise ConflictError(f"job {job.id} cannot go from {job.phase} to {after}")
    values = {"moved": job.id, "before": job.phase.value, "phase": after.value, **changes}
    moved = connection.execute(_MOVE, values)
    if moved.rowcount != 1:
        raise ConflictError(f"job {job.id} is no longer {job.phase}")


def _with_phase(statement: Select[Any], *phases: Phase) -> Select[Any]:
    """Narrow a query to jobs of some phases; those of open ones come from their index."""
    statement = statement.where(jobs.c.phase.in_([phase.value for phase in phases]))
    return statement if Phase.ENDED in phases else statement.where(IS_OPEN)


def _job(row: Row[Any]) -> Job:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's documented name for the row as a mapping
    return Job(
        id=JobId(values["id"]),
        seq=values["seq"],
        project=values["project"],
        lane=values["lane"],
        suite=values["suite"],
        agent=values["agent"],
        task=values["task"],
        priority=Priority(values["priority"]),
        mode=Mode(values["mode"]),
        tree=values["tree"],
        commit=values["commit"],
        folder=values["folder"],
        callback_url=values["callback_url"],
        partial=values["partial"],
        phase=Phase(values["phase"]),
        outcome=None if values["outcome"] is None else Outcome(values["outcome"]),
        because=values["because"],
        attempts=values["attempts"],
        spec_hash=values["spec_hash"],
        submitted_at=values["submitted_at"],
        started_at=values["started_at"],
        ended_at=values["ended_at"],
        totals=None
        if values["totals"] is None
        else msgspec.json.decode(values["totals"], type=Totals),
        run=None if values["run"] is None else RunId(values["run"]),
    )
