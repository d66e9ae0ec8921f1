"""Retention: drop the folders of old runs, and the snapshots that only they were of."""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Engine

from greenlane.model.job import ProjectId, RunId
from greenlane.snapshot.repositories import Repositories
from greenlane.store import jobs, projects, runs
from greenlane.system.clock import now

_log = logging.getLogger(__name__)
_DAY: Final = 86_400.0
_HOUR: Final = 3600.0
_BATCH: Final = 500


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept, and where it lies."""

    engine: Engine
    repositories: Repositories
    runs_dir: Path
    days: float
    latest_runs: int  # of each project, kept however old they are

    def sweep(self) -> int:
        """Drop what is too old; give how many run folders went. May be run at any time.

        The jobs themselves stay in the store: only logs, tests and snapshots go.
        """
        cutoff = now() - self.days * _DAY
        dropped = 0
        for folder in self._expired(cutoff):
            shutil.rmtree(folder, ignore_errors=True)
            dropped += 1
        for project, keep in self._snapshots_in_use(cutoff).items():
            if (self.repositories.path(project) / "HEAD").exists():
                self.repositories.expire(project, keep, used_before=now() - _HOUR)
        if dropped:
            _log.info("old runs dropped", extra={"count": dropped})
        return dropped

    def _expired(self, cutoff: float) -> list[Path]:
        """List the folders of runs that ended before the cutoff, less each project's latest."""
        folders = {RunId(path.name): path for path in self.runs_dir.iterdir()}
        known: list[runs.EndedRun] = []
        ids = list(folders)
        with self.engine.connect() as connection:
            for start in range(0, len(ids), _BATCH):
                known += runs.list_ended_among(connection, ids[start : start + _BATCH])
        by_project: dict[ProjectId, list[runs.EndedRun]] = defaultdict(list)
        for run in sorted(known, key=lambda run: run.ended_at, reverse=True):
            by_project[run.project].append(run)
        return [
            folders[run.id]
            for latest_first in by_project.values()
            for run in latest_first[self.latest_runs :]
            if run.ended_at < cutoff
        ]

    def _snapshots_in_use(self, cutoff: float) -> dict[ProjectId, set[str]]:
        """Give the commits of each project's jobs that are open or not too old."""
        with self.engine.connect() as connection:
            return {
                project.id: jobs.list_commits_since(connection, project.id, cutoff)
                for project in projects.list_projects(connection)
                if project.is_git
            }
