"""What a scenario was by its steps, for both kinds of Cucumber's reports."""

from __future__ import annotations

from collections.abc import Iterable

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import ReadContext, bound

_BAD = {
    "failed": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "hook_error": TestOutcome.ERROR,
    "cleanup_error": TestOutcome.ERROR,
    "ambiguous": TestOutcome.ERROR,
    "undefined": TestOutcome.ERROR,
    "pending": TestOutcome.ERROR,
    "pending_warn": TestOutcome.SKIPPED,
    "untested": TestOutcome.NOT_RUN,
    "unknown": TestOutcome.NOT_RUN,
}
_LENIENT = frozenset({"undefined", "pending"})  # not red for a Cucumber that is not strict
_ORDER = (
    TestOutcome.FAILED,
    TestOutcome.ERROR,
    TestOutcome.SKIPPED,
    TestOutcome.NOT_RUN,
    TestOutcome.PASSED,
)
_NAMES_LIMIT = 100_000


def outcome_of_step(status: str, context: ReadContext, *, is_hook: bool = False) -> TestOutcome:
    """Say what the status of one step, in small letters, makes of its scenario.

    Steps that are undefined or pending are red unless the run passed all the same.
    """
    if status == "passed":
        return TestOutcome.PASSED
    if status == "skipped" or (status in _LENIENT and context.exit_code == 0):
        return TestOutcome.SKIPPED
    outcome = _BAD.get(status, TestOutcome.ERROR)
    return TestOutcome.ERROR if is_hook and outcome is TestOutcome.FAILED else outcome


def outcome_of_scenario(steps: Iterable[TestOutcome]) -> TestOutcome:
    """Join the steps of a scenario; one without steps proves nothing."""
    found = set(steps)
    return next((one for one in _ORDER if one in found), TestOutcome.SKIPPED)


class Names:
    """Ids of scenarios: the name, and where it was there before its place too."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def name(self, scenario: str, file: str, line: int) -> str:
        """Give the id of a scenario."""
        name = bound(scenario.strip() or "(no name)", 800)
        if name in self._seen:
            return bound(f"{name} ({file}:{line})", 1000)
        if len(self._seen) < _NAMES_LIMIT:
            self._seen.add(name)
        return name


def scenario_case(
    name: str,
    outcome: TestOutcome,
    place: tuple[str, int],
    seconds: float,
    error: str,
) -> TestCase:
    """Make the test of a scenario; the message is what stands before the stack of an error."""
    lines = error.splitlines()
    end = next((n for n, line in enumerate(lines) if line.lstrip().startswith("at ")), 8)
    return TestCase(
        id=name,
        outcome=outcome,
        file=place[0],
        line=place[1],
        duration_seconds=seconds,
        message=bound("\n".join(lines[:end]).strip()),
        traceback=bound(error),
    )
