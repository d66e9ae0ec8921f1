"""While the database cannot be written nothing is lost, and later it is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from greenlane.model.errors import GreenlaneError
from greenlane.model.job import JobId, LaneId, Outcome, Phase, ProjectId, RunId
from greenlane.model.records import Job, JobSpec, NewJob, Project
from greenlane.model.run import RunEnd, RunResult
from greenlane.model.suite import Suite
from greenlane.notify.hub import JobEvent
from greenlane.server.coordinator import Coordinator, Limits
from greenlane.server.runfiles import RunFiles
from greenlane.store import jobs, projects
from greenlane.store.database import open_database

DEADLINE_SECONDS = 20.0


class Disk:
    """The disk of a database, which can be full."""

    def __init__(self, engine: Engine) -> None:
        self.is_full = False
        self.refused = threading.Event()
        event.listen(engine, "commit", self._commit)

    def _commit(self, _connection: Connection) -> None:
        if self.is_full:
            self.refused.set()
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    def fill(self) -> None:
        self.refused.clear()
        self.is_full = True

    def make_room(self) -> None:
        """Make room once something was refused."""
        assert self.refused.wait(DEADLINE_SECONDS)
        self.is_full = False


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/store.db")
    project = Project(
        id=ProjectId("p"), name="p", key="path:/p", path="/p", is_git=True, created_at=1.0
    )
    with engine.begin() as connection:
        projects.upsert_project(connection, project)
    yield engine
    engine.dispose()


@pytest.fixture
def told() -> list[JobEvent]:
    return []


@pytest.fixture
def started() -> list[RunId]:
    return []


@pytest.fixture
def coordinator(
    engine: Engine, tmp_path: Path, told: list[JobEvent], started: list[RunId]
) -> Iterator[Coordinator]:
    def launch(_job: Job, _spec: JobSpec, run: RunId) -> tuple[RunId]:
        return (run,)

    it = Coordinator(
        engine=engine,
        place=cast("Any", SimpleNamespace(start=started.append)),
        launcher=cast("Any", SimpleNamespace(launch=launch)),
        files=RunFiles(tmp_path / "runs"),
        limits=Limits(places=1, queued=10, attempts=3, retry_seconds=0.02),
        publish=told.append,
        send_webhook=lambda _url, _body: None,
    )
    it.start()
    yield it
    it.stop()


def submit(coordinator: Coordinator, name: str) -> None:
    job = NewJob(
        id=JobId(name),
        project=ProjectId("p"),
        lane=LaneId("p"),
        suite="default",
        agent="ada",
        submitted_at=1.0,
        spec=JobSpec(suite=Suite(name="default", preset="", command=["true"])),
    )
    coordinator.call(lambda: coordinator.submit(job)).result(DEADLINE_SECONDS)


def wait_until(condition: Callable[[], object]) -> None:
    tick, deadline = threading.Event(), DEADLINE_SECONDS / 0.01
    while not condition():
        deadline -= 1
        assert deadline > 0, "the condition did not come true in time"
        tick.wait(0.01)


def test_the_end_of_a_run_is_written_later(
    coordinator: Coordinator, engine: Engine, started: list[RunId], told: list[JobEvent]
) -> None:
    disk = Disk(engine)
    submit(coordinator, "j1")
    submit(coordinator, "j2")
    wait_until(lambda: len(started) == 1)
    disk.fill()
    result = RunResult(end=RunEnd.EXITED, exit_code=0, started_at=2.0, ended_at=3.0)
    coordinator.end_run(started[0], result)
    disk.make_room()
    wait_until(lambda: len(started) == 2)
    with engine.connect() as connection:
        job = jobs.get_job(connection, JobId("j1"))
    assert (job.phase, job.outcome) == (Phase.ENDED, Outcome.PASSED)
    assert [one.job_id for one in told if one.phase is Phase.ENDED] == ["j1"]


def test_a_job_starts_later(coordinator: Coordinator, engine: Engine, started: list[RunId]) -> None:
    disk = Disk(engine)
    submit(coordinator, "j1")
    submit(coordinator, "j2")
    wait_until(lambda: len(started) == 1)
    result = RunResult(end=RunEnd.EXITED, exit_code=0, started_at=2.0, ended_at=3.0)

    def end_and_fill() -> None:
        coordinator._finish(started[0], result)
        disk.fill()

    coordinator.call(end_and_fill).result(DEADLINE_SECONDS)
    disk.make_room()
    wait_until(lambda: len(started) == 2)


def test_a_caller_is_told(coordinator: Coordinator, engine: Engine) -> None:
    disk = Disk(engine)
    disk.fill()
    with pytest.raises((OperationalError, GreenlaneError)):
        submit(coordinator, "j1")
    disk.make_room()
    submit(coordinator, "j1")
