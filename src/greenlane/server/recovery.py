"""What the last server left open, as the store has it: the start of every server reads this."""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine

from greenlane.model.job import Phase
from greenlane.model.records import Job, Run
from greenlane.model.suite import Suite
from greenlane.store import jobs, projects, runs


class OpenWork(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs that have not ended, in order of arrival."""

    waiting: list[tuple[Job, Suite]]
    running: list[tuple[Job, Run, Suite]]  # as far as the store knows
    durations: dict[tuple[str, str], float]  # (project, suite): mean seconds of a run


def read_open_work(engine: Engine) -> OpenWork:
    """Read what waits and what ran when the last server ended."""
    with engine.connect() as connection:
        durations = projects.list_durations(connection)
        open_runs = {run.id: run for run in runs.list_open_runs(connection)}
        open_jobs = jobs.list_open(connection)
        specs = {job.spec_hash for job in open_jobs}
        suites = {spec: jobs.get_spec(connection, spec).suite for spec in specs}
    return OpenWork(
        waiting=[(job, suites[job.spec_hash]) for job in open_jobs if job.phase is Phase.QUEUED],
        running=[
            (job, open_runs[job.run], suites[job.spec_hash])
            for job in open_jobs
            if job.phase is not Phase.QUEUED and job.run is not None
        ],
        durations=durations,
    )
