"""The server file: limits of one instance. Every key has a default; the file may be missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from greenlane.config.project import Megabytes, Seconds
from greenlane.config.strict import decode_settings
from greenlane.model.errors import SettingsError

Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of an instance may set."""

    max_parallel_runs: Annotated[
        Annotated[int, Meta(ge=0, le=10_000)],
        Meta(description="Runs at the same time, over all lanes; 0: one for each CPU, at least 2."),
    ] = 0
    max_queued: Annotated[
        Count, Meta(description="Jobs that may wait; more are answered with 503 and Retry-After.")
    ] = 20_000
    max_attempts: Annotated[
        Annotated[int, Meta(ge=1, le=100)],
        Meta(description="Runs that a job gets when its runs are lost; then it ends as `lost`."),
    ] = 3
    max_timeout_seconds: Annotated[
        Seconds, Meta(description="The longest wall time that a caller may ask for.")
    ] = 86_400.0
    log_limit_mb: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        Meta(description="Size of a run's log; over it the middle is cut out and the run goes on."),
    ] = 200
    max_snapshot_mb: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)],
        Meta(description="Size of a snapshot that is sent in the body of a request."),
    ] = 1024
    max_untracked_mb: Annotated[
        Megabytes,
        Meta(description="Untracked data that a snapshot may take, where the project is silent."),
    ] = 200
    retention_days: Annotated[
        Annotated[float, Meta(gt=0, le=36_500)],
        Meta(description="Days that the folders of ended runs are kept."),
    ] = 14.0
    keep_runs: Annotated[
        Annotated[int, Meta(ge=0, le=1_000_000)],
        Meta(description="The latest runs of a project, kept however old they are."),
    ] = 20
    idle_exit_seconds: Annotated[
        Seconds,
        Meta(description="Time without jobs and callers after which an on-demand server ends."),
    ] = 900.0

    def parallel_runs(self, cpu_count: int) -> int:
        """Give how many runs may go at the same time on a host with so many CPUs."""
        return self.max_parallel_runs or max(2, cpu_count)


def load_server(path: str) -> ServerSettings:
    """Read the server file; a missing one gives the defaults.

    Raises:
        SettingsError: the file is there and cannot be used.
    """
    try:
        content = Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ServerSettings()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"the server file {os.fspath(path)!r} cannot be read: {error}",
            hint="GREENLANE_CONFIG names another one.",
        ) from error
    return decode_settings(content, ServerSettings, source=path)
