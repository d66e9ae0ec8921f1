"""What CTest prints."""

from __future__ import annotations

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

TEXT = b"""Test project /src/build
      Start  1: Calc.Pass
 1/7 Test  #1: Calc.Pass ........................   Passed    0.25 sec
      Start  2: Calc.Fail
 2/7 Test  #2: Calc.Fail ........................***Failed    0.00 sec
sum is bad
 3/7 Test  #3: a test with spaces ..............***Skipped   0.00 sec
 4/7 Test  #4: off ..............................***Not Run (Disabled)   0.00 sec
 5/7 Test  #5: segv .............................***Exception: SegFault  0.00 sec
 6/7 Test  #6: hang .............................***Timeout   2.00 sec
 7/7 Test #17: missing ..........................***Not Run   0.00 sec

16% tests passed, 4 tests failed out of 6
"""


def test_results() -> None:
    findings, tests = read("ctest-text", TEXT)
    assert outcomes(tests) == {
        "Calc.Pass": "passed",
        "Calc.Fail": "failed",
        "a test with spaces": "skipped",
        "off": "skipped",
        "segv": "failed",
        "hang": "failed",
        "missing": "error",
    }
    assert (tests[0].duration_seconds, tests[4].message) == (0.25, "Exception: SegFault")
    assert (findings.is_complete, findings.says_success, findings.unnamed) == (True, False, {})


def test_red_tests_that_only_the_summary_knows() -> None:
    text = TEXT.replace(b" 2/7 Test  #2", b"garbled")
    findings, _ = read("ctest-text", text)
    assert findings.unnamed == {TestOutcome.FAILED: 1}


def test_without_the_summary_the_run_was_cut_short() -> None:
    findings, tests = read("ctest-text", TEXT.partition(b"16%")[0])
    assert (findings.is_recognised, findings.is_complete, len(tests)) == (True, False, 7)


def test_a_line_made_to_be_slow_is_passed_over() -> None:
    line = b" 1/7 Test  #1: " + b"*** 1.0 " * 8000 + b"\n"
    findings, tests = read("ctest-text", line + TEXT)
    assert (findings.is_complete, len(tests)) == (True, 7)
