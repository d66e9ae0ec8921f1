"""Every way in which a run can end, and that green needs every witness."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.model.report import RunStatus, Totals
from greenlane.model.suite import OutcomeRules
from greenlane.report.classify import Evidence, classify

RULES = OutcomeRules(failed=[1], build_error=[2], crashed=[3], usage_error=[4], no_tests=[5])


def totals(**counts: int) -> Totals:
    return Totals(**counts, total=sum(counts.values()))


def evidence(**changes: Any) -> Evidence:
    green: dict[str, Any] = {
        "exit_code": 0,
        "rules": RULES,
        "totals": totals(passed=3),
        "is_recognised": True,
        "is_complete": True,
    }
    return Evidence(**(green | changes))


NOTHING: dict[str, Any] = {"totals": Totals(), "is_recognised": False, "is_complete": False}
EMPTY: dict[str, Any] = {"totals": Totals()}

CASES: list[tuple[str, dict[str, Any], RunStatus]] = [
    ("green", {}, RunStatus.PASSED),
    ("green with skips", {"totals": totals(passed=1, skipped=2, xfail=1)}, RunStatus.PASSED),
    ("red", {"exit_code": 1, "totals": totals(passed=1, failed=1)}, RunStatus.FAILED),
    ("red with exit 0", {"totals": totals(passed=1, error=1)}, RunStatus.FAILED),
    ("exit 1 without a red test", {"exit_code": 1}, RunStatus.FAILED),
    ("exit 9 without a red test", {"exit_code": 9}, RunStatus.FAILED),
    ("the report says that it failed", {"says_success": False}, RunStatus.FAILED),
    ("an error outside of any test", {"problems": ("boom",)}, RunStatus.FAILED),
    ("all skipped", {"totals": totals(skipped=3)}, RunStatus.NO_TESTS),
    ("all skipped, exit 1", {"exit_code": 1, "totals": totals(skipped=3)}, RunStatus.NO_TESTS),
    ("an empty report", EMPTY, RunStatus.NO_TESTS),
    ("no report", NOTHING, RunStatus.NO_TESTS),
    ("no report, exit 1", NOTHING | {"exit_code": 1}, RunStatus.FAILED),
    ("no report, exit 9", NOTHING | {"exit_code": 9}, RunStatus.CRASHED),
    ("no report, exit 4", NOTHING | {"exit_code": 4}, RunStatus.USAGE_ERROR),
    ("no report, exit 2", NOTHING | {"exit_code": 2}, RunStatus.BUILD_ERROR),
    ("no report, exit 5", NOTHING | {"exit_code": 5}, RunStatus.NO_TESTS),
    ("none expected, exit 0", NOTHING | {"expects_report": False}, RunStatus.PASSED),
    ("exit 1 alone", NOTHING | {"expects_report": False, "exit_code": 1}, RunStatus.FAILED),
    (
        "none expected, one refused",
        NOTHING | {"expects_report": False, "contradictions": ("refused",)},
        RunStatus.CRASHED,
    ),
    ("cut short", {"is_complete": False}, RunStatus.CRASHED),
    ("a test never ended", {"running": ("t",)}, RunStatus.CRASHED),
    ("too few tests", {"contradictions": ("3 of 5",)}, RunStatus.CRASHED),
    (
        "cut short and red",
        {"is_complete": False, "exit_code": 1, "totals": totals(failed=1)},
        RunStatus.FAILED,
    ),
    (
        "died in a test",
        {"is_complete": False, "exit_code": 1, "totals": totals(error=1), "running": ("t",)},
        RunStatus.CRASHED,
    ),
    ("internal error", {"exit_code": 3, "totals": totals(failed=1)}, RunStatus.CRASHED),
    ("killed", {"exit_code": -9}, RunStatus.CRASHED),
    ("killed by an unknown signal", {"exit_code": -77}, RunStatus.CRASHED),
    ("killed below a shell", NOTHING | {"exit_code": 139}, RunStatus.CRASHED),
    ("139 red tests", {"exit_code": 139, "totals": totals(failed=139)}, RunStatus.FAILED),
    ("exit status unknown", {"exit_code": None}, RunStatus.CRASHED),
    ("timed out", {"timed_out": True}, RunStatus.TIMEOUT),
    ("timed out and killed", {"timed_out": True, "exit_code": -9}, RunStatus.TIMEOUT),
    (
        "hung after a build error",
        NOTHING | {"timed_out": True, "exit_code": -9, "status": RunStatus.BUILD_ERROR},
        RunStatus.BUILD_ERROR,
    ),
    ("proven", {"exit_code": 1, "status": RunStatus.BUILD_ERROR}, RunStatus.BUILD_ERROR),
    ("listed", EMPTY | {"status": RunStatus.LISTED}, RunStatus.LISTED),
    (
        "named by its output",
        NOTHING | {"exit_code": 1, "hits": {RunStatus.USAGE_ERROR: "unknown flag"}},
        RunStatus.USAGE_ERROR,
    ),
    (
        "words in the output of tests that ran",
        {"exit_code": 1, "totals": totals(failed=1), "hits": {RunStatus.BUILD_ERROR: "E: x"}},
        RunStatus.FAILED,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status"), [one[1:] for one in CASES], ids=[c[0] for c in CASES]
)
def test_status(changes: dict[str, Any], status: RunStatus) -> None:
    got, because = classify(evidence(**changes))
    assert got is status
    assert because
    assert "\n" not in because


def test_no_codes_named_means_any_failure() -> None:
    rules = OutcomeRules(failed=[])
    assert classify(evidence(**NOTHING, rules=rules, exit_code=77))[0] is RunStatus.FAILED


def test_the_running_test_is_named() -> None:
    _, because = classify(evidence(exit_code=-11, running=("a::b",)))
    assert because == "killed by SIGSEGV while a::b was running"


counts = st.integers(0, 3)


@given(
    exit_code=st.sampled_from([None, -9, 0, 0, 0, 1, 2, 5, 139]),
    timed_out=st.booleans(),
    expects_report=st.booleans(),
    numbers=st.fixed_dictionaries(
        dict.fromkeys(("passed", "failed", "error", "skipped", "xfail", "not_run"), counts)
    ),
    is_recognised=st.booleans(),
    is_complete=st.booleans(),
    status=st.sampled_from([None, None, None, *RunStatus]),
    says_success=st.sampled_from([None, None, True, False]),
    problems=st.sampled_from([(), (), ("boom",)]),
    running=st.sampled_from([(), (), ("t",)]),
    contradictions=st.sampled_from([(), (), ("short",)]),
    hits=st.dictionaries(st.sampled_from(list(RunStatus)), st.just("a line"), max_size=2),
)
def test_green_needs_every_witness(numbers: dict[str, int], **known: Any) -> None:
    one = Evidence(rules=RULES, totals=totals(**numbers), **known)
    status, because = classify(one)
    assert because
    if status is not RunStatus.PASSED:
        return
    assert one.exit_code == 0
    assert not one.timed_out
    assert not (one.totals.red or one.running or one.contradictions)
    if one.is_recognised or one.expects_report:
        assert one.is_recognised
        assert one.is_complete
        assert one.totals.executed
        assert one.says_success is not False
        assert not one.problems
