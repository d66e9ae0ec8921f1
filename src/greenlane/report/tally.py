"""Count the tests of one source and spool them to disk, one JSON line each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome, Totals

MAX_FAILURES = 200


class Tally:
    """A sink for tests: counts by outcome, the first red ones, all of them in a file."""

    def __init__(self, spool: Path | None) -> None:
        """Open the sink; without a `spool` the tests are only counted."""
        self.failures: list[TestCase] = []
        self.count = 0
        self._counts = dict.fromkeys(TestOutcome, 0)
        self._file = spool.open("wb") if spool else None
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def emit(self, case: TestCase) -> None:
        """Take one test."""
        self.count += 1
        self._counts[case.outcome] += 1
        if case.outcome in RED and len(self.failures) < MAX_FAILURES:
            self.failures.append(case)
        if self._file:
            self._file.write(self._encoder.encode(case) + b"\n")

    def totals(self, unnamed: Mapping[TestOutcome, int], unnamed_not_run: int = 0) -> Totals:
        """Return the counts, with those of tests that nobody named."""
        counts = {one.value: self._counts[one] + unnamed.get(one, 0) for one in TestOutcome}
        counts["not_run"] += unnamed_not_run
        return Totals(**counts, total=sum(counts.values()))
