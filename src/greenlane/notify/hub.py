"""Tell those who listen that a job changed. Lives on the event loop; published from any thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from greenlane.model.job import JobId, LaneId, Outcome, Phase


class JobEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A job entered a phase."""

    job_id: JobId
    lane: LaneId
    phase: Phase
    outcome: Outcome | None
    at: float  # UNIX seconds


class Hub:
    """Fan events out to listeners. A listener that does not keep up loses the oldest."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, depth: int = 1000) -> None:
        self._loop = loop
        self._depth = depth
        self._listeners: set[asyncio.Queue[JobEvent | None]] = set()
        self._is_closed = False

    def publish(self, event: JobEvent) -> None:
        """Send an event to every listener; safe from any thread, silent after the loop's end."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._fan_out, event)

    def close(self) -> None:
        """End every listener's iteration; called on the loop."""
        self._is_closed = True
        self._fan_out(None)

    @property
    def is_closed(self) -> bool:
        """Say whether the server is stopping."""
        return self._is_closed

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[asyncio.Queue[JobEvent | None]]:
        """Give a queue of the events from now on; None says that the server stops."""
        queue: asyncio.Queue[JobEvent | None] = asyncio.Queue(self._depth)
        self._listeners.add(queue)
        if self._is_closed:
            queue.put_nowait(None)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def _fan_out(self, event: JobEvent | None) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)
