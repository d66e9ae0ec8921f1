"""CTRF, the Common Test Report Format, read test by test: memory does not grow with the report.

A test that was tried again is one test, as its last try ended. `other` is what the writer has no
word for; its own word, `rawStatus`, may say what it was, else the test is not known to have run.
Source: the schema in the npm package `ctrf`, and https://ctrf.io.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.json_document import object_of
from greenlane.report.formats.json_items import JsonItems, Resumed
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import strip_escapes

_HEAD_BYTES = 64 * 1024
_RESULTS = re.compile(rb'"results"\s*:\s*(?=\{)')
_SUMMARY = re.compile(rb'"summary"\s*:\s*\{')
_COUNTS = re.compile(rb'"(tests|failed)"\s*:\s*(\d{1,9})')
_MAX_LINES = 200  # of what a test printed
_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "pending": TestOutcome.SKIPPED,
    "other": TestOutcome.NOT_RUN,
}
#: Words of the writers themselves, in small letters, by what they were told as.
_RAW = {
    "failed": {
        "error": TestOutcome.ERROR,
        "errored": TestOutcome.ERROR,
        "broken": TestOutcome.ERROR,
        "interrupted": TestOutcome.ERROR,
        "undefined": TestOutcome.ERROR,
    },
    "pending": {"not_run": TestOutcome.NOT_RUN, "notrun": TestOutcome.NOT_RUN},
    "skipped": {"not_run": TestOutcome.NOT_RUN},
    "other": {
        "xfail": TestOutcome.XFAIL,
        "xfailed": TestOutcome.XFAIL,
        "error": TestOutcome.ERROR,
        "errored": TestOutcome.ERROR,
        "broken": TestOutcome.ERROR,
        "timedout": TestOutcome.FAILED,
        "interrupted": TestOutcome.ERROR,
        "todo": TestOutcome.SKIPPED,
        "ignored": TestOutcome.SKIPPED,
        "disabled": TestOutcome.SKIPPED,
    },
}


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report."""
    head = source.read(_HEAD_BYTES)
    results = _RESULTS.search(head)
    if results is None:
        return UNRECOGNISED
    red = 0
    items = JsonItems(Resumed(head[results.end() :], source), "tests")
    for item in items:
        case = _case(_decode(item), context)
        red += case.outcome in RED
        emit(case)
    counts = _counts(items.around)
    return Findings(
        is_recognised=bool(counts) or b'"CTRF"' in head,
        is_complete=items.is_complete and bool(counts),
        declared_total=counts.get("tests"),
        says_success=not red and not counts.get("failed") if counts else None,
    )


def _counts(around: bytes) -> dict[str, int]:
    """Find what the summary says, in what stands around the tests."""
    found = _SUMMARY.search(around)
    if found is None:
        return {}
    part = around[found.end() : found.end() + 2000].partition(b"}")[0]
    return {word.decode(): int(count) for word, count in reversed(_COUNTS.findall(part))}


def _case(test: Mapping[str, Any], context: ReadContext) -> TestCase:
    word = text_of(test, "status").lower()
    outcome = _OUTCOMES.get(word, TestOutcome.NOT_RUN)
    raw = text_of(test, "rawStatus").lower()
    outcome = _RAW.get(word, {}).get(raw, outcome)
    name = text_of(test, "name").strip() or "(no name)"
    milliseconds = test.get("duration")
    return TestCase(
        id=bound(" > ".join([*_suites(test), name]), 1000),
        outcome=outcome,
        file=relative(text_of(test, "filePath"), context.root).removeprefix("./"),
        line=max(0, int(number_of(test, "line"))),
        duration_seconds=(
            max(0.0, number_of(test, "duration") / 1000)
            if isinstance(milliseconds, int | float)
            else None
        ),
        message=bound(strip_escapes(text_of(test, "message"))),
        traceback=bound(strip_escapes(text_of(test, "trace"))) if outcome in RED else "",
        output=bound(strip_escapes("\n".join([*_lines(test, "stdout"), *_lines(test, "stderr")]))),
    )


def _suites(test: Mapping[str, Any]) -> list[str]:
    """Give the suites around a test: an array, or a text as older writers have it."""
    suite = test.get("suite")
    names = suite if isinstance(suite, list) else [suite]
    return [name for name in names if isinstance(name, str) and name]


def _lines(test: Mapping[str, Any], key: str) -> list[str]:
    lines = test.get(key)
    if not isinstance(lines, list):
        return []
    return [line[:2000] for line in lines[:_MAX_LINES] if isinstance(line, str)]


def _decode(data: bytes) -> dict[str, Any]:
    try:
        return object_of(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


FORMAT = Format(
    read=read,
    signature=r'"reportFormat"\s*:\s*"CTRF"|\A\s*\{\s*"results"\s*:\s*\{\s*"tool"\s*:\s*\{\s*"name"',
)
