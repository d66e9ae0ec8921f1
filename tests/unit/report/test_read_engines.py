"""What GUT, gdUnit4, a Godot project's own runner and Unreal say of their tests."""

from __future__ import annotations

import json

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

GUT_7 = """
     ---  Gut  ---
    GUT version:  7.2.0

    res://test/test_calc.gd
    * test_fails
        [Failed]:  [3] expected to equal [4]:  sum is bad
          at line 12
    * test_passes
        hello
        [Passed]:  [3] expected to equal [3]:
    * test_no_asserts
        [WARNING]:  Test did not assert
    * test_pending
        [Pending]:  not today
    1/2 passed.

    res://test/test_calc.gd.TestInner
    * test_passes
        [Passed]
    1/1 passed.

    *** Run Summary ***
    res://test/test_calc.gd
    - test_fails
        [Failed]:  [3] expected to equal [4]:  sum is bad
    Totals
    Scripts:          1
    Tests:            5
    2 passed 1 failed.  Tests finished in 0.0s
"""

GUT_9 = """
     ---  GUT  ---
    GUT version:  9.3.0

    res://test/unit/test_a.gd
    * test_one
        [Passed]:  ok
    * test_two
        [Failed]:  no
    ==============================================
    = Run Summary
    ==============================================
    Totals
    Scripts:          1
    Passing Tests     4
    Failing Tests     1
    Risky Tests       0
    \x1fPending Tests     2
    ---- 1 failing tests ----
"""


def test_gut_on_godot_3() -> None:
    findings, tests = read("gut-text", GUT_7)
    base = "res://test/test_calc.gd"
    assert outcomes(tests) == {
        f"{base}.test_fails": "failed",
        f"{base}.test_passes": "passed",
        f"{base}.test_no_asserts": "passed",
        f"{base}.test_pending": "skipped",
        f"{base}.TestInner.test_passes": "passed",
    }
    assert (tests[0].file, tests[0].line) == ("test/test_calc.gd", 12)
    assert tests[0].message == "[3] expected to equal [4]:  sum is bad"
    assert (findings.is_complete, findings.declared_total) == (True, 5)
    assert findings.says_success is False


def test_gut_9_counts_what_it_did_not_name() -> None:
    findings, tests = read("gut-text", GUT_9)
    assert [one.outcome for one in tests] == [TestOutcome.PASSED, TestOutcome.FAILED]
    assert findings.unnamed == {TestOutcome.PASSED: 3, TestOutcome.SKIPPED: 2}
    assert findings.says_success is False


def test_gut_that_died_names_the_running_test() -> None:
    findings, tests = read("gut-text", GUT_7.partition("    [WARNING]")[0], timed_out=True)
    assert findings.running == ["res://test/test_calc.gd.test_no_asserts"]
    assert (tests[-1].outcome, tests[-1].message) == (TestOutcome.ERROR, "timeout")
    assert not findings.is_complete


@pytest.mark.parametrize(
    "error",
    [
        "SCRIPT ERROR: GDScript::reload: Parse Error: Expected ')'.\n   At: res://test/test_b.gd:3.",
        "SCRIPT ERROR: Parse Error: Expected ')'.\n   at: GDScript::reload (res://test/test_b.gd:3)",
    ],
)
def test_a_script_that_does_not_parse_is_a_build_error(error: str) -> None:
    findings, tests = read("gut-text", f" ---  Gut  ---\nGUT version:  7.2.0\n{error}\n{error}\n")
    assert findings.status is RunStatus.BUILD_ERROR
    assert findings.problems == ["res://test/test_b.gd:3: Expected ')'."]
    assert outcomes(tests) == {"res://test/test_b.gd": "error"}
    assert tests[0].line == 3


def test_script_errors_are_problems_where_gut_does_not_see_them() -> None:
    error = "SCRIPT ERROR: test_a: Invalid call.\n   At: res://test/test_a.gd:7.\n"
    for version, count in (("7.4.1", 1), ("9.5.0", 0)):
        findings, _ = read("gut-text", f" ---  Gut  ---\nGUT version:  {version}\n{error}")
        assert len(findings.problems) == count


GDUNIT = """
    Run Test Suite res://test/hit_test.gd
    \tRun Test: res://test/hit_test.gd > test_hit :STARTED
    \tRun Test: res://test/hit_test.gd > test_hit :PASSED 1s 12ms

    \tRun Test: res://test/hit_test.gd > test_miss :STARTED
    \tRun Test: res://test/hit_test.gd > test_miss :FAILED 5ms
    \tReport:
    \t\tline 14: Expecting:
    \t\t 'true'
    \tRun Test: res://test/hit_test.gd > test_later :STARTED
    \tRun Test: res://test/hit_test.gd > test_later :SKIPPED 0ms
"""


