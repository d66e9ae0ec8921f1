"""What pytest and unittest print."""

from __future__ import annotations

import json

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

RULE = "=" * 70
LINE = "-" * 70


def test_pytest_quiet_names_the_red_and_counts_the_rest() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ..F.sxE                                                     [100%]
        =================================== FAILURES ===================================
        ___________________________________ test_b _____________________________________
            def test_b():
        >       assert 1 == 2
        E       assert 1 == 2

        test_a.py:4: AssertionError
        =========================== short test summary info ============================
        FAILED test_a.py::test_b - assert 1 == 2
        ERROR test_a.py::test_c - RuntimeError: x
        1 failed, 3 passed, 1 skipped, 1 xfailed, 1 error in 0.12s
        """,
    )
    assert outcomes(tests) == {"test_a.py::test_b": "failed", "test_a.py::test_c": "error"}
    counted = {TestOutcome.PASSED: 3, TestOutcome.SKIPPED: 1, TestOutcome.XFAIL: 1}
    assert findings.unnamed == counted
    assert findings.is_complete
    assert (tests[0].line, tests[0].message) == (4, "assert 1 == 2")


def test_pytest_xdist_verbose() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ============================= test session starts ==============================
        scheduling tests via LoadScheduling

        test_a.py::test_one[a b]
        test_a.py::TestB::test_two
        [gw0] [ 50%] PASSED test_a.py::test_one[a b]
        [gw1] [100%] FAILED test_a.py::TestB::test_two
        ========================= 1 failed, 1 passed in 0.42s ==========================
        """,
    )
    assert outcomes(tests) == {
        "test_a.py::test_one[a b]": "passed",
        "test_a.py::TestB::test_two": "failed",
    }
    assert findings.is_complete


