"""Playwright's `--reporter=json`, read file by file: memory does not grow with the report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.json_document import object_of, objects_of
from greenlane.report.formats.json_items import JsonItems, Resumed
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import strip_escapes

_HEAD_BYTES = 64 * 1024
_START = re.compile(rb'^\{\s*"config": ?\{', re.MULTILINE)
_MARK = re.compile(rb'"stats": ?\{\s*"startTime"')
_COUNTS = re.compile(rb'"(expected|skipped|unexpected|flaky)": ?(\d{1,9})')
_NO_TESTS = "No tests found"
_DEPTH_LIMIT = 100


class _Suites:
    """Emit the tests of suites within suites."""

    def __init__(self, emit: Emit, context: ReadContext, root: str) -> None:
        self._emit = emit
        self._context = context
        self._root = root  # folder that files are named below
        self.executed = 0

    def take(self, suite: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
        """Take a file's suite, or one within it; the file's own title is no part of an id."""
        for spec in objects_of(suite.get("specs")):
            for test in objects_of(spec.get("tests")):
                self._send(spec, test, path)
        for inner in objects_of(suite.get("suites")):
            if len(path) < _DEPTH_LIMIT:
                self.take(inner, (*path, text_of(inner, "title")))

    def fail(self, error: Mapping[str, Any]) -> None:
        """Emit a file that could not be loaded."""
        message = strip_escapes(text_of(error, "message"))
        place = object_of(error.get("location"))
        file = relative(text_of(place, "file"), self._context.root)
        self._emit(
            TestCase(
                id=bound(file, 1000),
                outcome=TestOutcome.ERROR,
                file=file,
                line=_line(place),
                message=bound(message.partition("\n")[0]),
                traceback=bound(strip_escapes(text_of(error, "stack")) or message),
            )
        )

    def _send(
        self, spec: Mapping[str, Any], test: Mapping[str, Any], path: tuple[str, ...]
    ) -> None:
        results = objects_of(test.get("results"))
        last = results[-1] if results else {}
        outcome = _outcome(test, last)
        self.executed += outcome in EXECUTED
        errors = [text_of(one, "message")[:20_000] for one in objects_of(last.get("errors"))[:10]]
        whole = strip_escapes("\n\n".join(errors)) if outcome in RED else ""
        file = "/".join(part for part in (self._root, text_of(spec, "file")) if part)
        self._emit(
            TestCase(
                id=bound(" > ".join([*path, text_of(spec, "title")]), 1000) or "(no name)",
                outcome=outcome,
                file=relative(file, self._context.root),
                line=_line(spec),
                duration_seconds=number_of(last, "duration") / 1000 if results else None,
                message=bound(re.split(r"\n\s+at |\n\n\s+\d+ \|", whole, maxsplit=1)[0].strip()),
                traceback=bound(whole),
            )
        )


def _line(place: Mapping[str, Any]) -> int:
    return max(0, int(number_of(place, "line")))


def _outcome(test: Mapping[str, Any], last: Mapping[str, Any]) -> TestOutcome:
    status = text_of(test, "status")
    if status == "skipped":
        return TestOutcome.SKIPPED
    if status == "flaky":
        return TestOutcome.PASSED
    if status == "expected":
        is_passed = text_of(last, "status") == "passed"
        return TestOutcome.PASSED if is_passed else TestOutcome.XFAIL
    is_interrupted = text_of(last, "status") == "interrupted"
    return TestOutcome.ERROR if is_interrupted else TestOutcome.FAILED


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report; what the run printed before it is skipped."""
    head = source.read(_HEAD_BYTES)
    start = _START.search(head)
    if start is None:
        return UNRECOGNISED
    head = head[start.start() :]
    root = re.search(rb'"rootDir": ?("(?:[^"\\]|\\.)*")', head)
    suites = _Suites(emit, context, _text(root[1]) if root else "")
    items = JsonItems(Resumed(head, source), "suites")
    for item in items:
        suites.take(_decode(item))
    around = items.around[max(0, items.around.rfind(items.around[:64])) :]  # twice: no suites
    if not items.is_complete or not _MARK.search(around):
        return Findings(is_recognised=True, is_complete=False)
    return _findings(suites, around)


def _findings(suites: _Suites, around: bytes) -> Findings:
    report = _decode(around)
    errors = objects_of(report.get("errors"))
    counts = {word.decode(): int(count) for word, count in _COUNTS.findall(around)}
    said = [strip_escapes(text_of(one, "message")) for one in errors]
    is_empty = bool(said) and all(_NO_TESTS in one for one in said)
    for error in errors:
        if text_of(object_of(error.get("location")), "file") and not suites.executed:
            suites.fail(error)
    status = None
    if is_empty and not suites.executed:
        status = RunStatus.NO_TESTS
    elif errors and not suites.executed:
        status = RunStatus.BUILD_ERROR
    return Findings(
        is_recognised=True,
        is_complete=bool(report),
        declared_total=sum(counts.values()),
        says_success=not errors and not counts.get("unexpected"),
        status=status,
        problems=[bound(one, 500) for one in said[:20]],
    )


def _decode(data: bytes) -> dict[str, Any]:
    try:
        return object_of(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _text(data: bytes) -> str:
    try:
        return str(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


FORMAT = Format(read=read, signature=r'^\{\s*"config": ?\{\s*"(?:argv|configFile|rootDir)":')
