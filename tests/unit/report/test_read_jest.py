"""What Jest leaves: its JSON, our stream, jest-junit's XML and its text."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats import jest_json, jest_junit, jest_stream, jest_text
from greenlane.report.formats.base import Findings, Format, ReadContext

FILTERED = 'Ran all test suites with tests matching "add (ok|skip)".\n'


def read(
    form: Format, text: str, *, output: str = "", exit_code: int = 1, timed_out: bool = False
) -> tuple[Findings, list[TestCase]]:
    tests: list[TestCase] = []
    said: Callable[[], str] = lambda: output  # noqa: E731
    context = ReadContext(root="/r", exit_code=exit_code, timed_out=timed_out, output=said)
    findings = form.read(io.BytesIO(text.encode()), tests.append, context)
    return findings, tests


def outcomes(tests: list[TestCase]) -> dict[str, str]:
    return {test.id: test.outcome.value for test in tests}


def report(*files: dict[str, Any], **fields: Any) -> str:
    total = sum(len(file["assertionResults"]) for file in files)
    head = {"numFailedTestSuites": 0, "numTotalTestSuites": len(files), "numTotalTests": total}
    return json.dumps({**head, "success": False, "testResults": files, **fields})


def test_file(name: str, *tests: tuple[str, str], **fields: Any) -> dict[str, Any]:
    found = [{"fullName": title, "status": status, "duration": 1500} for title, status in tests]
    return {"assertionResults": found, "name": name, "status": "passed", "message": "", **fields}


test_file.__test__ = False  # type: ignore[attr-defined]


def test_json() -> None:
    text = report(
        test_file("/r/src/a.test.js", ("add ok", "passed"), ("add no", "failed"), ("t", "todo")),
        test_file("/r/b.test.js", ("later", "pending")),
    )
    findings, tests = read(jest_json.FORMAT, text)
    assert outcomes(tests) == {
        "add ok": "passed",
        "add no": "failed",
        "t": "skipped",
        "later": "skipped",
    }
    assert (tests[0].file, tests[0].duration_seconds) == ("src/a.test.js", 1.5)
    assert findings.declared_total == 4
    assert findings.is_complete


def test_json_after_what_the_package_manager_prints() -> None:
    text = "\n> app@1.0.0 test\n> jest --json\n\n" + report(test_file("/r/a.js", ("x", "passed")))
    findings, tests = read(jest_json.FORMAT, text)
    assert findings.is_complete
    assert outcomes(tests) == {"x": "passed"}


def test_json_that_was_cut_short_keeps_whole_files() -> None:
    text = report(
        test_file("/r/a.js", ("x", "passed")), test_file("/r/b.js", ("y", "passed")), tail="z" * 99
    )
    findings, tests = read(jest_json.FORMAT, text[: text.index('"y"') + 1])
    assert outcomes(tests) == {"x": "passed"}
    assert not findings.is_complete


def test_a_file_that_could_not_run_is_a_build_error_only_alone() -> None:
    broken = test_file("/r/a.test.js", status="failed", message="● x\n\n  SyntaxError: no\n")
    findings, tests = read(jest_json.FORMAT, report(broken))
    assert findings.status is RunStatus.BUILD_ERROR
    assert (tests[0].id, tests[0].message) == ("a.test.js", "SyntaxError: no")
    findings, _ = read(jest_json.FORMAT, report(broken, test_file("/r/b.js", ("y", "passed"))))
    assert findings.status is None


def test_tests_that_a_name_pattern_left_out_are_not_skipped() -> None:
    text = report(
        test_file("/r/a.js", ("add ok", "passed"), ("add skipped", "pending"), ("no", "pending"))
    )
    findings, tests = read(jest_json.FORMAT, text, output=FILTERED)
    assert outcomes(tests) == {"add ok": "passed", "add skipped": "skipped"}
    assert findings.declared_total == 2


def test_a_coverage_threshold_is_the_reason() -> None:
    said = 'x\nJest: "global" coverage threshold for lines (90%) not met: 5%\n'
    findings, _ = read(jest_json.FORMAT, report(test_file("/r/a.js", ("x", "passed"))), output=said)
    assert findings.problems == ['Jest: "global" coverage threshold for lines (90%) not met: 5%']


def stream(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events)


def one(name: str, status: str, **fields: Any) -> dict[str, Any]:
    return {"e": "result", "file": "/r/a.js", "name": name, "status": status, **fields}


def test_stream_with_a_retry() -> None:
    text = stream(
        {"e": "start"},
        {"e": "file_start", "file": "/r/a.js"},
        {"e": "test_start", "file": "/r/a.js", "name": "flaky"},
        one("flaky", "failed", inv=1, msg=["no"]),
        one("dup", "passed", inv=1),
        one("dup", "passed", inv=1),
        one("flaky", "passed", inv=2),
        {"e": "file_end", "file": "/r/a.js", "n": 4},
        {"e": "end", "success": False},
    )
    findings, tests = read(jest_stream.FORMAT, text, exit_code=0)
    assert sorted(test.id for test in tests) == ["dup", "dup", "flaky"]
    assert {test.outcome for test in tests} == {TestOutcome.PASSED}
    assert findings.unnamed == {TestOutcome.SKIPPED: 1}
    assert findings.is_complete
    assert findings.says_success is None


@pytest.mark.parametrize(("timed_out", "because"), [(False, "crash"), (True, "timeout")])
def test_stream_that_broke_off(timed_out: bool, because: str) -> None:
    text = stream(
        {"e": "start"},
        {"e": "file_start", "file": "/r/a.js"},
        one("done", "passed"),
        {"e": "test_start", "file": "/r/a.js", "name": "dies"},
    )
    findings, tests = read(jest_stream.FORMAT, text, timed_out=timed_out)
    assert outcomes(tests) == {"done": "passed", "dies": "error"}
    assert tests[1].message == because
    assert findings.running == ["dies"]
    assert not findings.is_complete


def test_stream_with_a_file_that_could_not_run() -> None:
    end = {"e": "file_end", "file": "/r/a.js", "n": 0, "exec_error": "Cannot find module 'x'"}
    findings, tests = read(jest_stream.FORMAT, stream({"e": "start"}, end, {"e": "end"}))
    assert findings.status is RunStatus.BUILD_ERROR
    assert outcomes(tests) == {"a.js": "error"}


XML = """<?xml version="1.0"?>
<testsuites name="jest tests" tests="3" failures="0" errors="0">
  <testsuite name="add" errors="0" failures="0" skipped="0" tests="3">
    <testcase classname="add quick" name="add quick" time="0"></testcase>
    <testcase classname="add later" name="add later" time="0"></testcase>
    <testcase classname=" ok" name=" ok" time="0.003"></testcase>
  </testsuite>
