"""Unreal's automation report, `index.json` below `-ReportExportPath`, in UTF-8 with a mark before.

The fields are those of `FAutomatedTestPassResults` and `FAutomatedTestResult`: counts, and for each
test `fullTestPath`, `state`, `duration`, `entries` with events. The counts split what succeeded
into with and without warnings. Only `Success` is a pass: an error may also be told by an entry.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.json_items import JsonItems
from greenlane.report.formats.json_lines import number_of, text_of

_BOM = b"\xef\xbb\xbf"
_COUNTS = ("succeeded", "succeededWithWarnings", "failed", "notRun", "inProcess")
_OUTCOMES = {
    "success": TestOutcome.PASSED,
    "successwithwarnings": TestOutcome.PASSED,
    "fail": TestOutcome.FAILED,
    "failed": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "notrun": TestOutcome.NOT_RUN,
}
_RUNNING = frozenset({"inprocess", "inprogress"})


class _Source:
    """The bytes of the report behind the mark that Unreal puts first."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._head = source.read(len(_BOM))
        self._head = b"" if self._head == _BOM else self._head

    def read(self, size: int, /) -> bytes:
        """Read on."""
        head, self._head = self._head, b""
        return head or self._source.read(size)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report; a test that was in process is told to have been running."""
    items = JsonItems(_Source(source), "tests")
    running: list[str] = []
    red = count = 0
    for item in items:
        case = _case(_decode(item), context)
        if case is None:
            continue
        count += 1
        red += case.outcome in {TestOutcome.FAILED, TestOutcome.ERROR}
        if case.outcome is TestOutcome.ERROR and len(running) < 20:
            running.append(case.id)
        emit(case)
    around = items.around
    report = _decode(around[max(0, around.rfind(around[:64])) :])  # twice where no test stands
    counts = {name: max(0, int(number_of(report, name))) for name in _COUNTS if name in report}
    if not counts and not count:
        return UNRECOGNISED
    return Findings(
        is_recognised=True,
        is_complete=items.is_complete and bool(counts) and not running,
        declared_total=sum(counts.values()),
        says_success=not (counts.get("failed") or counts.get("inProcess") or red),
        running=running,
    )


def _decode(data: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _case(test: dict[str, Any], context: ReadContext) -> TestCase | None:
    name = text_of(test, "fullTestPath") or text_of(test, "testDisplayName")
    if not name:
        return None
    state = text_of(test, "state").lower()
    errors = [event for event in _events(test) if text_of(event, "type") == "Error"]
    outcome = _OUTCOMES.get(state, TestOutcome.ERROR)
    if outcome is TestOutcome.PASSED and (number_of(test, "errors") or errors):
        outcome = TestOutcome.FAILED
    messages = [text_of(event, "message") for event in errors]
    if state in _RUNNING:
        messages.insert(0, "timeout" if context.timed_out else "crash")
    first = _object(test.get("entries"), 0)
    timed = test if "duration" in test else first
    seconds = max(0.0, number_of(timed, "duration")) if "duration" in timed else None
    file, line = _place(test, context.root)
    return TestCase(
        id=bound(name, 1000),
        outcome=outcome,
        file=file,
        line=line,
        duration_seconds=seconds,
        message=bound(messages[0] if messages else ""),
        traceback=bound("\n".join(messages[:50])) if len(messages) > 1 else "",
    )


def _events(test: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the events of a test: each entry is one (older engines), or holds one."""
    entries = test.get("entries")
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return [one["event"] if isinstance(one.get("event"), dict) else one for one in found]


def _place(test: dict[str, Any], root: str) -> tuple[str, int]:
    """Give the source of the first error that names one."""
    entries = test.get("entries")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and (file := text_of(entry, "filename")):
            path = relative(file.replace("\\", "/"), root)
            return bound(path, 1000), max(0, int(number_of(entry, "lineNumber")))
    return "", 0


def _object(value: Any, number: int) -> dict[str, Any]:
    found = value[number] if isinstance(value, list) and len(value) > number else None
    return found if isinstance(found, dict) else {}


FORMAT = Format(
    read=read,
    signature=r'"succeededWithWarnings": ?\d|"fullTestPath": ?"',
)
