"""Query parameters of the operations."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from greenlane.server.api.messages import Name, ObjectId, Text


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an unknown parameter is an error that names it."""


class StatusQuery(Query, frozen=True, kw_only=True):
    """Block until the status differs."""

    wait: Annotated[float, Meta(ge=0, le=60)] = 0.0
    since: Name = ""


class ResultsQuery(Query, frozen=True, kw_only=True):
    """The shape of the results."""

    format: Literal["json", "ctrf", "junit", "github", "agent"] = "json"
    tests: bool = True
    test: Text = ""  # only the test of this id, else those whose ids hold it


class LogsQuery(Query, frozen=True, kw_only=True):
    """Follow the log to its end, from a byte on."""

    follow: bool = False
    start: Annotated[int, Meta(ge=0, le=2**53)] = 0


class JobsQuery(Query, frozen=True, kw_only=True):
    """Which jobs."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    status: Name = ""
    project: Name = ""


class SnapshotQuery(Query, frozen=True, kw_only=True):
    """What the bundle is said to hold."""

    commit: ObjectId
    tree: ObjectId
