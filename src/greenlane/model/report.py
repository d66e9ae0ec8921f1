"""A report: what was read from the leavings of a run, in one shape for every framework."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class RunStatus(StrEnum):
    """What a run was, judged from exit status, reports and output together."""

    PASSED = "passed"
    FAILED = "failed"
    NO_TESTS = "no_tests"
    BUILD_ERROR = "build_error"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    USAGE_ERROR = "usage_error"
    LISTED = "listed"


class TestOutcome(StrEnum):
    """How one test ended."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAIL = "xfail"
    NOT_RUN = "not_run"


RED = frozenset({TestOutcome.FAILED, TestOutcome.ERROR})
EXECUTED = frozenset({TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.XFAIL})


class TestCase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One test. `id` is stable across runs; texts are bounded by the reader that made them."""

    __test__ = False

    id: str
    outcome: TestOutcome
    file: str = ""
    line: int = 0  # 1-based; 0 where the framework does not say
    duration_seconds: float | None = None
    message: str = ""
    traceback: str = ""
    output: str = ""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of tests by outcome."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    xfail: int = 0
    not_run: int = 0
    total: int = 0

    @property
    def executed(self) -> int:
        """Count the tests that really ran."""
        return self.passed + self.failed + self.error + self.xfail

    @property
    def red(self) -> int:
        """Count the tests that failed or broke."""
        return self.failed + self.error


class ReportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a report: small whatever the run was. The tests lie beside it, one a line."""

    status: RunStatus
    because: str
    totals: Totals
    failures: list[TestCase] = []  # the first red tests, at most 200
    is_complete: bool = True  # False: the report was cut short or missing
