"""The one stream of our own reporters."""

from __future__ import annotations

import io
import json
from typing import Any

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Findings, ReadContext
from greenlane.report.formats.stream import FORMAT

BEGIN = {"e": "begin", "framework": "mocha", "root": "/r"}
FINISH = {"e": "finish", "ok": True}
START = {"e": "start", "id": "a", "file": "/r/a.js", "line": 3}
RESULT = {"e": "result", "id": "a", "outcome": "passed", "seconds": 0.5}


def read(*events: dict[str, Any], timed_out: bool = False) -> tuple[Findings, list[TestCase]]:
    text = "".join(json.dumps(event) + "\n" for event in events).encode()
    tests: list[TestCase] = []
    context = ReadContext(root="/elsewhere", timed_out=timed_out)
    return FORMAT.read(io.BytesIO(text), tests.append, context), tests


def test_a_whole_run() -> None:
    findings, tests = read(BEGIN, {"e": "plan", "n": 1}, START, RESULT, FINISH)
    assert findings.is_complete
    assert findings.says_success is True
    assert tests == [
        TestCase(id="a", outcome=TestOutcome.PASSED, file="a.js", line=3, duration_seconds=0.5)
    ]


def test_a_run_that_was_stopped() -> None:
    plan = {"e": "plan", "ids": ["a", "b", "c"]}
    findings, tests = read(BEGIN, plan, START, RESULT, {**START, "id": "b"}, timed_out=True)
    assert not findings.is_complete
    assert findings.running == ["b"]
    assert [(one.id, one.outcome.value, one.message) for one in tests] == [
        ("a", "passed", ""),
        ("b", "error", "timeout"),
        ("c", "not_run", ""),
    ]


def test_tests_that_were_only_counted() -> None:
    findings, _ = read(BEGIN, {"e": "plan", "n": 5}, START, RESULT)
    assert findings.unnamed_not_run == 4
    findings, _ = read(BEGIN, {"e": "plan", "n": 1}, START, RESULT, FINISH)
    assert findings.unnamed_not_run == 0


def test_an_error_outside_of_any_test() -> None:
    problem = {"e": "problem", "status": "build_error", "text": "\x1b[31mSyntaxError\x1b[0m"}
    findings, tests = read(BEGIN, problem, {"e": "finish", "ok": False})
    assert findings.status is RunStatus.BUILD_ERROR
    assert findings.problems == ["SyntaxError"]
    assert findings.says_success is False
    assert tests == []


def test_no_stream_proves_that_it_passed() -> None:
    problem = {"e": "problem", "status": "passed", "text": "x"}
    assert read(BEGIN, problem)[0].status is None


def test_two_processes_in_one_file_and_one_of_them_died() -> None:
    findings, _ = read(BEGIN, START, RESULT, FINISH, BEGIN)
    assert not findings.is_complete


def test_what_is_no_event_is_skipped() -> None:
    findings, tests = read(BEGIN, {"e": "result", "id": 3}, {"x": 1}, {"e": "result", "id": "q"})
    assert findings.is_recognised
    assert tests == []