def test_gdunit4() -> None:
    findings, tests = read("gdunit4-text", GDUNIT + "    Total test cases:  3\n")
    assert outcomes(tests) == {
        "hit_test.test_hit": "passed",
        "hit_test.test_miss": "failed",
        "hit_test.test_later": "skipped",
    }
    assert tests[0].duration_seconds == 1.012
    assert (tests[1].file, tests[1].line) == ("test/hit_test.gd", 14)
    assert findings.is_complete


def test_gdunit4_of_version_5_and_cut_short() -> None:
    text = "\tres://a_test.gd > test_x STARTED\n\tres://a_test.gd > test_x PASSED 3ms\n"
    findings, tests = read("gdunit4-text", text + "\tres://a_test.gd > test_y STARTED\n")
    assert outcomes(tests) == {"a_test.test_x": "passed", "a_test.test_y": "error"}
    assert (findings.running, findings.is_complete) == (["a_test.test_y"], False)


def test_a_runner_of_the_projects_own() -> None:
    lines = [
        "Godot Engine v3.2.3.stable",
        'TS_RESULT {"name": "test_a", "ok": true, "file": "res://t/a.gd", "line": 3}',
        'TS_RESULT {"name": "test_b", "ok": false, "message": "no"}',
        'TS_RESULT {"name": "test_c", "ok": null}',
        'TS_RESULT {"name": "test_d", "ok": true, "skipped": true}',
        'TS_RESULT {"ok": true}',
        "TS_RESULT {nonsense",
    ]
    findings, tests = read("godot-text", "\n".join(lines))
    assert outcomes(tests) == {
        "test_a": "passed", "test_b": "failed", "test_c": "error", "test_d": "skipped",
    }  # fmt: skip
    assert (tests[0].file, tests[0].line) == ("t/a.gd", 3)
    assert findings.is_complete


def test_a_runner_that_cannot_load_its_tests() -> None:
    findings, tests = read("godot-text", "TS_ERROR cannot load\n")
    assert (findings.status, findings.problems) == (RunStatus.BUILD_ERROR, ["cannot load"])
    assert not tests


def test_a_green_runner_with_a_script_error_is_not_green() -> None:
    text = 'TS_RESULT {"name": "a", "ok": true}\nSCRIPT ERROR: b: Invalid call.\n'
    assert read("godot-text", text)[0].problems == ["SCRIPT ERROR: b: Invalid call."]


def unreal(tests: list[dict[str, object]], **counts: int) -> bytes:
    counts = {"succeeded": 0, "succeededWithWarnings": 0, "failed": 0, "notRun": 0} | counts
    text = json.dumps({"devices": [], **counts, "inProcess": 0, "tests": tests}, indent=4)
    return b"\xef\xbb\xbf" + text.encode()


def test_unreal() -> None:
    entry = {"event": {"type": "Error", "message": "boom"}, "filename": "/src/a.cpp",
             "lineNumber": 7}  # fmt: skip
    findings, tests = read(
        "unreal-json",
        unreal(
            [
                {"fullTestPath": "P.a", "state": "Success", "duration": 0.5, "entries": []},
                {"fullTestPath": "P.b", "state": "Fail", "entries": [entry]},
                {"fullTestPath": "P.c", "state": "Skipped"},
                {"fullTestPath": "P.d", "state": "NotRun"},
                {"fullTestPath": "P.e", "state": "Success", "errors": 1},
            ],
            succeeded=2,
            failed=1,
            notRun=1,
        ),
    )
    assert outcomes(tests) == {
        "P.a": "passed", "P.b": "failed", "P.c": "skipped", "P.d": "not_run", "P.e": "failed",
    }  # fmt: skip
    assert (tests[1].message, tests[1].file, tests[1].line) == ("boom", "a.cpp", 7)
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_unreal_without_tests_and_cut_short() -> None:
    findings, tests = read("unreal-json", unreal([]))
    assert (findings.is_recognised, findings.is_complete, tests) == (True, True, [])
    whole = unreal([{"fullTestPath": f"P.{n}", "state": "Success"} for n in range(9)], succeeded=9)
    findings, tests = read("unreal-json", whole[:-60])
    assert not findings.is_complete
    assert 0 < len(tests) < 9


def test_unreal_that_was_in_process() -> None:
    findings, tests = read("unreal-json", unreal([{"fullTestPath": "P.a", "state": "InProcess"}]))
    assert (findings.running, tests[0].outcome) == (["P.a"], TestOutcome.ERROR)
    assert not findings.is_complete
