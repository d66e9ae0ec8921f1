"""Tests that a text names, against the counts that its summary gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, bound

_ID_LIMIT = 1000
_MAX_NAMES = 100_000


class Counted:
    """Hand tests on, give each an id of its own, and say which were only counted."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._owners: dict[str, str] = {}
        self.named: Counter[TestOutcome] = Counter()

    def send(
        self,
        name: str,
        outcome: TestOutcome,
        text: str = "",
        *,
        file: str = "",
        line: int = 0,
        seconds: float | None = None,
    ) -> None:
        """Emit a test; the first line of the text is its message."""
        self.named[outcome] += 1
        text = text.strip("\n")
        self._emit(
            TestCase(
                id=bound(name, _ID_LIMIT),
                outcome=outcome,
                file=bound(file, _ID_LIMIT),
                line=line,
                duration_seconds=seconds,
                message=bound(text.strip().partition("\n")[0]),
                traceback=bound(text) if outcome in RED and "\n" in text else "",
            )
        )

    def name(self, group: str, name: str) -> str:
        """Name a test plainly, and with its group where another group has one of that name."""
        if len(self._owners) < _MAX_NAMES:
            owner = self._owners.setdefault(name, group)
        else:
            owner = self._owners.get(name, group)
        return name if owner == group or not group else f"{group} {name}"

    def unnamed(self, said: Mapping[TestOutcome, int]) -> dict[TestOutcome, int]:
        """Give what a summary counted beyond the tests that were named."""
        return {
            outcome: count - self.named[outcome]
            for outcome, count in said.items()
            if count > self.named[outcome]
        }

    @property
    def total(self) -> int:
        """Count the named tests."""
        return self.named.total()

    @property
    def red(self) -> int:
        """Count the named red tests."""
        return sum(self.named[outcome] for outcome in RED)
