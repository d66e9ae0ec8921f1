"""CTRF: all that its schema allows, our own reports, and broken ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenlane.model.report import ReportSummary, RunStatus, TestCase, TestOutcome, Totals
from greenlane.report.exports.ctrf import write_ctrf
from tests.unit.report.reading import outcomes, read


def one(name: str, status: str = "passed", **fields: Any) -> dict[str, Any]:
    return {"name": name, "status": status, "duration": 1500, **fields}


def report(*tests: dict[str, Any], failed: int = 0, **more: Any) -> str:
    summary = {"tests": len(tests), "passed": 0, "failed": failed, "start": 0, "stop": 1}
    results = {"tool": {"name": "x"}, "summary": summary, "tests": list(tests), **more}
    return json.dumps(
        {"reportFormat": "CTRF", "specVersion": "0.0.0", "results": results}, indent=1
    )


def test_outcomes_and_texts() -> None:
    text = report(
        one("works", suite=["a.test.js", "add"], filePath="/src/a.test.js", line=3),
        one("works too", suite="add", flaky=True, retries=2),
        one("breaks", "failed", message="\x1b[31mboom", trace="at x", stdout=["hello", "you"]),
        one("dies", "failed", rawStatus="broken"),
        one("waits", "pending"),
        one("left out", "skipped"),
        one("odd", "other"),
        one("known", "other", rawStatus="xfail"),
        one("new word", "brilliant"),
        failed=2,
        environment={"tests": [{"name": "no test"}]},
    )
    findings, tests = read("ctrf", text)
    assert outcomes(tests) == {
        "a.test.js > add > works": "passed",
        "add > works too": "passed",
        "breaks": "failed",
        "dies": "error",
        "waits": "skipped",
        "left out": "skipped",
        "odd": "not_run",
        "known": "xfail",
        "new word": "not_run",
    }
    assert (tests[0].file, tests[0].line, tests[0].duration_seconds) == ("a.test.js", 3, 1.5)
    assert (tests[2].message, tests[2].traceback, tests[2].output) == ("boom", "at x", "hello\nyou")
    assert (findings.is_complete, findings.says_success, findings.declared_total) == (
        True,
        False,
        9,
    )


def test_our_own_reports_are_read_back() -> None:
    cases = [
        TestCase(id=outcome.value, outcome=outcome, file="a.py", line=2, duration_seconds=0.5)
        for outcome in TestOutcome
    ]
    totals = Totals(**{case.id: 1 for case in cases}, total=len(cases))
    summary = ReportSummary(status=RunStatus.FAILED, because="", totals=totals)
    findings, tests = read("ctrf", b"".join(write_ctrf(summary, cases)))
    assert tests == cases
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_a_summary_with_failures_is_no_success() -> None:
    findings, _ = read("ctrf", report(one("works"), failed=1))
    assert findings.says_success is False


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_cut_short(share: float) -> None:
    text = report(*(one(f"works {number}") for number in range(50)))
    findings, tests = read("ctrf", text[: int(len(text) * share)])
    assert not findings.is_complete
    assert len(tests) < 50


def test_another_document_is_not_recognised() -> None:
    assert not read("ctrf", '{"results": []}')[0].is_recognised
    assert not read("ctrf", '{"results": {"tests": [{"name": "x"}]}}')[0].is_complete
