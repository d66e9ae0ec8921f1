"""Deno's JUnit, in which the tests that a filter left out stand as skipped.

Only what Deno printed tells the ones from the others, by their numbers.
"""

from __future__ import annotations

import re
from typing import BinaryIO

import msgspec

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats import junit
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext

_SUMMARY = re.compile(r"^(?:ok|FAILED) \| \d+ passed.*?\b\d+ filtered out\b", re.MULTILINE)
_IGNORED = re.compile(r"(\d{1,9}) ignored(?: \((\d{1,9}) steps?\))?")


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a document; with a filter, tests that were skipped are only counted."""
    summary = _SUMMARY.search(context.output())
    if summary is None:
        return junit.FORMAT.read(source, emit, context)

    def emit_executed(case: TestCase) -> None:
        if case.outcome is not TestOutcome.SKIPPED:
            emit(case)

    findings = junit.FORMAT.read(source, emit_executed, context)
    ignored = _IGNORED.search(summary[0])
    count = int(ignored[1]) + int(ignored[2] or 0) if ignored else 0
    return msgspec.structs.replace(
        findings,
        declared_total=None,
        unnamed={TestOutcome.SKIPPED: count} if count else {},
    )


FORMAT = Format(read=read, signature=r'<testsuites name="deno test"')
