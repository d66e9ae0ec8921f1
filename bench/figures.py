"""Samples, and the tables that are made of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Step = Callable[[], object]
PEER_MISSING = (
    "The peer was left out: `tsp` is not installed. On Debian and Ubuntu: "
    "`apt install task-spooler`; elsewhere: <https://viric.name/soft/ts/>."
)


@dataclass(slots=True)
class Samples:
    """How long one thing took, in seconds, each time that it was done."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """The smallest sample that 99 % of all do not exceed."""
        ordered = sorted(self.seconds)
        return ordered[-(-99 * len(ordered) // 100) - 1]

    def show(self) -> str:
        """Give median and p99 in milliseconds."""
        return f"{milliseconds(self.median)} (p99 {milliseconds(self.p99)})"


def measure_in_turns(
    steps: Mapping[str, Step], rounds: int, *, before: Callable[[str], None] | None = None
) -> dict[str, Samples]:
    """Do every step once in each round, and take the time of each.

    `before` is called with the name of the step that comes next; its time does not count.
    """
    taken = {name: Samples() for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            if before is not None:
                before(name)
            taken[name].seconds.append(time_of(step))
    return taken


def time_of(step: Step) -> float:
    """Do something and give how many seconds it took."""
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    what: str
    figure: str
    floor: str = "-"
    peer: str = "-"
    ratio: str = "-"
    aim: str = "-"
    is_met: bool | None = None  # None: no aim was set

    def cells(self) -> tuple[str, ...]:
        met = {None: "-", True: "yes", False: "**no**"}[self.is_met]
        return (self.what, self.figure, self.floor, self.peer, self.ratio, self.aim, met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The answer to one question."""

    title: str
    floor: str  # what the floor is
    peer: str  # what the peer is
    rows: list[Row]
    note: str
    has_peer: bool  # whether the peer is installed

    def render(self) -> str:
        """Write it as Markdown."""
        head = (
            "",
            "greenlane",
            f"floor: {self.floor}",
            f"peer: {self.peer}",
            "ratio",
            "aim",
            "met",
        )
        lines = [head, tuple("---" for _ in head), *(row.cells() for row in self.rows)]
        text = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        missing = [] if self.has_peer else [PEER_MISSING]
        return "\n\n".join([f"### {self.title}", text, self.note, *missing])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.0f} MB"


def times(figure: float, beside: float) -> str:
    """Give how many times one thing is the other."""
    return f"{figure / beside:.2g} x"
