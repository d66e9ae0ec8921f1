"""Ask about jobs: where one is, how it ended, what waits; and cancel one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import msgspec
from sqlalchemy import Connection

from greenlane.model.errors import ConflictError
from greenlane.model.job import STATUS_OF_OUTCOME as STATUS
from greenlane.model.job import JobId, Outcome, Phase, ProjectId, RunId
from greenlane.model.records import Job
from greenlane.model.report import ReportSummary, TestCase
from greenlane.model.run import RunResult
from greenlane.notify.hub import Hub, JobEvent
from greenlane.queue.scheduler import Wait
from greenlane.server.api.messages import (
    CancelAnswer,
    JobsAnswer,
    QueueAnswer,
    ResultsAnswer,
    StatusAnswer,
)
from greenlane.server.coordinator import Coordinator
from greenlane.server.reader import Reader
from greenlane.server.runfiles import RunFiles
from greenlane.server.views import view_results, view_status, view_summary
from greenlane.store import jobs, runs
from greenlane.system.clock import now

MAX_WAIT_SECONDS = 60.0
_QUEUE_LINES = 500
_NEAR_TESTS = 50


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a job ended, and where its tests lie."""

    answer: ResultsAnswer
    summary: ReportSummary
    run: RunId | None


class Jobs:
    """Operations on jobs."""

    def __init__(
        self,
        *,
        reader: Reader,
        coordinator: Coordinator,
        hub: Hub,
        files: RunFiles,
        queue_limit: int,
    ) -> None:
        self._reader = reader
        self._coordinator = coordinator
        self._hub = hub
        self._files = files
        self._queue_limit = queue_limit

    async def status(self, job_id: JobId, wait: float = 0.0, since: str = "") -> StatusAnswer:
        """Say where a job is; with `wait`, once that differs, or after so many seconds."""
        if wait <= 0:
            return await self._view(job_id)
        async with self._hub.listen() as events:
            first = await self._view(job_id)
            if first.result is not None or (since and first.status != since):
                return first
            try:
                async with asyncio.timeout(min(wait, MAX_WAIT_SECONDS)):
                    return await self._changed(first, events)
            except TimeoutError:
                return await self._view(job_id)

    async def _changed(
        self, first: StatusAnswer, events: asyncio.Queue[JobEvent | None]
    ) -> StatusAnswer:
        while await events.get() is not None:
            while not events.empty() and events.get_nowait() is not None:
                pass  # one look answers all that has happened so far
            view = await self._view(JobId(first.job_id))
            if (view.status, view.queue_position) != (first.status, first.queue_position):
                return view
        return first

    async def results(self, job_id: JobId) -> Ended:
        """Say how a job ended.

        Raises:
            ConflictError: it has not ended.
        """
        job, result = await self._reader.read(lambda connection: _ended(connection, job_id))
        run, report = job.run, None
        if run is not None:
            report = await self._reader.run(partial(self._files.read_report, run))
        answer = view_results(job, now(), result, report)
        return Ended(answer=answer, summary=view_summary(job, report), run=run)

    def iterate_test_lines(self, ended: Ended) -> Iterator[bytes]:
        """Give each test of an ended job as JSON; none where no report was read."""
        return iter(()) if ended.run is None else self._files.iterate_test_lines(ended.run)

    def iterate_tests(self, ended: Ended) -> Iterator[TestCase]:
        """Give each test of an ended job."""
        return iter(()) if ended.run is None else self._files.iterate_tests(ended.run)

    async def find_tests(self, ended: Ended, wanted: str) -> list[bytes]:
        """Give the test of this id as JSON; without one, the first whose ids hold the text."""
        return await self._reader.run(lambda: self._find_tests(ended, wanted))

    def _find_tests(self, ended: Ended, wanted: str) -> list[bytes]:
        near: list[bytes] = []
        for test in self.iterate_tests(ended):
            if test.id == wanted:
                return [msgspec.json.encode(test)]
            if wanted in test.id and len(near) < _NEAR_TESTS:
                near.append(msgspec.json.encode(test))
        return near

    async def cancel(self, job_id: JobId) -> CancelAnswer:
        """End a queued job, or have a running one stopped."""
        job, was_running = await asyncio.wrap_future(
            self._coordinator.call(lambda: self._coordinator.cancel(job_id))
        )
        view = await self._view(job.id)
        return CancelAnswer(job_id=job.id, status=view.status, was_running=was_running)

    async def list_newest(self, limit: int, status: str = "", project: str = "") -> JobsAnswer:
        """Give the newest jobs, of one status or project where one is named."""
        phase = next((phase for phase in Phase if phase.value == status), None)
        outcomes = [outcome for outcome in Outcome if status in (STATUS[outcome], outcome.value)]
        if status and phase is None and not outcomes:
            return JobsAnswer(jobs=[])
        found = await self._reader.read(
            lambda connection: jobs.list_newest(
                connection,
                limit=limit,
                project=ProjectId(project) if project else None,
                phase=phase,
                outcomes=[] if phase else outcomes,
            )
        )
        queued = [job.id for job in found if job.phase is Phase.QUEUED]
        waits = await asyncio.wrap_future(
            self._coordinator.call(lambda: self._coordinator.explain_all(queued))
        )
        return JobsAnswer(jobs=[view_status(job, waits.get(job.id), now()) for job in found])

    async def queue(self) -> QueueAnswer:
        """Show what runs and what waits, in order."""
        waiting = await asyncio.wrap_future(
            self._coordinator.call(lambda: self._coordinator.list_waiting(_QUEUE_LINES))
        )
        total, _, lanes = await asyncio.wrap_future(self._coordinator.call(self._coordinator.count))
        ids = [one.job for one, _ in waiting]
        found = await self._reader.read(lambda connection: _open_jobs(connection, ids))
        instant = now()
        queued = [
            view_status(found[one.job], wait, instant) for one, wait in waiting if one.job in found
        ]
        running = [
            view_status(job, None, instant) for job in found.values() if job.phase is Phase.RUNNING
        ]
        return QueueAnswer(
            running=running,
            queued=queued,
            queued_total=total,
            lanes=lanes,
            limit=self._queue_limit,
        )

    async def _view(self, job_id: JobId) -> StatusAnswer:
        job = await self._find(job_id)
        wait = await self._explain(job)
        if job.phase is Phase.QUEUED and wait is None:  # it moved between the two looks
            job = await self._find(job_id)
        return view_status(job, wait, now())

    async def _find(self, job_id: JobId) -> Job:
        return await self._reader.read(lambda connection: jobs.get_job(connection, job_id))

    async def _show(self, job: Job) -> StatusAnswer:
        return view_status(job, await self._explain(job), now())

    async def _explain(self, job: Job) -> Wait | None:
        if job.phase is not Phase.QUEUED:
            return None
        return await asyncio.wrap_future(
            self._coordinator.call(lambda: self._coordinator.explain(job.id))
        )


def _ended(connection: Connection, job_id: JobId) -> tuple[Job, RunResult | None]:
    job = jobs.get_job(connection, job_id)
    if job.phase is not Phase.ENDED:
        raise ConflictError(
            f"job {job_id} is {job.phase}: it has no results yet",
            hint=f"GET /test/status/{job_id}?wait=60 waits for its end",
        )
    return job, None if job.run is None else runs.get_result(connection, job.run)


def _open_jobs(connection: Connection, waiting: list[JobId]) -> dict[JobId, Job]:
    """Give the jobs that run, and those of the waiting that are asked for."""
    running = jobs.list_newest(connection, limit=_QUEUE_LINES, phase=Phase.RUNNING)
    return {job.id: job for job in [*running, *jobs.get_jobs(connection, waiting)]}
