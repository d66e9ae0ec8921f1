"""The tables. A change here comes with a migration; a test compares the two."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("path", String, nullable=False),
    Column("is_git", Boolean, nullable=False),
    Column("command", JSON(none_as_null=True)),
    Column("preset", String, nullable=False),
    Column("created_at", Float, nullable=False),
)

#: Suite, preset and environment of a job, kept once for each distinct value.
specs = Table(
    "specs",
    metadata,
    Column("hash", String, primary_key=True),
    Column("body", String, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("project", String, ForeignKey("projects.id"), nullable=False),
    Column("lane", String, nullable=False),
    Column("suite", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("task", String, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("mode", String, nullable=False),
    Column("tree", String, nullable=False),
    Column("commit", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("callback_url", String, nullable=False),
    Column("partial", String, nullable=False, server_default=""),
    Column("submitter_uid", Integer, nullable=False),
    Column("idempotency_key", String, unique=True),
    Column("phase", String, nullable=False),
    Column("outcome", String),
    Column("because", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("spec_hash", String, ForeignKey("specs.hash"), nullable=False),
    Column("submitted_at", Float, nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("totals", String),
    Column("run", String),
    sqlite_autoincrement=True,
)
#: The few open jobs are found without a walk through the many ended ones. To a database that plans
#: before it knows the parameters this condition means the index only when it is spelled the same.
IS_OPEN: Final = text("phase != 'ended'")
Index("ix_jobs_open", jobs.c.phase, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
Index("ix_jobs_project_seq", jobs.c.project, jobs.c.seq)
Index("ix_jobs_ended_at", jobs.c.ended_at)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("job", String, ForeignKey("jobs.id"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("lane", String, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("result", String),
)
Index(
    "ix_runs_open",
    runs.c.ended_at,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

#: Exclusion is a primary key: whoever inserts the row holds the lane or the resource.
claims = Table(
    "claims",
    metadata,
    Column("resource", String, primary_key=True),
    Column("run", String, ForeignKey("runs.id"), nullable=False, index=True),
)

#: How long runs of a suite take, for the expected start of those that wait.
history = Table(
    "history",
    metadata,
    Column("project", String, primary_key=True),
    Column("suite", String, primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("mean_seconds", Float, nullable=False),
)