</testsuites>
"""


def test_junit_todos_are_told_apart_by_what_was_printed() -> None:
    said = "  add\n    ✎ todo later\nTests:       1 todo, 2 passed, 3 total\n"
    _, tests = read(jest_junit.FORMAT, XML, output=said, exit_code=0)
    assert outcomes(tests) == {"add quick": "passed", "add later": "skipped", "ok": "passed"}


def test_junit_without_todos_is_left_alone() -> None:
    _, tests = read(jest_junit.FORMAT, XML, output="Tests: 3 passed, 3 total\n", exit_code=0)
    assert {test.outcome for test in tests} == {TestOutcome.PASSED}


TEXT = """FAIL src/a.test.js
  grp
    ✓ fine (2 ms)
    ✕ always (14 ms)
    ○ skipped sk
    ✎ todo td
    inner
      ✓ deep

  ● grp › always

    expect(received).toBe(expected)

      at Object.toBe (src/a.test.js:5:36)

FAIL src/b.test.js (5.2 s)
  ● Test suite failed to run

    Cannot find module './nope' from 'src/b.test.js'

PASS src/c.test.js

Test Suites: 2 failed, 1 passed, 3 total
Tests:       1 failed, 1 skipped, 1 todo, 4 passed, 7 total
"""  # noqa: RUF001


def test_text() -> None:
    findings, tests = read(jest_text.FORMAT, TEXT)
    assert outcomes(tests) == {
        "grp fine": "passed",
        "grp always": "failed",
        "grp sk": "skipped",
        "grp td": "skipped",
        "grp inner deep": "passed",
        "src/b.test.js": "error",
    }
    always = next(test for test in tests if test.id == "grp always")
    assert (always.message, always.line) == ("expect(received).toBe(expected)", 5)
    assert findings.unnamed == {TestOutcome.PASSED: 2}
    assert findings.is_complete


def test_text_without_its_summary_is_cut_short() -> None:
    findings, _ = read(jest_text.FORMAT, TEXT[: TEXT.index("Test Suites")])
    assert not findings.is_complete


def test_a_file_that_failed_beside_its_tests_is_red() -> None:
    failed = test_file("/r/a.js", ("x", "passed"), status="failed", message="● after\n\n  boom\n")
    findings, tests = read(jest_json.FORMAT, report(failed))
    assert outcomes(tests) == {"x": "passed", "a.js": "error"}
    assert findings.status is None
    skipped = test_file("/r/a.js", ("x", "skipped"), status="failed", message="Error: hook")
    findings, tests = read(jest_json.FORMAT, report(skipped))
    assert outcomes(tests) == {"x": "skipped", "a.js": "error"}
    assert findings.status is None


def test_stream_tells_what_a_file_printed_with_its_red_tests() -> None:
    text = stream(
        {"e": "start"},
        one("x", "passed"),
        one("y", "failed", msg=["Error: no"]),
        {"e": "file_end", "file": "/r/a.js", "n": 2, "out": "\x1b[31msaid\x1b[0m"},
        {"e": "end"},
    )
    _, tests = read(jest_stream.FORMAT, text)
    assert {test.id: test.output for test in tests} == {"x": "", "y": "said"}


def test_stream_names_the_test_at_which_a_worker_died() -> None:
    text = stream(
        {"e": "start"},
        {"e": "file_start", "file": "/r/a.js"},
        one("done", "passed"),
        {"e": "test_start", "file": "/r/a.js", "name": "dies"},
        {"e": "file_end", "file": "/r/a.js", "n": 0, "exec_error": "A worker was terminated"},
        {"e": "end"},
    )
    findings, tests = read(jest_stream.FORMAT, text)
    assert outcomes(tests) == {"done": "passed", "dies": "error"}
    assert tests[1].message == "A worker was terminated"
    assert (findings.status, findings.is_complete) == (None, True)


def test_a_timed_out_test_of_vitest_says_so() -> None:
    told = {
        "fullName": "slow",
        "status": "failed",
        "failureMessages": ["Error: STACK_TRACE_ERROR\n    at /r/a.js:3:1"],
    }
    broken = {"assertionResults": [told], "name": "/r/a.js", "status": "failed", "message": ""}
    _, [test] = read(jest_json.FORMAT, report(broken))
    assert (test.message, test.line) == ("Error: Test timed out", 3)


def test_text_with_tests_that_are_only_counted_is_no_build_error() -> None:
    text = (
        "FAIL ./a.test.js\n  ● Test suite failed to run\n\n    A worker was terminated\n\n"
        "PASS ./b.test.js\n\nTest Suites: 1 failed, 1 passed, 2 total\n"
        "Tests:       2 passed, 2 total\n"
    )
    findings, tests = read(jest_text.FORMAT, text)
    assert outcomes(tests) == {"a.test.js": "error"}
    assert findings.unnamed == {TestOutcome.PASSED: 2}
    assert findings.status is None
