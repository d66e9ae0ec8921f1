"""What programs of GoogleTest and cmocka print."""

from __future__ import annotations

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

GTEST = """
    Running main() from gtest_main.cc
    [==========] Running 4 tests from 2 test suites.
    [----------] Global test environment set-up.
    [ RUN      ] Calc.Adds
    a prompt without an end[       OK ] Calc.Adds (250 ms)
    [ RUN      ] Calc.Fails
    /src/test/calc_test.cpp:12: Failure
    Expected equality of these values:
      4
    [  FAILED  ] Calc.Fails (0 ms)
    [ RUN      ] Calc.Skips
    [  SKIPPED ] Calc.Skips (0 ms)
    [ RUN      ] Nums/P.Even/1
    test/calc_test.cpp:20: Failure
    no
    [  FAILED  ] Nums/P.Even/1, where GetParam() = 3 (0 ms)
"""
GTEST_END = """
    [==========] 4 tests from 2 test suites ran. (0 ms total)
    [  PASSED  ] 1 test.
    [  SKIPPED ] 1 test, listed below:
    [  SKIPPED ] Calc.Skips
    [  FAILED  ] 2 tests, listed below:
    [  FAILED  ] Calc.Fails
    [  FAILED  ] Nums/P.Even/1, where GetParam() = 3
"""


def test_gtest() -> None:
    findings, tests = read("gtest-text", GTEST + GTEST_END)
    assert outcomes(tests) == {
        "Calc.Adds": "passed", "Calc.Fails": "failed", "Calc.Skips": "skipped",
        "Nums/P.Even/1": "failed",
    }  # fmt: skip
    assert tests[0].duration_seconds == 0.25
    fails = tests[1]
    assert (fails.file, fails.line) == ("test/calc_test.cpp", 12)
    assert fails.message == "Expected equality of these values:"
    assert (findings.is_complete, findings.declared_total) == (True, 4)


def test_gtest_that_crashed() -> None:
    text = GTEST.partition("/src/test")[0].rstrip(" ")
    findings, tests = read("gtest-text", text)
    assert findings.running == ["Calc.Fails"]
    assert (tests[-1].outcome, tests[-1].message) == (TestOutcome.ERROR, "crash")
    assert (findings.is_complete, findings.unnamed_not_run) == (False, 2)


def test_two_programs_below_ctest_of_which_the_first_died() -> None:
    findings, tests = read(
        "gtest-text",
        """
        1: [==========] Running 2 tests from 1 test suite.
        1: [ RUN      ] A.Dies
        2: [==========] Running 1 test from 1 test suite.
        2: [ RUN      ] B.Lives
        2: [       OK ] B.Lives (0 ms)
        2: [==========] 1 test from 1 test suite ran. (0 ms total)
        """,
    )
    assert outcomes(tests) == {"A.Dies": "error", "B.Lives": "passed"}
    assert not findings.is_complete


def test_cmocka() -> None:
    findings, tests = read(
        "gtest-text",
        """
        [==========] tests: Running 3 test(s).
        [ RUN      ] test_adds
        [       OK ] test_adds
        [ RUN      ] test_fails
        [  ERROR   ] --- 0x3 != 0x4
        [   LINE   ] --- t.c:9: error: Failure!
        [  FAILED  ] test_fails
        [ RUN      ] test_skips
        [  SKIPPED ] test_skips
        [==========] tests: 3 test(s) run.
        [  PASSED  ] 1 test(s).
        [  FAILED  ] tests: 1 test(s), listed below:
        [  FAILED  ] test_fails
        """,
    )
    assert outcomes(tests) == {
        "test_adds": "passed", "test_fails": "failed", "test_skips": "skipped",
    }  # fmt: skip
    assert (tests[1].file, tests[1].line) == ("t.c", 9)
    assert findings.is_complete
