"""The jobs that wait, ordered. Pure values in memory; the store holds the truth."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator, KeysView

import msgspec

from greenlane.model.job import JobId, LaneId, Priority


class Waiting(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A job that waits. The order of the fields is the order of the queue."""

    priority: Priority
    seq: int
    job: JobId
    lane: LaneId
    resources: tuple[str, ...] = ()
    estimate_seconds: float | None = None  # how long a run of its suite takes; None: not known


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A job that runs, with what it holds."""

    job: JobId
    lane: LaneId
    agent: str
    resources: tuple[str, ...] = ()
    started_at: float
    estimate_seconds: float | None = None


class Backlog:
    """The waiting jobs of every lane, first in first out inside each priority."""

    def __init__(self) -> None:
        self._lanes: dict[LaneId, list[Waiting]] = {}
        self._jobs: dict[JobId, Waiting] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, job: JobId) -> bool:
        return job in self._jobs

    def add(self, waiting: Waiting) -> None:
        """Put a job in its place; the same job twice counts once."""
        if waiting.job not in self._jobs:
            insort(self._lanes.setdefault(waiting.lane, []), waiting)
            self._jobs[waiting.job] = waiting

    def remove(self, job: JobId) -> None:
        """Take a job out; nothing happens when it is not there."""
        waiting = self._jobs.pop(job, None)
        if waiting is None:
            return
        lane = self._lanes[waiting.lane]
        del lane[bisect_left(lane, waiting)]
        if not lane:
            del self._lanes[waiting.lane]

    def heads(self) -> list[Waiting]:
        """Give the first job of each lane, in the order of the queue."""
        return sorted(lane[0] for lane in self._lanes.values())

    def get(self, job: JobId) -> Waiting | None:
        """Give a waiting job."""
        return self._jobs.get(job)

    def ahead_of(self, waiting: Waiting) -> list[Waiting]:
        """Give the jobs of the same lane that run before this one."""
        lane = self._lanes[waiting.lane]
        return lane[: bisect_left(lane, waiting)]

    def position_of(self, waiting: Waiting) -> int:
        """Count the jobs of the same lane that run before this one."""
        return bisect_left(self._lanes[waiting.lane], waiting)

    def lanes(self) -> KeysView[LaneId]:
        """Give the lanes in which somebody waits."""
        return self._lanes.keys()

    def __iter__(self) -> Iterator[Waiting]:
        """Go through all of them in the order of the queue; whoever stops early paid no more."""
        return heapq.merge(*self._lanes.values())
