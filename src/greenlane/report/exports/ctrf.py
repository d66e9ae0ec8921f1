"""CTRF, the Common Test Report Format (https://ctrf.io), version 0.0.0 of its schema.

The times of the run are not in a report: `start` and `stop` are 0, `duration` is the sum of the
tests'. An expected failure is `other`, a test that never ran `pending`; `rawStatus` has our word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from greenlane import __version__
from greenlane.model.report import ReportSummary, TestCase, TestOutcome, Totals
from greenlane.report.exports.verdict_case import verdict_case

_SPEC_VERSION = "0.0.0"
_STATUSES = {
    TestOutcome.PASSED: "passed",
    TestOutcome.FAILED: "failed",
    TestOutcome.ERROR: "failed",
    TestOutcome.SKIPPED: "skipped",
    TestOutcome.XFAIL: "other",
    TestOutcome.NOT_RUN: "pending",
}


def write_ctrf(summary: ReportSummary, tests: Iterable[TestCase]) -> Iterator[bytes]:
    """Write the tests and, after them, the summary."""
    encoder = msgspec.json.Encoder()
    head = {"reportFormat": "CTRF", "specVersion": _SPEC_VERSION, "generatedBy": "greenlane"}
    tool = {"name": "greenlane", "version": __version__}
    yield encoder.encode(head).removesuffix(b"}")
    yield b',"results":{"tool":' + encoder.encode(tool) + b',"tests":['
    separator, milliseconds = b"\n", 0
    verdict = verdict_case(summary)
    for case in _with(tests, verdict):
        milliseconds += _milliseconds(case)
        yield separator + encoder.encode(_describe(case))
        separator = b",\n"
    closing = _summarise(summary, milliseconds, has_verdict=verdict is not None)
    yield b'],"summary":' + encoder.encode(closing) + b"}}\n"


def _with(tests: Iterable[TestCase], verdict: TestCase | None) -> Iterator[TestCase]:
    yield from tests
    if verdict:
        yield verdict


def _milliseconds(case: TestCase) -> int:
    return round((case.duration_seconds or 0) * 1000)


def _describe(case: TestCase) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": case.id or "(no name)",
        "status": _STATUSES[case.outcome],
        "duration": _milliseconds(case),
        "rawStatus": case.outcome.value,
    }
    texts = {"message": case.message, "trace": case.traceback, "filePath": case.file}
    test |= {key: text for key, text in texts.items() if text}
    if case.line:
        test["line"] = case.line
    if case.output:
        test["stdout"] = case.output.splitlines()
    return test


def _summarise(summary: ReportSummary, milliseconds: int, *, has_verdict: bool) -> dict[str, Any]:
    totals: Totals = summary.totals
    return {
        "tests": totals.total + has_verdict,
        "passed": totals.passed,
        "failed": totals.red + has_verdict,
        "skipped": totals.skipped,
        "pending": totals.not_run,
        "other": totals.xfail,
        "start": 0,
        "stop": 0,
        "duration": milliseconds,
        "extra": {
            "status": summary.status.value,
            "because": summary.because,
            "is_complete": summary.is_complete,
        },
    }
