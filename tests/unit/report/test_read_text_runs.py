"""What Minitest, ExUnit and PHPUnit print, and Meson's log of tests."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

MINITEST = b"""Run options: -v --seed 1

# Running:

TestAdd#test_skipped = 0.00 s = S


Skipped:
TestAdd#test_skipped [test/test_add.rb:5]:
not today

TestAdd#test_fails = 0.25 s = F

Failure:
TestAdd#test_fails [/src/test/test_add.rb:4]:
Expected: 4
  Actual: 3

rails test test/test_add.rb:4

TestAdd#test_raises = 0.00 s = E
TestAdd#test_passes = 0.00 s = .

Finished in 0.003633s, 1376.3803 runs/s, 825.8282 assertions/s.

  1) Error:
TestAdd#test_raises:
ArgumentError: boom
    test/test_add.rb:6:in `test_raises'

4 runs, 3 assertions, 1 failures, 1 errors, 1 skips
"""


def test_minitest() -> None:
    findings, tests = read("minitest-text", MINITEST)
    assert outcomes(tests) == {
        "TestAdd#test_skipped": "skipped",
        "TestAdd#test_fails": "failed",
        "TestAdd#test_raises": "error",
        "TestAdd#test_passes": "passed",
    }
    fails = next(test for test in tests if test.id == "TestAdd#test_fails")
    assert (fails.file, fails.line, fails.duration_seconds) == ("test/test_add.rb", 4, 0.25)
    assert fails.message == "Expected: 4"
    raises = next(test for test in tests if test.id == "TestAdd#test_raises")
    assert raises.message == "ArgumentError: boom"
    assert (findings.is_complete, findings.unnamed) == (True, {})


def test_minitest_in_dots() -> None:
    text = b"""..F

Failure:
PostTest#test_fails [/src/test/post_test.rb:7]:
no

Finished in 0.3s, 1 runs/s, 1 assertions/s.
4 runs, 3 assertions, 1 failures, 0 errors, 1 skips
"""
    findings, tests = read("minitest-text", text)
    assert outcomes(tests) == {"PostTest#test_fails": "failed"}
    assert findings.unnamed == {TestOutcome.PASSED: 2, TestOutcome.SKIPPED: 1}


EXUNIT = b"""Running ExUnit with seed: 1

..

  1) test raises (Calc.AddTest)
     test/calc_test.exs:16
     ** (ArgumentError) boom
     code: raise ArgumentError, "boom"
     stacktrace:
       test/calc_test.exs:17: (test)

.
Finished in 0.5 seconds (0.00s async, 0.5s sync)
1 doctest, 6 tests, 1 failure, 1 excluded, 2 skipped
"""

TRACE = b"""
CalcTest [test/calc_test.exs]
  * test skipped [L#11]\r  * test skipped (skipped) [L#11]
  * test left out (excluded) [L#12]
  * test passes [L#3]\r  * test passes (4.0ms) [L#3]
  * test fails [L#7]\r  * test fails (3.8ms) [L#7]

  1) test fails (CalcTest)
     test/calc_test.exs:7
     Assertion with == failed

Finished in 5.0 seconds (0.00s async, 5.0s sync)
4 tests, 1 failure, 1 excluded, 1 skipped
"""


def test_exunit_in_dots() -> None:
    findings, tests = read("exunit-text", EXUNIT)
    assert outcomes(tests) == {"Calc.AddTest.test raises": "failed"}
    assert (tests[0].file, tests[0].line) == ("test/calc_test.exs", 16)
    assert tests[0].message == "** (ArgumentError) boom"
    assert findings.unnamed == {TestOutcome.PASSED: 3, TestOutcome.SKIPPED: 2}


def test_exunit_traced() -> None:
    findings, tests = read("exunit-text", TRACE)
    assert outcomes(tests) == {
        "CalcTest.test skipped": "skipped",
        "CalcTest.test passes": "passed",
        "CalcTest.test fails": "failed",
    }
    assert (findings.is_complete, findings.unnamed) == (True, {})
    passes = next(test for test in tests if test.id == "CalcTest.test passes")
    assert (passes.file, passes.line, passes.duration_seconds) == ("test/calc_test.exs", 3, 0.004)


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("OK (3 tests, 4 assertions)\n", {TestOutcome.PASSED: 3}),
        (
            "Tests: 9, Assertions: 4, Errors: 2, Failures: 1, Skipped: 1, Incomplete: 1.\n",
            {
                TestOutcome.PASSED: 4,
                TestOutcome.FAILED: 1,
                TestOutcome.ERROR: 2,
                TestOutcome.SKIPPED: 2,
            },
        ),
    ],
)
def test_phpunit(text: str, unnamed: dict[TestOutcome, int]) -> None:
    findings, tests = read("phpunit-text", text)
    assert (findings.unnamed, tests, findings.is_complete) == (unnamed, [], True)


@pytest.mark.parametrize(
    ("name", "text"), [("minitest-text", MINITEST), ("exunit-text", EXUNIT), ("exunit-text", TRACE)]
)
def test_without_the_last_line_nothing_is_complete(name: str, text: bytes) -> None:
    findings, _ = read(name, text[: text.rstrip().rindex(b"\n")])
    assert not findings.is_complete


def test_meson() -> None:
    results = ("OK", "FAIL", "SKIP", "ERROR", "TIMEOUT", "EXPECTEDFAIL", "UNEXPECTEDPASS", "ODD")
    lines = [
        f'{{"name": "calc / {one}", "stdout": "said", "result": "{one}", "starttime": 1.5,'
        f' "duration": 0.5, "returncode": 1}}'
        for one in results
    ]
    findings, tests = read("meson-json", "\n".join(lines))
    assert outcomes(tests) == {
        "calc / OK": "passed",
        "calc / FAIL": "failed",
        "calc / SKIP": "skipped",
        "calc / ERROR": "error",
        "calc / TIMEOUT": "failed",
        "calc / EXPECTEDFAIL": "xfail",
        "calc / UNEXPECTEDPASS": "failed",
        "calc / ODD": "error",
    }
    assert (tests[1].message, tests[1].traceback) == ("FAIL: exit status 1", "said")
    assert (findings.is_recognised, tests[0].duration_seconds) == (True, 0.5)


INVALID = b"""
BrokenTest [test/calc_test.exs]
  * test never runs [L#27]\r  * test never runs (0.00ms) [L#27]

  0) BrokenTest: failure on setup_all callback, all tests have been invalidated
     ** (RuntimeError) no database

CalcTest [test/calc_test.exs]
  * test passes [L#3]\r  * test passes (4.0ms) [L#3]

Finished in 5.0 seconds (0.00s async, 5.0s sync)
2 tests, 0 failures, 1 invalid
"""


def test_exunit_takes_invalid_tests_back() -> None:
    findings, tests = read("exunit-text", INVALID)
    assert outcomes(tests) == {
        "BrokenTest.test never runs": "error",
        "CalcTest.test passes": "passed",
    }
    assert findings.unnamed == {}


MINITEST_SPEC_REPORTER = b"""Started with run options --seed 1

CalcTest
  test_adds                                                       PASS (0.00s)
  test_sub                                                        FAIL (0.01s)
        Expected: 1
          Actual: 0
        test/calc_test.rb:10:in `test_sub'

