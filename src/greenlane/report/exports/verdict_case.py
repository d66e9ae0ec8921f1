"""The red entry of a run that is not green although no test of it is red."""

from __future__ import annotations

from greenlane.model.report import ReportSummary, RunStatus, TestCase, TestOutcome

NAME = "test run"


def verdict_case(summary: ReportSummary) -> TestCase | None:
    """Make the entry; None for a green run and for one whose red tests speak for themselves."""
    if summary.status is RunStatus.PASSED or summary.failures or summary.totals.red:
        return None
    message = f"{summary.status}: {summary.because}"
    return TestCase(id=NAME, outcome=TestOutcome.ERROR, message=message)