def test_pytest_printing_tests_and_deselected() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ============================= test session starts ==============================
        collected 3 items / 2 deselected / 1 selected

        tests/test_a.py::test_one hello
        PASSED                                                       [100%]
        ================= 1 passed, 2 deselected in 61.00s (0:01:01) ===================
        """,
    )
    assert findings.is_complete
    assert sum(findings.unnamed.values()) + len(tests) == 1


def test_pytest_killed() -> None:
    findings, tests = read(
        "pytest-text",
        "===== test session starts =====\ncollected 3 items\n\n"
        "t.py::test_a PASSED [ 33%]\nt.py::test_b ",
        timed_out=True,
    )
    assert outcomes(tests) == {"t.py::test_a": "passed", "t.py::test_b": "error"}
    assert tests[1].message == "timeout"
    assert (findings.is_complete, findings.running) == (False, ["t.py::test_b"])
    assert findings.unnamed_not_run == 1


def test_pytest_without_tests() -> None:
    findings, tests = read("pytest-text", "\nno tests ran in 0.01s\n")
    assert (findings.is_recognised, findings.is_complete, tests) == (True, True, [])


def test_unittest_before_and_since_3_11() -> None:
    findings, tests = read(
        "unittest-text",
        f"""
        test_new (pkg.test_a.CaseA.test_new) ... ok
        test_old (pkg.test_a.CaseA) ... printed in between
        ok
        test_doc (pkg.test_a.CaseA.test_doc)
        A docstring of the test. ... FAIL
        test_skip (pkg.test_a.CaseA.test_skip) ... skipped 'not today'

        {RULE}
        FAIL: test_doc (pkg.test_a.CaseA.test_doc)
        A docstring of the test.
        {LINE}
        Traceback (most recent call last):
          File "/src/pkg/test_a.py", line 9, in test_doc
            self.assertEqual(1, 2)
        AssertionError: 1 != 2

        {LINE}
        Ran 4 tests in 0.001s

        FAILED (failures=1, skipped=1)
        """,
    )
    assert outcomes(tests) == {
        "pkg.test_a.CaseA.test_new": "passed",
        "pkg.test_a.CaseA.test_old": "passed",
        "pkg.test_a.CaseA.test_skip": "skipped",
        "pkg.test_a.CaseA.test_doc": "failed",
    }
    red = tests[-1]
    assert (red.file, red.line, red.message) == ("pkg/test_a.py", 9, "AssertionError: 1 != 2")
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_unittest_without_v_counts() -> None:
    findings, tests = read(
        "unittest-text",
        f"..s.x\n{LINE}\nRan 5 tests in 0.1s\n\nOK (skipped=1, expected failures=1)\n",
    )
    assert tests == []
    assert findings.unnamed == {
        TestOutcome.PASSED: 3,
        TestOutcome.SKIPPED: 1,
        TestOutcome.XFAIL: 1,
    }
    assert findings.says_success


def test_unittest_without_tests() -> None:
    for verdict in ("OK", "NO TESTS RAN", "NO TESTS RAN (skipped=1)"):
        findings, tests = read("unittest-text", f"\n{LINE}\nRan 0 tests in 0.000s\n\n{verdict}\n")
        assert (findings.is_recognised, findings.is_complete, tests) == (True, True, [])
        assert TestOutcome.PASSED not in findings.unnamed


def test_unittest_killed() -> None:
    findings, tests = read("unittest-text", "test_a (m.C.test_a) ... ok\ntest_b (m.C.test_b) ... ")
    assert outcomes(tests) == {"m.C.test_a": "passed", "m.C.test_b": "error"}
    assert (findings.is_complete, findings.running) == (False, ["m.C.test_b"])


def test_unittest_that_cannot_import() -> None:
    findings, tests = read(
        "unittest-text",
        f"""
        E
        {RULE}
        ERROR: test_bad (unittest.loader._FailedTest.test_bad)
        {LINE}
        ImportError: Failed to import test module: test_bad
        ModuleNotFoundError: No module named 'nope'

        {LINE}
        Ran 1 test in 0.000s

        FAILED (errors=1)
        """,
    )
    assert findings.status is RunStatus.BUILD_ERROR
    assert outcomes(tests) == {"test_bad": "error"}


def test_half_a_surrogate_pair_loses_no_red_test() -> None:
    """`assert 0, "\\ud800"`: JSON holds it, UTF-8 does not."""
    events = [
        {"e": "start", "t": 1.0, "root": "/src"},
        {"e": "collected", "n": 1, "ids": ["t.py::a"]},
        {"e": "test_start", "id": "t.py::a", "file": "t.py", "line": 1},
        {"e": "report", "id": "t.py::a", "when": "call", "outcome": "failed", "longrepr": "\ud800"},
        {"e": "report", "id": "t.py::a", "when": "teardown", "outcome": "passed"},
        {"e": "end", "exit": 0},
    ]
    _, tests = read("pytest-stream", "\n".join(json.dumps(one) for one in events))
    assert outcomes(tests) == {"t.py::a": "failed"}
    assert tests[0].traceback == "?"


def test_pytest_subtests_that_failed_make_their_test_red() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ============================= test session starts ==============================
        collected 4 items

        test_s.py::test_a SUBPASSED[msg] (i=0)                                   [ 25%]
        test_s.py::test_a SUBFAILED[msg] (i=1)                                   [ 25%]
        test_s.py::test_a FAILED                                                 [ 25%]
        test_s.py::test_good SUBPASSED[x]                                        [ 50%]
        test_s.py::test_good PASSED                                              [ 50%]
        test_s.py::T::test_old [msg] (k=2) SUBFAIL                               [ 75%]
        test_s.py::T::test_old PASSED                                            [ 75%]
        [gw1] [100%] SUBFAILED(k=3) test_s.py::T::test_far
        [gw1] [100%] PASSED test_s.py::T::test_far
        =========================== short test summary info ============================
        SUBFAILED[msg] (i=1) test_s.py::test_a - assert 1 != 1
        FAILED test_s.py::test_a - contains 1 failed subtest
        [msg] (k=2) SUBFAIL test_s.py::T::test_old - AssertionError: q
        SUBFAILED(k=3) test_s.py::T::test_far - AssertionError: r
        == 4 failed, 3 passed, 2 subtests passed in 0.07s ==
        """,
    )
    assert outcomes(tests) == {
        "test_s.py::test_a": "failed",
        "test_s.py::test_good": "passed",
        "test_s.py::T::test_old": "failed",
        "test_s.py::T::test_far": "failed",
    }
    assert (findings.unnamed, findings.is_complete) == ({}, True)
    assert next(one.message for one in tests if one.id.endswith("far")) == "AssertionError: r"


