"""Fill a server's database with a long past and a long queue, faster than by living it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, Table, text

from greenlane.model.job import JobId, LaneId, Outcome, Phase, Priority, ProjectId, RunId
from greenlane.model.records import JobSpec, NewJob, Run
from greenlane.model.run import RunEnd, RunResult
from greenlane.model.suite import Mode, Suite
from greenlane.store import jobs, runs, schema
from greenlane.store.database import open_database
from greenlane.store.jobs import move_job
from greenlane.system.clock import now

_PATTERNS: Final = 100
_SECONDS = 600.0


def fill(database: str, project: ProjectId, folder: str, *, ended: int, queued: int) -> None:
    """Write jobs that ended and jobs that wait, all of one lane, in steps of a hundred.

    Whichever waits first, at high priority, is a job that sleeps: the rest waits behind it.
    """
    engine = open_database(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA synchronous=OFF"))
    with engine.begin() as connection:
        for number in range(_PATTERNS):
            _insert_ended(connection, project, folder, number)
        _multiply(connection, schema.jobs, ["id", "run", "idempotency_key"], ended // _PATTERNS)
        _multiply(connection, schema.runs, ["id", "job"], ended // _PATTERNS)
        for number in range(_PATTERNS):
            jobs.insert_job(connection, _new_job(f"q{number:09}", project, folder, ["true"]))
        unended = "WHERE phase = 'queued'"
        _multiply(connection, schema.jobs, ["id", "idempotency_key"], queued // _PATTERNS, unended)
        sleeper = _new_job("sleeper", project, folder, ["sleep", f"{_SECONDS:.0f}"])
        jobs.insert_job(connection, msgspec.structs.replace(sleeper, priority=Priority.HIGH))
    engine.dispose()
    with Path(database).open("rb") as file:
        os.fsync(file.fileno())  # else the first checkpoint of the server pays for all this


def _insert_ended(connection: Connection, project: ProjectId, folder: str, number: int) -> None:
    """Write one job that ended, step by step as the server does."""
    new = _new_job(f"e{number:09}", project, folder, ["true"])
    jobs.insert_job(connection, new)
    run = Run(
        id=RunId(f"{new.id}-1"), job=new.id, attempt=1, lane=new.lane, started_at=now(),
        ended_at=None,
    )  # fmt: skip
    runs.insert_run(connection, run, [f"lane:{new.lane}"])
    move_job(
        connection, jobs.get_job(connection, new.id), Phase.RUNNING,
        attempts=1, run=run.id, started_at=run.started_at,
    )  # fmt: skip
    result = RunResult(
        end=RunEnd.EXITED, exit_code=0, started_at=now(), ended_at=now(),
        phase_seconds={"checkout": 0.01, "command": 0.01},
    )  # fmt: skip
    runs.end_run(connection, run.id, now(), result)
    move_job(
        connection, jobs.get_job(connection, new.id), Phase.ENDED,
        outcome=Outcome.PASSED.value, because="exit status 0", ended_at=now(),
    )  # fmt: skip


def _multiply(
    connection: Connection, table: Table, unique: list[str], copies: int, where: str = ""
) -> None:
    """Have so many of every row, with a number behind what has to differ."""
    names = [column.name for column in table.columns if column.name != "seq"]
    values = [f"\"{name}\" || '-' || n" if name in unique else f'"{name}"' for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = f"(SELECT * FROM {table.name} {where})"
    statement = (
        "WITH RECURSIVE number(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < :last) "
        f"INSERT INTO {table.name} ({listed}) SELECT {', '.join(values)} FROM number, {rows}"
    )
    if copies > 1:
        connection.execute(text(statement), {"last": copies})


def _new_job(name: str, project: ProjectId, folder: str, command: list[str]) -> NewJob:
    return NewJob(
        id=JobId(name),
        project=project,
        lane=LaneId(project),
        suite="command",
        agent="bench",
        mode=Mode.IN_PLACE,
        folder=folder,
        submitter_uid=0,
        idempotency_key=f"key-{name}",
        submitted_at=now(),
        spec=JobSpec(suite=Suite(name="command", preset="", command=command, mode=Mode.IN_PLACE)),
    )
