"""Mocha's JSON: the `json` reporter's document, that of mochawesome, and lines of `json-stream`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import (
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    name_file,
)
from greenlane.report.formats.json_document import Told, document_reader, object_of, objects_of
from greenlane.report.formats.json_lines import LINE_LIMIT, number_of, text_of
from greenlane.report.formats.text import raw_lines, strip_escapes

HOOK = re.compile(r'^"(?:before|after) (?:all|each)" hook\b')
_POSITION = re.compile(r"(?:^|[\s(])(?:file://)?([^\s()]+?):(\d{1,7}):\d+\)?$", re.MULTILINE)


def _tell(report: dict[str, Any], context: ReadContext) -> Told | None:
    stats = object_of(report.get("stats"))
    if isinstance(report.get("results"), list) and "testsRegistered" in stats:
        return mochawesome_tests(report, context), Findings(
            is_recognised=True,
            is_complete="end" in stats,
            declared_total=int(number_of(stats, "testsRegistered")),
            says_success=number_of(stats, "failures") == 0,
        )
    if not isinstance(report.get("tests"), list) or "passes" not in stats:
        return None
    failures = int(number_of(stats, "failures"))
    return _tests(report, context), Findings(
        is_recognised=True,
        is_complete="end" in stats,
        declared_total=int(
            number_of(stats, "passes") + number_of(stats, "pending") + number_of(stats, "failures")
        ),
        says_success=failures == 0,
    )


def mochawesome_tests(report: Mapping[str, Any], context: ReadContext) -> Iterator[TestCase]:
    """Give the tests of mochawesome, suites within suites, and the hooks that failed."""
    suites = objects_of(report.get("results"))
    while suites:
        suite = suites.pop()
        suites += objects_of(suite.get("suites"))
        file = text_of(suite, "fullFile")
        hooks = [*objects_of(suite.get("beforeHooks")), *objects_of(suite.get("afterHooks"))]
        tests = objects_of(suite.get("tests"))
        for test in [*(one for one in hooks if one.get("fail") is True), *tests]:
            error = object_of(test.get("err"))
            told = {"message": error.get("message"), "stack": error.get("estack")}
            yield _case({**test, "file": file, "err": told}, _mochawesome(test), context)


def _mochawesome(test: Mapping[str, Any]) -> TestOutcome:
    if test.get("fail") is True:
        return TestOutcome.FAILED
    if test.get("pending") is True:
        return TestOutcome.SKIPPED
    return TestOutcome.PASSED if test.get("pass") is True else TestOutcome.NOT_RUN


def _tests(report: Mapping[str, Any], context: ReadContext) -> Iterator[TestCase]:
    """Give the tests by list; one that ended and stands in none of them is not known to pass."""
    seen: set[tuple[str, str]] = set()
    for key, outcome in (
        ("passes", TestOutcome.PASSED),
        ("failures", TestOutcome.FAILED),
        ("pending", TestOutcome.SKIPPED),
    ):
        for test in objects_of(report.get(key)):
            seen.add((text_of(test, "file"), text_of(test, "fullTitle")))
            yield _case(test, outcome, context)
    for test in objects_of(report.get("tests")):
        if (text_of(test, "file"), text_of(test, "fullTitle")) not in seen:
            yield _case(test, TestOutcome.NOT_RUN, context)


def _case(test: Mapping[str, Any], outcome: TestOutcome, context: ReadContext) -> TestCase:
    if outcome is TestOutcome.FAILED and HOOK.match(text_of(test, "title")):
        outcome = TestOutcome.ERROR
    error = test.get("err")  # `json-stream` has the message itself, and the stack beside it
    told = object_of(error)
    message = strip_escapes(text_of(told, "message") or (error if isinstance(error, str) else ""))
    trace = strip_escapes(text_of(told, "stack") or text_of(test, "stack"))
    file = text_of(test, "file")
    return TestCase(
        id=bound(text_of(test, "fullTitle").strip() or text_of(test, "title"), 1000) or "(no name)",
        outcome=outcome,
        file=name_file(file, context.root),
        line=_line(trace, file),
        duration_seconds=number_of(test, "duration") / 1000 if "duration" in test else None,
        message=bound(message) if outcome in RED else "",
        traceback=bound(trace) if outcome in RED else "",
    )


def _line(trace: str, file: str) -> int:
    for path, line in _POSITION.findall(trace[:20_000]):
        if file and (file == path or file.endswith(f"/{path}")):
            return int(line)
    return 0


def read_stream(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the lines of `json-stream`, between other output."""
    ends: list[dict[str, Any]] = []
    starts = 0
    for line in raw_lines(source, LINE_LIMIT):
        kind, told = _event(line)
        if kind == "start":
            starts += 1
        elif kind == "end":
            ends.append(told)
        elif kind:
            outcome = TestOutcome.PASSED if kind == "pass" else TestOutcome.FAILED
            emit(_case(told, outcome, context))
    pending = int(sum(number_of(end, "pending") for end in ends))
    return Findings(
        is_recognised=starts > 0,
        is_complete=0 < starts <= len(ends),
        declared_total=int(
            sum(number_of(end, key) for end in ends for key in ("passes", "failures", "pending"))
        ),
        says_success=not any(number_of(end, "failures") for end in ends) if ends else None,
        unnamed={TestOutcome.SKIPPED: pending} if pending > 0 else {},
    )


def _event(line: bytes) -> tuple[str, dict[str, Any]]:
    if not line.startswith(b'["'):
        return "", {}
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", {}
    match event:
        case ["start" | "pass" | "fail" | "end" as kind, dict() as told]:
            return str(kind), told
    return "", {}


_START = r'^\{\s*"stats": ?\{\s*"suites": ?\d+,\s*"tests": ?\d+,\s*"passes": ?\d+,\s*"pending"'
FORMAT = Format(read=document_reader(_START, _tell), signature=_START)
STREAM = Format(read=read_stream, signature=r'^\["start",\{"total":\d+\}\]$')
