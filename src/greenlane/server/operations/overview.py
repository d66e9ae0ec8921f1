"""The server as a whole: health, metrics, the stream of events."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from greenlane import __version__
from greenlane.notify.hub import Hub
from greenlane.server.api.messages import HealthAnswer
from greenlane.server.coordinator import Coordinator
from greenlane.server.metrics import render
from greenlane.server.reader import Reader
from greenlane.store import jobs
from greenlane.system.clock import now


class Overview:
    """Operations on the server itself."""

    def __init__(
        self, *, reader: Reader, coordinator: Coordinator, hub: Hub, state_dir: Path
    ) -> None:
        self._reader = reader
        self._coordinator = coordinator
        self._hub = hub
        self._state_dir = state_dir
        self._started_at = now()

    async def health(self) -> HealthAnswer:
        """Say that the server is alive; the answer passes through the coordinator's thread."""
        queued, running, _ = await self._count()
        return HealthAnswer(
            status="ok",
            version=__version__,
            pid=os.getpid(),
            uptime_seconds=round(now() - self._started_at, 3),
            queued=queued,
            running=running,
            state_dir=str(self._state_dir),
        )

    async def metrics(self) -> bytes:
        """Give the figures in Prometheus' text format."""
        queued, running, lanes = await self._count()
        ended = await self._reader.read(jobs.count_by_outcome)
        return render(queued=queued, running=running, lanes=lanes, ended=ended)

    async def events(self) -> AsyncIterator[bytes]:
        """Stream every change of a job as server-sent events."""
        async with self._hub.listen() as events:
            yield b": greenlane\n\n"
            while (event := await events.get()) is not None:
                yield b"event: job\ndata: " + msgspec.json.encode(event) + b"\n\n"
            yield b"event: end\ndata: {}\n\n"

    async def _count(self) -> tuple[int, int, int]:
        return await asyncio.wrap_future(self._coordinator.call(self._coordinator.count))
