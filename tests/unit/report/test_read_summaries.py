"""Frameworks that are read by the line that counts their tests."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

CASES = {
    "Catch2": (
        "test cases: 4 | 2 passed | 1 failed | 1 failed as expected\nassertions: 5 | 4 passed\n",
        {"passed": 2, "failed": 1, "xfail": 1},
        [],
    ),
    "Catch2, green": (
        "All tests passed (3 assertions in 2 test cases)\n", {"passed": 2}, [],
    ),
    "doctest": (
        ("TEST CASE:  adds\n\na.cpp:5: ERROR: CHECK( 1 == 2 ) is NOT correct!\n"
        "[doctest] test cases:  3 |  2 passed | 1 failed | 0 skipped\n"),
        {"passed": 2, "failed": 1},
        ["adds"],
    ),
    "Boost.Test": (
        ('Running 3 test cases...\nt.cpp(5): error: in "calc/adds": check 1 == 2 has failed\n'
        't.cpp(6): error: in "calc/adds": check 1 == 3 has failed\n'
        '*** 2 failures are detected in the test module "calc"\n'),
        {"passed": 2, "failed": 1},
        ["calc/adds"],
    ),
    "CppUTest": (
        ("t.cpp:5: error: Failure in TEST(Calc, Adds)\n"
        "Errors (1 failures, 3 tests, 3 ran, 5 checks, 0 ignored, 0 filtered out, 0 ms)\n"),
        {"passed": 2, "failed": 1},
        ["Calc, Adds"],
    ),
    "Unity": (
        ("t.c:5:test_adds:FAIL: Expected 3 Was 4\nt.c:9:test_other:PASS\n"
        "3 Tests 1 Failures 1 Ignored \nFAIL\n"),
        {"passed": 1, "failed": 1, "skipped": 1},
        ["test_adds"],
    ),
    "Check": (
        ("33%: Checks: 3, Failures: 1, Errors: 1\nt.c:5:F:Core:test_a:0: no\n"
        "t.c:9:E:Core:test_b:0: (after this point) Received signal 11\n"),
        {"passed": 1, "failed": 1, "error": 1},
        ["test_a", "test_b"],
    ),
    "CUnit": (
        ("Run Summary:    Type  Total    Ran Passed Failed Inactive\n"
        "              suites      1      1    n/a      0        0\n"
        "               tests      3      3      2      1        0\n"),
        {"passed": 2, "failed": 1},
        [],
    ),
    "HUnit": (
        ("Cases: 3  Tried: 1  Errors: 0  Failures: 0\r### Failure in: 1:adds\n"
        "Cases: 3  Tried: 2  Errors: 0  Failures: 1\rCases: 3  Tried: 3  Errors: 0  Failures: 1\n"),
        {"passed": 2, "failed": 1},
        ["1:adds"],
    ),
    "tasty": ("1 out of 3 tests failed (0.00s)\n", {"passed": 2, "failed": 1}, []),
    "EUnit": (
        ("calc_tests: fails_test...*failed*\nin function calc_tests:fails_test/0\n"
        "  Failed: 1.  Skipped: 1.  Passed: 2.\n"),
        {"passed": 2, "failed": 1, "skipped": 1},
        ["calc_tests: fails_test"],
    ),
    "EUnit, one green": ("  Test passed.\n", {"passed": 1}, []),
    "Common Test": (
        "Testing lib.app: TEST COMPLETE, 2 ok, 1 failed, 1 skipped of 4 test cases\n",
        {"passed": 2, "failed": 1, "skipped": 1},
        [],
    ),
    "ScalaTest under sbt": (
        ("[info] - adds *** FAILED ***\n"
        "[info] Tests: succeeded 2, failed 1, canceled 0, ignored 0, pending 0\n"
        "[error] Failed: Total 3, Failed 1, Errors 0, Passed 2\n"),
        {"passed": 2, "failed": 1},
        ["adds"],
    ),
    "munit under sbt": (
        ("==> X calc.CalcSuite.adds  0.01s munit.ComparisonFailException: no\n"
        "[error] Failed: Total 4, Failed 1, Errors 0, Passed 2, Skipped 1\n"),
        {"passed": 2, "failed": 1, "skipped": 1},
        ["calc.CalcSuite.adds"],
    ),
    "rackunit": (
        "2 success(es) 1 failure(s) 1 error(s) 4 test(s) run\n",
        {"passed": 2, "failed": 2},
        [],
    ),
    "Octave": ("PASSES 2 out of 3 tests\n", {"passed": 2, "failed": 1}, []),
    "tcltest": (
        ("==== calc-1.2 it adds FAILED\n==== calc-1.2 FAILED\n"
        "t.tcl:\tTotal\t3\tPassed\t1\tSkipped\t1\tFailed\t1\n"),
        {"passed": 1, "failed": 1, "skipped": 1},
        ["calc-1.2"],
    ),
    "LuaUnit": (
        ("1) TestCalc.testFails\nt.lua:5: expected: 4, actual: 3\n"
        "Ran 3 tests in 0.000 seconds, 2 successes, 1 failure\n"),
        {"passed": 2, "failed": 1},
        ["TestCalc.testFails"],
    ),
    "FiveAM": (
        " Did 4 checks.\n    Pass: 2 (50%)\n    Skip: 1 (25%)\n    Fail: 1 (25%)\n",
        {"passed": 2, "failed": 1, "skipped": 1},
        [],
    ),
    "FPCUnit": (
        "Number of run tests: 4\nNumber of errors:    1\nNumber of failures:  1\n",
        {"passed": 2, "failed": 2},
        [],
    ),
    "AUnit": (
        "Total Tests Run:   3\nSuccessful Tests:  2\nFailed Assertions: 1\nUnexpected Errors: 0\n",
        {"passed": 2, "failed": 1},
        [],
    ),
    "Crystal": (
        ("4 examples, 1 failures, 1 errors, 1 pending\n"
        "crystal spec spec/calc_spec.cr:5 # Calc adds\n"),
        {"passed": 1, "failed": 2, "skipped": 1},
        ["Calc adds"],
    ),
    "behave": (
        ("Failing scenarios:\n  features/calc.feature:5  it adds\n"
        "0 features passed, 1 failed, 0 skipped\n2 scenarios passed, 1 failed, 1 skipped\n"),
        {"passed": 2, "failed": 1, "skipped": 1},
        ["it adds"],
    ),
    "Automake": (
        (
            "PASS: a.test\nFAIL: b.test\nXPASS: c.test\n# TOTAL: 6\n# PASS:  1\n# SKIP:  1\n"
            "# XFAIL: 1\n# FAIL:  1\n# XPASS: 1\n# ERROR: 1\n"
        ),
        {"passed": 1, "failed": 3, "skipped": 1, "xfail": 1},
        ["b.test", "c.test"],
    ),
    "JUnit 4": (
        "There was 1 failure:\n1) testFails(CalcTest)\n\nFAILURES!!!\nTests run: 3,  Failures: 1\n",
        {"passed": 2, "failed": 1},
        ["testFails(CalcTest)"],
    ),
    "CppUnit": (
        (
            "!!!FAILURES!!!\nTest Results:\nRun:  3   Failures: 1   Errors: 1\n\n\n"
            "1) test: Calc::testFails (F) line: 15 calc.cpp\n2) test: Calc::testDies (E) \n"
        ),
        {"passed": 1, "failed": 1, "error": 1},
        ["Calc::testFails", "Calc::testDies"],
    ),
    "CppUnit, green": ("\nOK (3 tests)\n", {"passed": 3}, []),
    "JUnit's console launcher": (
        (
            "  JUnit Jupiter:CalcTest:fails()\n[         3 tests found           ]\n"
            "[         1 tests skipped         ]\n[         2 tests started         ]\n"
            "[         0 tests aborted         ]\n[         1 tests successful      ]\n"
            "[         1 tests failed          ]\n"
        ),
        {"passed": 1, "failed": 1, "skipped": 1},
        ["CalcTest:fails()"],
    ),
    "TestNG": (
        "FAILED: fails\nTotal tests run: 4, Passes: 2, Failures: 1, Skips: 1\n",
        {"passed": 2, "failed": 1, "skipped": 1},
        ["fails"],
    ),
    "busted": (
        "2 successes / 1 failure / 0 errors / 1 pending : 0.01 seconds\n",
        {"passed": 2, "failed": 1, "skipped": 1},
        [],
    ),
    "Pester": (
        "[-] it adds 5ms (4ms|1ms)\nTests Passed: 2, Failed: 1, Skipped: 0 NotRun: 0\n",
        {"passed": 2, "failed": 1},
        ["it adds"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_summary_counts(name: str) -> None:
    text, counts, red = CASES[name]
    findings, tests = read("summary-text", f"some output\n{text}more output\n".encode())
    assert list(outcomes(tests)) == red
    totals = {outcome.value: count for outcome, count in findings.unnamed.items()}
    for one in tests:
        totals[one.outcome.value] = totals.get(one.outcome.value, 0) + 1
    assert totals == counts
    assert findings.is_complete
    assert findings.says_success is not ({"failed", "error"} <= counts.keys() or "failed" in counts)


def test_names_beyond_the_count_are_not_those_of_red_tests() -> None:
    text = (
        b"TEST CASE:  a\nTEST CASE:  b\n[doctest] test cases: 2 | 1 passed | 1 failed | 0 skipped\n"
    )
    findings, tests = read("summary-text", text)
    assert tests == []
    assert findings.unnamed == {TestOutcome.PASSED: 1, TestOutcome.FAILED: 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Running 3 test cases...\n",
        " Did 4 checks.\n",
        "Cases: 3  Tried: 1  Errors: 0  Failures: 0\n",
    ],
)
def test_without_its_last_line_nothing_is_known(text: str) -> None:
    assert not read("summary-text", text.encode())[0].is_recognised


def test_a_second_program_that_was_cut_short_makes_the_whole_incomplete() -> None:
    text = "Running 1 test case...\n*** No errors detected\n"
    assert read("summary-text", text.encode() * 2)[0].is_complete
    assert not read("summary-text", (text * 2).encode()[:-10])[0].is_complete
