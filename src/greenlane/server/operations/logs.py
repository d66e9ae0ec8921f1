"""Logs: the raw bytes of a run, whole, in ranges, or live to the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from greenlane.model.errors import NotFoundError
from greenlane.model.job import JobId, Phase, RunId
from greenlane.model.records import Job
from greenlane.notify.hub import Hub, JobEvent
from greenlane.run.follow import LogFollower
from greenlane.server.reader import Reader
from greenlane.server.runfiles import RunFiles
from greenlane.store import jobs

_CHUNK: Final = 262_144
_FIRST_POLL_SECONDS: Final = 0.01
_LAST_POLL_SECONDS: Final = 0.1


class LogFile(msgspec.Struct, frozen=True, kw_only=True):
    """A log as it lies on disk now."""

    path: Path
    size_bytes: int


class Logs:
    """Operations on logs. A log is read by offset; no byte of it stays in memory."""

    def __init__(self, *, reader: Reader, hub: Hub, files: RunFiles) -> None:
        self._reader = reader
        self._hub = hub
        self._files = files

    async def find(self, job_id: JobId) -> LogFile:
        """Give the log of the job's latest run; empty while it waits.

        Raises:
            NotFoundError: the job is not known, or its log was expired.
        """
        job = await self._job(job_id)
        if job.run is None:
            return LogFile(path=Path(os.devnull), size_bytes=0)
        path = self._files.log(job.run)
        try:
            return LogFile(path=path, size_bytes=path.stat().st_size)
        except FileNotFoundError:
            if job.phase is not Phase.ENDED:
                return LogFile(path=Path(os.devnull), size_bytes=0)
            raise NotFoundError(
                f"the log of job {job_id} is no longer kept",
                hint="`retention_days` in the server's settings says how long logs are kept",
            ) from None

    async def read(self, log: LogFile, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from `start` up to, not including, `end`."""
        descriptor = os.open(log.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            while start < end:
                read = partial(os.pread, descriptor, min(_CHUNK, end - start), start)
                chunk = await self._reader.run(read)
                if not chunk:
                    return
                start += len(chunk)
                yield chunk
        finally:
            os.close(descriptor)

    async def follow(self, job_id: JobId, start: int = 0) -> AsyncIterator[bytes]:
        """Give the log from `start` as it grows, until the job has ended.

        Waits while the job is queued. When a lost run is tried again, the new run's log follows.
        """
        async with self._hub.listen() as events:
            job = await self._job(job_id)
            while True:
                while job.phase is Phase.QUEUED:
                    if await events.get() is None:
                        return
                    job = await self._job(job_id)
                if job.run is not None:
                    async for chunk in self._follow_run(job, job.run, start, events):
                        yield chunk
                job, start = await self._job(job_id), 0
                if job.phase is Phase.ENDED or self._hub.is_closed:
                    return

    async def _follow_run(
        self, job: Job, run: RunId, start: int, events: asyncio.Queue[JobEvent | None]
    ) -> AsyncIterator[bytes]:
        follower = LogFollower(str(self._files.folder(run)), start)
        pause, is_over = _FIRST_POLL_SECONDS, job.phase is Phase.ENDED
        try:
            while True:
                while chunk := await self._reader.run(partial(follower.read, _CHUNK)):
                    pause = _FIRST_POLL_SECONDS
                    yield chunk
                if is_over or self._hub.is_closed:
                    return
                is_over = await _moves_within(job.id, events, pause)
                pause = min(pause * 1.5, _LAST_POLL_SECONDS)
        finally:
            follower.close()

    async def _job(self, job_id: JobId) -> Job:
        return await self._reader.read(lambda connection: jobs.get_job(connection, job_id))


async def _moves_within(
    job_id: JobId, events: asyncio.Queue[JobEvent | None], seconds: float
) -> bool:
    """Wait until a job no longer runs, but no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while (event := await events.get()) is not None:
                if event.job_id == job_id and event.phase is not Phase.RUNNING:
                    return True
            return True
    except TimeoutError:
        return False