Deep::CalcTest
  test_0001_does it                                               SKIP (0.00s)

Finished in 0.00113s
3 tests, 3 assertions, 1 failures, 0 errors, 1 skips
"""

TEST_UNIT = b"""Started
F
===============================================================================
Failure: test_x(TestFoo): <1> expected but was <2>.
/tmp/a.rb:5:in `test_x'
===============================================================================
Finished in 0.005 seconds.
3 tests, 5 assertions, 1 failures, 0 errors, 0 pendings, 1 omissions, 0 notifications
"""


def test_reporters_of_minitest_reporters() -> None:
    findings, tests = read("minitest-text", MINITEST_SPEC_REPORTER)
    assert outcomes(tests) == {
        "CalcTest#test_adds": "passed",
        "CalcTest#test_sub": "failed",
        "Deep::CalcTest#test_0001_does it": "skipped",
    }
    assert (findings.is_complete, findings.unnamed) == (True, {})
    assert next(one for one in tests if one.outcome == "failed").message == "Expected: 1"


def test_test_unit() -> None:
    findings, tests = read("minitest-text", TEST_UNIT)
    assert outcomes(tests) == {"TestFoo#test_x": "failed"}
    assert findings.unnamed == {TestOutcome.PASSED: 1, TestOutcome.SKIPPED: 1}
