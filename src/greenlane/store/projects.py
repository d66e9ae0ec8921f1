"""Statements about projects and the history of their suites."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, select, update

from greenlane.model.errors import ConflictError, NotFoundError
from greenlane.model.job import ProjectId
from greenlane.model.records import Project
from greenlane.store.database import insert_unless_there
from greenlane.store.schema import history, jobs, projects

_WEIGHT_OF_NEWEST = 0.3

_GET: Final = select(projects).where(projects.c.id == bindparam("wanted"))
_FIND_BY_KEY: Final = select(projects).where(projects.c.key == bindparam("wanted"))
_OF_SUITE: Final = and_(
    history.c.project == bindparam("of_project"), history.c.suite == bindparam("of_suite")
)
_GET_MEAN: Final = select(history.c.mean_seconds).where(_OF_SUITE)
_SET_MEAN: Final = (
    update(history).where(_OF_SUITE).values(runs=history.c.runs + 1, mean_seconds=bindparam("mean"))
)


def upsert_project(connection: Connection, project: Project) -> Project:
    """Store a project if its key is new, and give the one that has the key."""
    values = {name: getattr(project, name) for name in project.__struct_fields__}
    insert_unless_there(connection, projects, values)
    row = connection.execute(select(projects).where(projects.c.key == project.key)).one()
    return _project(row)


def register_command(
    connection: Connection, project: ProjectId, *, name: str, command: list[str] | None, preset: str
) -> None:
    """Set how a project's default suite is run when it has no `greenlane.toml`."""
    connection.execute(
        update(projects)
        .where(projects.c.id == project)
        .values(name=name, command=command, preset=preset)
    )


def get_project(connection: Connection, project: str) -> Project:
    """Give one project.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = connection.execute(_GET, {"wanted": project}).one_or_none()
    if row is None:
        raise NotFoundError(
            f"no project {project!r} is known here",
            hint="`greenlane project list` shows the projects; `greenlane project add` adds one",
        )
    return _project(row)


def find_by_key(connection: Connection, key: str) -> Project | None:
    """Give the project of an identity."""
    row = connection.execute(_FIND_BY_KEY, {"wanted": key}).one_or_none()
    return None if row is None else _project(row)


def list_projects(connection: Connection) -> list[Project]:
    """Give every project, by name."""
    return [_project(row) for row in connection.execute(select(projects).order_by(projects.c.name))]


def remove_project(connection: Connection, project: ProjectId) -> None:
    """Forget a project that has no jobs.

    Raises:
        ConflictError: it has jobs.
    """
    used = connection.execute(select(jobs.c.id).where(jobs.c.project == project).limit(1)).first()
    if used is not None:
        raise ConflictError(f"project {project} still has jobs, such as {used[0]}")
    connection.execute(delete(history).where(history.c.project == project))
    connection.execute(delete(projects).where(projects.c.id == project))


def record_duration(
    connection: Connection, project: ProjectId, suite: str, seconds: float
) -> float:
    """Take a run's length into the running mean of its suite, and give the new mean."""
    of_suite = {"of_project": project, "of_suite": suite}
    row = connection.execute(_GET_MEAN, of_suite).one_or_none()
    if row is None:
        connection.execute(
            history.insert().values(project=project, suite=suite, runs=1, mean_seconds=seconds)
        )
        return seconds
    mean = float(row[0]) + _WEIGHT_OF_NEWEST * (seconds - float(row[0]))
    connection.execute(_SET_MEAN, of_suite | {"mean": mean})
    return mean


def list_durations(connection: Connection) -> dict[tuple[str, str], float]:
    """Give the mean length in seconds of the runs of every suite."""
    statement = select(history.c.project, history.c.suite, history.c.mean_seconds)
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def _project(row: Row[Any]) -> Project:
    return Project(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name
