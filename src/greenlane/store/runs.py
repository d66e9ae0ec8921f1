"""Statements about runs and the claims that they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from greenlane.model.errors import ConflictError
from greenlane.model.job import JobId, LaneId, ProjectId, RunId
from greenlane.model.records import Run
from greenlane.model.run import RunResult
from greenlane.store.schema import claims, jobs, runs

_INSERT: Final = runs.insert()
_CLAIM: Final = claims.insert()
_END: Final = update(runs).where(runs.c.id == bindparam("ended"))
_FREE: Final = delete(claims).where(claims.c.run == bindparam("ended"))


def insert_run(connection: Connection, run: Run, resources: Iterable[str]) -> None:
    """Store a run together with the lane and resources that it claims.

    The primary key of the claims is what keeps two runs out of one lane.

    Raises:
        ConflictError: one of them is held by another run; nothing of this may be committed.
    """
    values = msgspec.structs.asdict(run)
    connection.execute(_INSERT, values)
    rows = [{"resource": resource, "run": run.id} for resource in resources]
    try:
        connection.execute(_CLAIM, rows)
    except IntegrityError as error:
        raise ConflictError(f"run {run.id} cannot claim {[row['resource'] for row in rows]}") from (
            error
        )


def end_run(connection: Connection, run: RunId, ended_at: float, result: RunResult | None) -> None:
    """Write how a run ended, and free what it held."""
    body = None if result is None else msgspec.json.encode(result).decode()
    connection.execute(_END, {"ended": run, "ended_at": ended_at, "result": body})
    connection.execute(_FREE, {"ended": run})


def list_open_runs(connection: Connection) -> list[Run]:
    """Give every run that has not ended."""
    return [_run(row) for row in connection.execute(select(runs).where(runs.c.ended_at.is_(None)))]


def get_result(connection: Connection, run: RunId) -> RunResult | None:
    """Give what the runner saw, or None while it runs or when it was lost."""
    body = connection.execute(select(runs.c.result).where(runs.c.id == run)).scalar_one_or_none()
    return None if body is None else msgspec.json.decode(body, type=RunResult)


class EndedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that ended, and whose it was."""

    id: RunId
    project: ProjectId
    ended_at: float


def list_ended_among(connection: Connection, wanted: Sequence[RunId]) -> list[EndedRun]:
    """Give those of the runs that have ended; at most a few hundred at once."""
    statement = (
        select(runs.c.id, jobs.c.project, runs.c.ended_at)
        .join(jobs, jobs.c.id == runs.c.job)
        .where(runs.c.id.in_(wanted), runs.c.ended_at.is_not(None))
    )
    return [
        EndedRun(id=row[0], project=row[1], ended_at=row[2])
        for row in connection.execute(statement)
    ]


def _run(row: Row[Any]) -> Run:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's documented name
    return Run(
        id=RunId(values["id"]),
        job=JobId(values["job"]),
        attempt=values["attempt"],
        lane=LaneId(values["lane"]),
        started_at=values["started_at"],
        ended_at=values["ended_at"],
    )
