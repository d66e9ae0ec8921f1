"""The seam of placement: what a place can do, its vocabulary, its base error."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec

from greenlane.model.errors import GreenlaneError
from greenlane.model.job import RunId
from greenlane.model.run import RunResult, RunSpec

#: Called once for each run that was started or adopted alive, from a thread of the place: with
#: the result, or with None when the run is lost and none of its processes is left.
OnEnd = Callable[[RunId, RunResult | None], None]


class PlaceError(GreenlaneError):
    """A run could not be started here; nothing of it is left running."""

    code = "place_failed"


class AdoptionState(StrEnum):
    """What became of a run that an earlier server started."""

    FINISHED = "finished"
    ALIVE = "alive"
    LOST = "lost"


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `result` is there exactly when the run is finished."""

    state: AdoptionState
    result: RunResult | None = None


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A machine on which runs can be placed."""

    name: str
    cpus: int
    memory_bytes: int


class Place(Protocol):
    """Starts runs somewhere and tells when they end. Every method may be called by any thread."""

    def start(self, spec: RunSpec, read: bytes | None = None) -> None:
        """Start a run; `read` is what its report reader is told (`read.json`).

        May be called again for the same run: one that lives is adopted, one that is finished is
        told again through `on_end`.

        Raises:
            PlaceError: it could not be started.
        """
        ...

    def stop(self, run_id: RunId) -> bool:
        """Ask a run to end, whatever it is at; say whether it was alive.

        Returns at once; the end comes through `on_end`.
        """
        ...

    def adopt(self, run_id: RunId) -> Adoption:
        """Find out what became of a run; one that lives will come through `on_end`.

        When the answer is `LOST`, no process of the run is left.
        """
        ...

    def hosts(self) -> list[Host]:
        """List the hosts that take runs now."""
        ...

    def close(self) -> None:
        """Let go of the place. Runs go on; `on_end` is not called any more."""
        ...