BROKEN_TEARDOWN = """
    collected 3 items / 1 skipped

    test_m.py .EFE.                                                          [100%]

    ==================================== ERRORS ====================================
    ______________________ ERROR at teardown of test_teardown ______________________
    E   RuntimeError: teardown broke
    ________________________ ERROR at teardown of test_both ________________________
    E   RuntimeError: teardown broke
    =================================== FAILURES ===================================
    __________________________________ test_both ___________________________________
    E   assert 0
    =============================== warnings summary ===============================
    test_m.py::test_good
      /p/test_m.py:4: UserWarning: careful
"""
SUMMARY = """
    =========================== short test summary info ============================
    FAILED test_m.py::test_both - assert 0
    ERROR test_m.py::test_teardown - RuntimeError: teardown broke
    ERROR test_m.py::test_both - RuntimeError: teardown broke
"""


def test_pytest_counts_a_test_with_a_broken_teardown_once() -> None:
    end = "    === 1 failed, 2 passed, 1 skipped, 1 warning, 2 errors in 0.4s ==="
    findings, tests = read("pytest-text", BROKEN_TEARDOWN + SUMMARY.lstrip("\n") + end)
    assert outcomes(tests) == {
        "test_m.py::test_both": "failed",
        "test_m.py::test_teardown": "error",
    }
    assert findings.unnamed == {TestOutcome.PASSED: 1, TestOutcome.SKIPPED: 1}
    findings, tests = read("pytest-text", BROKEN_TEARDOWN + end)
    assert findings.unnamed == {
        TestOutcome.FAILED: 1,
        TestOutcome.ERROR: 1,
        TestOutcome.PASSED: 1,
        TestOutcome.SKIPPED: 1,
    }
    assert (tests, findings.running) == ([], [])


def test_pytest_that_stops_early_counts_what_never_ran() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ============================= test session starts ==============================
        collected 9 items / 2 deselected / 1 skipped / 7 selected

        test_m.py .F

        =========================== short test summary info ============================
        FAILED test_m.py::test_b - assert 0
        !!!!!!!!!!!!!!!!!!!!!!!!!! stopping after 1 failures !!!!!!!!!!!!!!!!!!!!!!!!!!!
        ============ 1 failed, 1 passed, 1 skipped, 2 deselected in 0.29s =============
        """,
    )
    assert outcomes(tests) == {"test_m.py::test_b": "failed"}
    assert findings.unnamed_not_run == 5


def test_pytest_with_titles_that_a_test_prints() -> None:
    findings, tests = read(
        "pytest-text",
        """
        ============================= test session starts ==============================
        test_m.py::test_a
        ============ hello ============
        PASSED
        test_m.py::test_b FAILED
        ========================= 1 failed, 1 passed in 0.42s ==========================
        """,
    )
    assert outcomes(tests) == {"test_m.py::test_a": "passed", "test_m.py::test_b": "failed"}
    assert findings.is_complete


def test_unittest_modules_and_subtests() -> None:
    text = f"""
        tests.test_brk (unittest.loader._FailedTest.tests.test_brk) ... ERROR
        tests.test_old (unittest.loader._FailedTest) ... ERROR
        tests.test_skm (unittest.loader.ModuleSkipped.tests.test_skm) ... skipped 'mod'
        test_sub (tests.test_a.A.test_sub) ...
          test_sub (tests.test_a.A.test_sub) (i=0) ... skipped 'x'
          test_sub (tests.test_a.A.test_sub) (i=1) ... skipped 'x'
        test_good (tests.test_a.A.test_good) ... ok

        {RULE}
        ERROR: tests.test_brk (unittest.loader._FailedTest.tests.test_brk)
        {LINE}
        ImportError: Failed to import test module: tests.test_brk

        {LINE}
        Ran 5 tests in 0.002s

        FAILED (errors=2, skipped=3)
    """
    findings, tests = read("unittest-text", text)
    assert outcomes(tests) == {
        "tests.test_brk": "error",
        "tests.test_old": "error",
        "tests.test_skm": "skipped",
        "tests.test_a.A.test_sub": "skipped",
        "tests.test_a.A.test_good": "passed",
    }
    assert (findings.unnamed, findings.is_complete) == ({}, True)
