from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.judge.verdict import judge
from greenlane.model.job import Outcome
from greenlane.model.report import ReportSummary, RunStatus, Totals
from greenlane.model.run import RunEnd, RunResult


def result(
    *, end: RunEnd = RunEnd.EXITED, exit_code: int | None = 0, before: str = "", after: str = ""
) -> RunResult:
    return RunResult(
        end=end,
        exit_code=exit_code,
        because="said by the runner",
        started_at=1.0,
        ended_at=2.0,
        tree_before=before,
        tree_after=after,
    )


def report(
    status: RunStatus = RunStatus.PASSED, *, is_complete: bool = True, **totals: int
) -> ReportSummary:
    counts = totals or {"passed": 3, "total": 3}
    return ReportSummary(
        status=status, because="read", totals=Totals(**counts), is_complete=is_complete
    )


def test_a_proven_green_run_passes() -> None:
    assert judge(result(), report(), expects_report=True).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (RunStatus.FAILED, Outcome.FAILED),
        (RunStatus.NO_TESTS, Outcome.NO_TESTS),
        (RunStatus.BUILD_ERROR, Outcome.BUILD_ERROR),
        (RunStatus.CRASHED, Outcome.CRASHED),
        (RunStatus.TIMEOUT, Outcome.TIMED_OUT),
        (RunStatus.USAGE_ERROR, Outcome.USAGE_ERROR),
        (RunStatus.LISTED, Outcome.NO_TESTS),
    ],
)
def test_what_the_reader_says_is_the_verdict(status: RunStatus, outcome: Outcome) -> None:
    assert judge(result(exit_code=1), report(status), expects_report=True).outcome is outcome


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (RunEnd.CANCELLED, Outcome.CANCELLED),
        (RunEnd.TIMED_OUT, Outcome.TIMED_OUT),
        (RunEnd.IDLE_TIMED_OUT, Outcome.TIMED_OUT),
        (RunEnd.SETUP_FAILED, Outcome.SETUP_FAILED),
    ],
)
def test_a_run_that_was_ended_is_never_green(end: RunEnd, outcome: Outcome) -> None:
    assert judge(result(end=end), report(), expects_report=True).outcome is outcome


def test_a_missing_report_is_not_green() -> None:
    verdict = judge(result(), None, expects_report=True)
    assert verdict.outcome is Outcome.CRASHED
    assert "said by the runner" in verdict.because


def test_a_green_report_that_contradicts_itself_is_not_green() -> None:
    def outcome(given: ReportSummary, code: int | None = 0) -> Outcome:
        return judge(result(exit_code=code), given, expects_report=True).outcome

    assert outcome(report(passed=1, failed=1, total=2)) is Outcome.FAILED
    assert outcome(report(skipped=2, total=2)) is Outcome.NO_TESTS
    assert outcome(report(is_complete=False)) is Outcome.CRASHED
    assert outcome(report(), -9) is Outcome.CRASHED
    assert outcome(report(), None) is Outcome.CRASHED


def test_without_a_report_the_exit_status_decides() -> None:
    def outcome(code: int | None) -> Outcome:
        return judge(result(exit_code=code), None, expects_report=False).outcome

    assert outcome(0) is Outcome.PASSED
    assert outcome(1) is Outcome.FAILED
    assert outcome(-11) is Outcome.CRASHED
    assert outcome(None) is Outcome.CRASHED


def test_a_tree_that_moved_is_not_green_and_a_red_one_stays_red() -> None:
    moved = judge(result(before="a", after="b"), report(), expects_report=True)
    red = judge(
        result(exit_code=1, before="a", after="b"), report(RunStatus.FAILED), expects_report=True
    )
    assert moved.outcome is Outcome.TREE_CHANGED
    assert red.outcome is Outcome.FAILED
    assert "changed during the run" in red.because


@given(
    st.sampled_from(RunEnd),
    st.none() | st.integers(-64, 255),
    st.booleans(),
    st.none()
    | st.builds(
        report,
        st.sampled_from(RunStatus),
        is_complete=st.booleans(),
        passed=st.integers(0, 3),
        failed=st.integers(0, 2),
        error=st.integers(0, 2),
        skipped=st.integers(0, 2),
    ),
    st.sampled_from(["", "a", "b"]),
)
def test_green_needs_all_of_its_proofs(
    end: RunEnd, code: int | None, expects_report: bool, given: ReportSummary | None, after: str
) -> None:
    verdict = judge(
        result(end=end, exit_code=code, before="a", after=after),
        given,
        expects_report=expects_report,
    )
    if verdict.outcome is not Outcome.PASSED:
        return
    assert end is RunEnd.EXITED
    assert after == "a"
    assert code is not None and code >= 0
    if expects_report:
        assert given is not None
        assert given.status is RunStatus.PASSED
        assert given.is_complete
        assert given.totals.executed > 0
        assert given.totals.red == 0
    else:
        assert code == 0
