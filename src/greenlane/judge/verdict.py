"""The verdict: what a run means. Pure, and fail closed: nothing is green unless proven green."""

from __future__ import annotations

from typing import Final, assert_never

import msgspec

from greenlane.model.job import Outcome
from greenlane.model.report import ReportSummary, RunStatus, Totals
from greenlane.model.run import RunEnd, RunResult


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a job, and why."""

    outcome: Outcome
    because: str
    totals: Totals | None = None


OUTCOME_OF_STATUS: Final[dict[RunStatus, Outcome]] = {
    RunStatus.PASSED: Outcome.PASSED,
    RunStatus.FAILED: Outcome.FAILED,
    RunStatus.NO_TESTS: Outcome.NO_TESTS,
    RunStatus.BUILD_ERROR: Outcome.BUILD_ERROR,
    RunStatus.CRASHED: Outcome.CRASHED,
    RunStatus.TIMEOUT: Outcome.TIMED_OUT,
    RunStatus.USAGE_ERROR: Outcome.USAGE_ERROR,
    RunStatus.LISTED: Outcome.NO_TESTS,
}


def judge(result: RunResult, report: ReportSummary | None, *, expects_report: bool) -> Verdict:
    """Judge a run from what the runner saw and what the reader read.

    Green needs all of: the command ended by itself with a status that says pass, a complete
    report where one is expected, at least one test run, no red test, the tree unchanged.
    """
    totals = report.totals if report is not None else None
    match result.end:
        case RunEnd.CANCELLED:
            return Verdict(
                outcome=Outcome.CANCELLED, because=result.because or "cancelled", totals=totals
            )
        case RunEnd.TIMED_OUT | RunEnd.IDLE_TIMED_OUT:
            return Verdict(outcome=Outcome.TIMED_OUT, because=result.because, totals=totals)
        case RunEnd.SETUP_FAILED:
            return Verdict(outcome=Outcome.SETUP_FAILED, because=result.because)
        case RunEnd.EXITED:
            judged = _judge_report(result, report) if expects_report else _judge_exit(result)
        case _ as never:
            assert_never(never)
    return _hold_against_tree(result, judged)


def _judge_exit(result: RunResult) -> Verdict:
    """Judge a command that leaves no report: its exit status is all there is."""
    code = result.exit_code
    if code is None:
        return Verdict(outcome=Outcome.CRASHED, because="the command left no exit status")
    if code < 0:
        return Verdict(outcome=Outcome.CRASHED, because=f"the command was killed by signal {-code}")
    if code == 0:
        return Verdict(outcome=Outcome.PASSED, because="exit status 0")
    return Verdict(outcome=Outcome.FAILED, because=f"exit status {code}")


def _judge_report(result: RunResult, report: ReportSummary | None) -> Verdict:
    if report is None:
        said = result.because or "the report could not be read"
        return Verdict(
            outcome=Outcome.CRASHED, because=f"exit status {result.exit_code}, but {said}"
        )
    outcome, because = OUTCOME_OF_STATUS[report.status], report.because
    if outcome is Outcome.PASSED:
        outcome, because = _prove_green(result, report)
    return Verdict(outcome=outcome, because=because, totals=report.totals)


def _prove_green(result: RunResult, report: ReportSummary) -> tuple[Outcome, str]:
    """Hold a green report against the facts once more, whoever wrote it."""
    if report.totals.red:
        return Outcome.FAILED, f"{report.totals.red} tests are red"
    if not report.totals.executed:
        return Outcome.NO_TESTS, "no test was run"
    if not report.is_complete:
        return Outcome.CRASHED, "the report is not complete"
    if result.exit_code is None or result.exit_code < 0:
        return Outcome.CRASHED, "the report is green, but the command did not end by itself"
    return Outcome.PASSED, report.because


def _hold_against_tree(result: RunResult, verdict: Verdict) -> Verdict:
    if result.tree_before == result.tree_after:
        return verdict
    said = "the files changed during the run, so that no tree can be named"
    if verdict.outcome is Outcome.PASSED:
        return Verdict(outcome=Outcome.TREE_CHANGED, because=said, totals=verdict.totals)
    return msgspec.structs.replace(verdict, because=f"{verdict.because}; {said}")
