from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text

from greenlane.model.errors import ConflictError, NotFoundError
from greenlane.model.job import JobId, LaneId, Outcome, Phase, ProjectId, RunId
from greenlane.model.records import JobSpec, NewJob, Project, Run
from greenlane.model.run import RunEnd, RunResult
from greenlane.model.suite import Suite
from greenlane.store import jobs, projects, runs
from greenlane.store.database import HEAD, MIGRATIONS, StoreError, open_database
from greenlane.store.schema import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    opened = open_database(f"sqlite:///{tmp_path}/store.db")
    with opened.begin() as connection:
        projects.upsert_project(connection, project())
    return opened


def project(name: str = "calc") -> Project:
    return Project(
        id=ProjectId(name),
        name=name,
        key=f"path:/{name}",
        path=f"/{name}",
        is_git=True,
        created_at=1.0,
    )


def job(name: str, key: str | None = None) -> NewJob:
    return NewJob(
        id=JobId(name),
        project=ProjectId("calc"),
        lane=LaneId("calc"),
        suite="default",
        agent="ada",
        idempotency_key=key,
        submitted_at=1.0,
        spec=JobSpec(suite=Suite(name="default", preset="", command=["true"])),
    )


def run(name: str, of: str, lane: str = "calc") -> Run:
    return Run(
        id=RunId(name), job=JobId(of), attempt=1, lane=LaneId(lane), started_at=2.0, ended_at=None
    )


def test_the_migrations_make_the_schema_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_head_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_job_of_the_first_version_ran_its_whole_suite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = create_engine(url)
    command.upgrade(config, "0001")
    body = '{"suite": {"name": "default", "preset": "", "command": ["true"]}}'
    with config.attributes["engine"].begin() as connection:
        for statement in (
            "INSERT INTO projects VALUES ('calc', 'calc', 'k', '/calc', 1, NULL, '', 1.0)",
            f"INSERT INTO specs VALUES ('h', '{body}')",
            (
                "INSERT INTO jobs (id, project, lane, suite, agent, task, priority, mode, tree, "
                '"commit", folder, callback_url, submitter_uid, phase, because, attempts, '
                "spec_hash, submitted_at) VALUES ('j', 'calc', 'calc', 'default', 'ada', '', 1, "
                "'snapshot', '', '', '', '', 1, 'queued', '', 0, 'h', 1.0)"
            ),
        ):
            connection.exec_driver_sql(statement)
    engine = open_database(url)
    with engine.connect() as connection:
        assert jobs.get_job(connection, JobId("j")).partial == ""
        assert jobs.get_spec(connection, "h").suite.partial == ""
    engine.dispose()
    config.attributes["engine"].dispose()


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    opened = open_database(url)
    with opened.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer than this program"):
        open_database(url)


def test_a_job_comes_back_as_it_was_stored(engine: Engine) -> None:
    with engine.begin() as connection:
        assert jobs.insert_job(connection, job("j1")) == 1
        stored = jobs.get_job(connection, JobId("j1"))
        assert (stored.phase, stored.outcome, stored.attempts) == (Phase.QUEUED, None, 0)
        assert jobs.get_spec(connection, stored.spec_hash) == job("j1").spec


def test_equal_specs_are_stored_once(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in ("j1", "j2"):
            jobs.insert_job(connection, job(name))
        assert connection.execute(text("SELECT count(*) FROM specs")).scalar() == 1


def test_an_unknown_job_is_an_error_that_names_it(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(NotFoundError, match="nope"):
        jobs.get_job(connection, JobId("nope"))


def test_a_job_ends_once(engine: Engine) -> None:
    with engine.begin() as connection:
        jobs.insert_job(connection, job("j1"))
        queued = jobs.get_job(connection, JobId("j1"))
        jobs.move_job(connection, queued, Phase.ENDED, outcome=Outcome.CANCELLED.value)
        with pytest.raises(ConflictError, match="no longer queued"):
            jobs.move_job(connection, queued, Phase.ENDED, outcome=Outcome.PASSED.value)
        ended = jobs.get_job(connection, JobId("j1"))
        assert ended.outcome is Outcome.CANCELLED
        with pytest.raises(ConflictError, match="cannot go from ended"):
            jobs.move_job(connection, ended, Phase.QUEUED)


def test_the_database_keeps_two_runs_out_of_a_lane(engine: Engine) -> None:
    with engine.begin() as connection:
        jobs.insert_job(connection, job("j1"))
        jobs.insert_job(connection, job("j2"))
        runs.insert_run(connection, run("r1", "j1"), ["lane:calc"])
    with pytest.raises(ConflictError, match="cannot claim"), engine.begin() as connection:
        runs.insert_run(connection, run("r2", "j2"), ["port:1", "lane:calc"])
    with engine.begin() as connection:
        assert [one.id for one in runs.list_open_runs(connection)] == ["r1"]
        end = RunResult(end=RunEnd.EXITED, exit_code=0, started_at=1.0, ended_at=2.0)
        runs.end_run(connection, RunId("r1"), 3.0, end)
        runs.insert_run(connection, run("r2", "j2"), ["port:1", "lane:calc"])
        assert runs.get_result(connection, RunId("r1")) == end


def test_the_newest_jobs_come_first_and_can_be_narrowed(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in ("j1", "j2", "j3"):
            jobs.insert_job(connection, job(name))
        second = jobs.get_job(connection, JobId("j2"))
        jobs.move_job(connection, second, Phase.ENDED, outcome=Outcome.FAILED.value)
        newest = jobs.list_newest(connection, limit=2)
        failed = jobs.list_newest(connection, limit=9, outcomes=[Outcome.FAILED])
        assert [one.id for one in newest] == ["j3", "j2"]
        assert [one.id for one in failed] == ["j2"]
        assert [one.id for one in jobs.list_open(connection)] == ["j1", "j3"]


def test_a_project_is_stored_once_for_its_key(engine: Engine) -> None:
    with engine.begin() as connection:
        again = projects.upsert_project(connection, project())
        assert again.id == "calc"
        assert len(projects.list_projects(connection)) == 1
        jobs.insert_job(connection, job("j1"))
        with pytest.raises(ConflictError, match="still has jobs"):
            projects.remove_project(connection, ProjectId("calc"))


def test_the_mean_follows_the_newest_runs(engine: Engine) -> None:
    with engine.begin() as connection:
        assert projects.record_duration(connection, ProjectId("calc"), "unit", 10.0) == 10.0
        mean = projects.record_duration(connection, ProjectId("calc"), "unit", 20.0)
        assert mean == pytest.approx(13.0)
        assert projects.list_durations(connection) == {("calc", "unit"): mean}


@pytest.mark.parametrize(
    "query",
    [
        jobs.list_open,
        lambda connection: jobs.list_newest(connection, limit=9, phase=Phase.RUNNING),
        lambda connection: jobs.list_newest(connection, limit=9, phase=Phase.QUEUED),
    ],
)
def test_open_jobs_are_found_without_a_walk_through_those_that_ended(
    engine: Engine, query: Callable[[Connection], object]
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", note)
        query(connection)
        event.remove(connection, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        assert "ix_jobs_open" in "".join(row[-1] for row in explained)
