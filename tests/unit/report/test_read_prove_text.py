"""What prove prints at its end."""

from __future__ import annotations

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

RED = """
    t/a.t ..
    Dubious, test returned 2 (wstat 512, 0x200)
    Failed 3/5 subtests

    Test Summary Report
    -------------------
    t/a.t   (Wstat: 512 (exited 2) Tests: 5 Failed: 3)
      Failed tests:  2, 4-5
      Non-zero exit status: 2
    Files=2, Tests=9,  0 wallclock secs ( 0.02 usr)
    Result: FAIL
"""


def test_red_tests_are_named_by_number() -> None:
    findings, tests = read("prove-text", RED)
    assert outcomes(tests) == dict.fromkeys(("t/a.t 2", "t/a.t 4", "t/a.t 5"), "failed")
    assert findings.unnamed == {TestOutcome.PASSED: 6}
    assert findings.is_complete
    assert findings.says_success is False


def test_green() -> None:
    text = "t/a.t .. ok\nAll tests successful.\nFiles=1, Tests=4,  0 wallclock secs\nResult: PASS\n"
    findings, tests = read("prove-text", text)
    assert not tests
    assert findings.unnamed == {TestOutcome.PASSED: 4}
    assert findings.says_success is None


def test_a_file_with_parse_errors_is_a_problem() -> None:
    text = """
    t/b.t (Wstat: 0 Tests: 1 Failed: 0)
      Parse errors: Bad plan.  You planned 2 tests but ran 1.
    Files=1, Tests=1,  0 wallclock secs
    Result: FAIL
    """
    findings, _ = read("prove-text", text)
    assert findings.problems == ["t/b.t: Bad plan.  You planned 2 tests but ran 1."]
    assert findings.says_success is False


def test_without_its_end_it_is_nothing() -> None:
    assert not read("prove-text", RED[: RED.index("Result")])[0].is_recognised
