"""What clojure.test, ERT, Nim's unittest and shUnit2 print."""

from __future__ import annotations

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

CLOJURE = """
    Testing app.core-test

    FAIL in (adds) (core_test.clj:7)
    the sum
    expected: (= 4 (+ 1 2))
      actual: (not (= 4 3))

    ERROR in (adds) (core_test.clj:8)
    Uncaught exception, not in assertion.

    Testing app.other-test

    FAIL in (adds) (other_test.clj:3)
    expected: false

    Ran 5 tests containing 9 assertions.
    2 failures, 1 errors.
"""


def test_clojure() -> None:
    findings, tests = read("clojure-text", CLOJURE)
    assert outcomes(tests) == {"adds": "error", "app.other-test adds": "failed"}
    assert (tests[0].file, tests[0].line, tests[0].message) == ("core_test.clj", 7, "the sum")
    assert findings.unnamed == {TestOutcome.PASSED: 3}
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_clojure_cut_short_and_outside_of_a_test() -> None:
    assert not read("clojure-text", CLOJURE.partition("Ran 5")[0])[0].is_complete
    assert not read("clojure-text", CLOJURE.partition("2 failures")[0])[0].is_complete
    findings, tests = read("clojure-text", "ERROR in () (RT.java:9)\nExecution error\n")
    assert (findings.problems, tests) == (["ERROR outside of a test at RT.java:9"], [])


ERT = """
    Running 6 tests (2026-11-22 13:53:37+0000, selector 't')
    Test fails backtrace:
      signal(ert-test-failed)
    Test fails condition:
        (ert-test-failed
         ((should (= 4 3))))
       FAILED  1/6  fails (0.250000 sec)
       passed  2/6  passes (0.000079 sec)
      skipped  3/6  skipped (0.000115 sec)
       failed  4/6  expected-to-fail (0.000091 sec)
       PASSED  5/6  should-have-failed (0.000091 sec)
"""
ERT_END = """
    Ran 6 tests, 3 results as expected, 2 unexpected, 1 skipped (2026-11-22 13:53:37+0000, 0.2 sec)
"""


def test_ert() -> None:
    findings, tests = read("ert-text", ERT + "       passed  6/6  old-emacs\n" + ERT_END)
    assert outcomes(tests) == {
        "fails": "failed", "passes": "passed", "skipped": "skipped", "expected-to-fail": "xfail",
        "should-have-failed": "failed", "old-emacs": "passed",
    }  # fmt: skip
    assert (tests[0].message, tests[0].duration_seconds) == ("(ert-test-failed", 0.25)
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_ert_that_died() -> None:
    findings, _ = read("ert-text", ERT)
    assert (findings.is_complete, findings.unnamed_not_run) == (False, 1)
    assert not read("ert-text", ERT + "Aborted: Ran 5 tests, 3 results as expected\n")[
        0
    ].is_complete


def test_nim() -> None:
    findings, tests = read(
        "nim-text",
        """
        [Suite] add
          [OK] passes
            /src/tests/t.nim(6, 16): Check failed: 1 + 2 == 4
            1 + 2 was 3
          [FAILED] fails
          [SKIPPED] skipped
        [Suite] subtract
          [OK] passes (0.25s)
        [OK] alone
        """,
    )
    assert outcomes(tests) == {
        "passes": "passed", "fails": "failed", "skipped": "skipped", "subtract passes": "passed",
        "alone": "passed",
    }  # fmt: skip
    assert (tests[1].file, tests[1].line) == ("tests/t.nim", 6)
    assert findings.is_complete


SHUNIT2 = """
    testPasses
    testFails
    ASSERT:sum expected:<4> but was:<3>
    shunit2:ERROR testFails() returned non-zero return code.
    testOther

    Ran 3 tests.

    FAILED (failures=2{more})
"""


def test_shunit2() -> None:
    findings, tests = read("shunit2-text", SHUNIT2.format(more=""))
    assert outcomes(tests) == {
        "testPasses": "passed", "testFails": "failed", "testOther": "passed",
    }  # fmt: skip
    assert tests[1].message == "sum expected:<4> but was:<3>"
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_shunit2_does_not_say_which_test_was_skipped() -> None:
    findings, tests = read("shunit2-text", SHUNIT2.format(more=",skipped=1"))
    assert outcomes(tests) == {"testFails": "failed"}
    assert findings.unnamed == {TestOutcome.SKIPPED: 1, TestOutcome.PASSED: 1}


def test_shunit2_that_was_asked_for_a_test_it_does_not_have() -> None:
    findings, tests = read(
        "shunit2-text",
        """
        Ran 1 test.

        FAILED (failures=1)
        t.sh: 1: eval: --verbose: not found
        shunit2:ERROR --verbose() returned non-zero return code.
        """,
    )
    assert (findings.status, tests) == (RunStatus.USAGE_ERROR, [])
    assert findings.problems == ["there is no test --verbose"]


def test_shunit2_cut_short() -> None:
    assert not read("shunit2-text", SHUNIT2.partition("FAILED (")[0])[0].is_complete
