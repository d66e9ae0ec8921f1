"""A job: a request to run a suite on a snapshot, its phases, how it can end, its legal moves."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NewType

JobId = NewType("JobId", str)
ProjectId = NewType("ProjectId", str)
RunId = NewType("RunId", str)
LaneId = NewType("LaneId", str)
TreeId = NewType("TreeId", str)
CommitId = NewType("CommitId", str)


class Priority(IntEnum):
    """Lower runs first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class Phase(StrEnum):
    """Where a job is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a job ended. Only `PASSED` is green."""

    PASSED = "passed"
    FAILED = "failed"
    NO_TESTS = "no_tests"
    BUILD_ERROR = "build_error"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    USAGE_ERROR = "usage_error"
    SETUP_FAILED = "setup_failed"
    TREE_CHANGED = "tree_changed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    LOST = "lost"


#: Every legal move of a job. RUNNING to QUEUED is a lost run that gets another attempt.
MOVES: Final[frozenset[tuple[Phase, Phase]]] = frozenset(
    {
        (Phase.QUEUED, Phase.RUNNING),
        (Phase.QUEUED, Phase.ENDED),
        (Phase.RUNNING, Phase.ENDED),
        (Phase.RUNNING, Phase.QUEUED),
    }
)

#: The `status` of the HTTP contract for each outcome: `complete` means that the command ran to
#: its own end and was judged, which is not the same as green; `result` says how.
STATUS_OF_OUTCOME: Final[dict[Outcome, str]] = {
    Outcome.PASSED: "complete",
    Outcome.FAILED: "complete",
    Outcome.NO_TESTS: "complete",
    Outcome.BUILD_ERROR: "complete",
    Outcome.CRASHED: "complete",
    Outcome.USAGE_ERROR: "complete",
    Outcome.TREE_CHANGED: "complete",
    Outcome.TIMED_OUT: "timeout",
    Outcome.SETUP_FAILED: "failed",
    Outcome.LOST: "failed",
    Outcome.CANCELLED: "cancelled",
    Outcome.SUPERSEDED: "superseded",
}


def status_of(phase: Phase, outcome: Outcome | None) -> str:
    """Give the `status` word of the HTTP contract."""
    if phase is Phase.ENDED and outcome is not None:
        return STATUS_OF_OUTCOME[outcome]
    return phase.value


def is_legal(before: Phase, after: Phase) -> bool:
    """Say whether a job may move from one phase to another."""
    return (before, after) in MOVES
