"""Meson's `meson-logs/testlog.json`: one object a line, written as each test ends.

Its JUnit file is not believed: a test that ran out of time stands there as passed.
"""

from __future__ import annotations

from typing import BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.json_lines import json_lines, number_of, text_of

_OUTCOMES = {
    "OK": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "TIMEOUT": TestOutcome.FAILED,
    "UNEXPECTEDPASS": TestOutcome.FAILED,
    "EXPECTEDFAIL": TestOutcome.XFAIL,
    "SKIP": TestOutcome.SKIPPED,
    "IGNORED": TestOutcome.SKIPPED,
    "ERROR": TestOutcome.ERROR,
    "INTERRUPT": TestOutcome.ERROR,
}


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read the lines. Nothing marks the end: that all ran is for the exit status to say."""
    count = 0
    for test in json_lines(source):
        result = text_of(test, "result")
        if not result or "starttime" not in test:
            continue
        count += 1
        outcome = _OUTCOMES.get(result, TestOutcome.ERROR)
        code = test.get("returncode")
        said = text_of(test, "stderr") or text_of(test, "stdout")
        emit(
            TestCase(
                id=bound(text_of(test, "name"), 1000) or "(no name)",
                outcome=outcome,
                duration_seconds=number_of(test, "duration"),
                message=f"{result}: exit status {code}" if outcome in RED else "",
                traceback=bound(said) if outcome in RED else "",
            )
        )
    return Findings(is_recognised=count > 0)


FORMAT = Format(read=read, signature=r'^\{"name": ".*"starttime": [\d.]+, "duration": ')
