"""What the runner is told: a job and its spec turned into a run's orders."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

import greenlane.report.reporters
from greenlane.config.expand import expand
from greenlane.config.interpreter import find_interpreter
from greenlane.config.locations import Locations
from greenlane.model.job import RunId
from greenlane.model.records import Job, JobSpec
from greenlane.model.run import Checkout, RunSpec
from greenlane.model.suite import Mode, Suite
from greenlane.system.clock import now

#: Where the reporters lie that are put into frameworks by way of the environment.
REPORTERS: Final = str(Path(greenlane.report.reporters.__file__).parent)
READ_ARGV: Final = [sys.executable, "-m", "greenlane.report.reader"]


class Launcher:
    """Makes the orders of runs. Nothing is started here."""

    def __init__(
        self, locations: Locations, log_limit_bytes: int, environment: Mapping[str, str]
    ) -> None:
        self._locations = locations
        self._environment = dict(environment)
        self._log_limit_bytes = log_limit_bytes

    def launch(self, job: Job, spec: JobSpec, run: RunId) -> tuple[RunSpec, bytes | None]:
        """Give the runner's orders, and the report reader's where one is to run."""
        run_dir = self._locations.run(run)
        out = f"{run_dir}/out"
        root = job.folder if job.mode is Mode.IN_PLACE else self._locations.slot(job.project, 0)
        suite = spec.suite
        inherited = self._environment | spec.environment
        interpreter = find_interpreter(
            root=root,
            cwd=suite.cwd,
            worktrees=spec.worktrees,
            inherited=inherited,
            steps=[step.argv for step in suite.prepare],
        )
        orders = expand(
            suite,
            out=out,
            inject=REPORTERS,
            cache=self._cache(job, suite),
            interpreter=interpreter,
            inherited=inherited,
        )
        sources = [] if spec.preset is None else spec.preset.report
        run_spec = RunSpec(
            run_id=run,
            job_id=job.id,
            run_dir=run_dir,
            checkout=self._checkout(job),
            in_place=job.folder if job.mode is Mode.IN_PLACE else None,
            argv=orders.argv,
            cwd=suite.cwd,
            env=orders.env,
            prepare=orders.prepare,
            clean_before=[
                source.path
                for source in sources
                if source.path and source.clean_before and not source.path.startswith("{out}")
            ],
            timeout_seconds=suite.timeout_seconds,
            idle_timeout_seconds=suite.idle_timeout_seconds,
            log_limit_bytes=self._log_limit_bytes,
            read_argv=[] if spec.preset is None else [*READ_ARGV, run_dir],
        )
        if spec.preset is None:
            return run_spec, None
        cwd = os.path.normpath(f"{root}/{suite.cwd}")
        return run_spec, _reading(spec, cwd=cwd, root=root, out=out, log=f"{run_dir}/log")

    def _cache(self, job: Job, suite: Suite) -> str:
        """Give the folder that outlives the runs of a suite, made where the suite uses it."""
        cache = self._locations.cache(job.project, suite.name)
        words = [*suite.command, *suite.env.values()]
        words += [word for step in suite.prepare for word in step.argv]
        if any("{cache}" in word for word in words):
            Path(cache).mkdir(mode=0o700, parents=True, exist_ok=True)
        return cache

    def _checkout(self, job: Job) -> Checkout | None:
        if job.mode is Mode.IN_PLACE:
            return None
        return Checkout(
            slot=self._locations.slot(job.project, 0),
            repository=self._locations.repository(job.project),
            commit=job.commit,
            tree=job.tree,
        )


def _reading(spec: JobSpec, **places: Any) -> bytes:
    """Write the reader's orders: a report that is older than now is of another run."""
    return msgspec.json.encode({"preset": spec.preset, "started_at": now(), **places})
