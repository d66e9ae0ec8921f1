"""Vitest's JUnit XML and TAP, whose tests get the ids that its JSON gives them.

Both show a file that could not be run as a failed test with the file's name. Its TAP calls a
`test.todo` passed (`ok 4 - some day # TODO`). Source: `packages/vitest/src/node/reporters`.
"""

from __future__ import annotations

import re
from typing import BinaryIO, cast

import msgspec

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats import junit, tap
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, name_file
from greenlane.report.formats.text import LINE_LIMIT

_PATH = re.compile(r"(\S+\.[cm]?[jt]sx?)(?: > (.+))?", re.DOTALL)

_TODO = re.compile(rb"# TODO\b")


class _Files:
    """Tell files that could not be run from tests."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._executed = self._broken = 0

    def take_tap(self, case: TestCase) -> None:
        """Take a point of TAP, which is called `file > suite > test`."""
        if found := _PATH.fullmatch(case.id):
            file = name_file(found[1], self._context.root)
            name = found[2].replace(" > ", " ") if found[2] else file
            case = msgspec.structs.replace(case, id=name, file=file)
        self.take(case)

    def take(self, case: TestCase) -> None:
        """Take a test."""
        if case.outcome in RED and case.id == case.file:
            self._broken += 1
            case = msgspec.structs.replace(case, outcome=TestOutcome.ERROR)
        else:
            self._executed += case.outcome in EXECUTED
        self._emit(case)

    def judge(self, findings: Findings) -> Findings:
        """Add what the files prove: where nothing else ran, a build error."""
        if self._broken and not self._executed:
            return msgspec.structs.replace(findings, status=RunStatus.BUILD_ERROR)
        return findings


class _Todos:
    """TAP in which what is still to be written counts as skipped."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line, or a part of it."""
        return _TODO.sub(b"# SKIP", self._source.readline(size))

    def read(self, size: int = -1, /) -> bytes:
        """Read at least so many bytes, up to the end of a line."""
        data = self._source.read(size)
        if data and not data.endswith(b"\n"):
            data += self._source.readline(LINE_LIMIT)
        return _TODO.sub(b"# SKIP", data)


def _read_junit(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    files = _Files(emit, context)
    return files.judge(junit.FORMAT.read(source, files.take, context))


def _read_tap(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    files = _Files(emit, context)
    todos = cast("BinaryIO", _Todos(source))
    return files.judge(tap.FORMAT.read(todos, files.take_tap, context))


JUNIT = Format(read=_read_junit, signature=r'\s*<testsuites name="vitest tests"')
TAP = Format(
    read=_read_tap,
    signature=r"^\s*(?:not )?ok \d+ - \S+\.[cm]?[jt]sx? (?:> .*)?# time=[\d.]+m?s",
)
