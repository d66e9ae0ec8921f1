"""What may start now, and why the rest may not. Pure: values and the time in, values out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greenlane.model.job import JobId, LaneId
from greenlane.queue.backlog import Backlog, Running, Waiting


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What runs now, by lane, and how many runs this host takes at once."""

    running: Mapping[LaneId, Running]
    places: int


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job waits, and for how long."""

    position: int  # jobs of its lane that run before it, the running one not counted
    reason: str
    seconds: float | None  # until the expected start; None: not known


def plan(backlog: Backlog, load: Load) -> list[Waiting]:
    """Choose the jobs to start, in order: one a lane, as many as there are free places."""
    held = {resource for run in load.running.values() for resource in run.resources}
    free = load.places - len(load.running)
    starts: list[Waiting] = []
    if free <= 0:
        return starts
    for head in backlog.heads():
        if head.lane in load.running or held.intersection(head.resources):
            continue
        starts.append(head)
        held.update(head.resources)
        if len(starts) == free:
            break
    return starts


def explain(backlog: Backlog, load: Load, job: JobId, now: float) -> Wait | None:
    """Say why a job waits; None when it does not wait."""
    waiting = backlog.get(job)
    if waiting is None:
        return None
    position = backlog.position_of(waiting)
    ahead = f"; {position} more before this one" if position else ""
    holder = load.running.get(waiting.lane)
    return Wait(
        position=position,
        reason=_reason(waiting, load, now) + ahead,
        seconds=_expected_wait(backlog.ahead_of(waiting), holder, now),
    )


def _reason(waiting: Waiting, load: Load, now: float) -> str:
    holder = load.running.get(waiting.lane)
    if holder is not None:
        seconds = max(0, round(now - holder.started_at))
        return f"the lane runs job {holder.job} of {holder.agent} since {seconds} s"
    for resource in waiting.resources:
        for run in load.running.values():
            if resource in run.resources:
                return f"{resource} is held by job {run.job} of {run.agent}"
    if len(load.running) >= load.places:
        return f"all {load.places} places of this host are taken"
    return "about to start"


def _expected_wait(ahead: list[Waiting], holder: Running | None, now: float) -> float | None:
    """Add up what is left of the running job and the jobs before; None when one is not known."""
    total = 0.0
    if holder is not None:
        if holder.estimate_seconds is None:
            return None
        total = max(0.0, holder.estimate_seconds - (now - holder.started_at))
    for waiting in ahead:
        if waiting.estimate_seconds is None:
            return None
        total += waiting.estimate_seconds
    return total
