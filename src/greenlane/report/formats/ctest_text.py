"""What CTest prints: a line for each test as it ends, then the counts."""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.text import clean_lines

_RESULT = re.compile(
    r"^ *\d+/\d+ Test +#\d+: (.+?) (?:\.+ *)?(Passed|\*\*\*.+?) +(\d+\.\d+) sec(?:\s.*)?$"
)
_START = re.compile(r"^ *Start +\d+: (.{1,1000}?)\s*$")
_LISTED = re.compile(r"^  Test +#\d+: (.{1,1000}?)(?: \(Disabled\))?$")
_LIST_END = re.compile(r"^Total Tests: \d+$")
_MAX_RUNNING = 1000
_LINE_LIMIT = 4096  # characters; no line of a result is longer
_SUMMARY = re.compile(r"^\d+% tests passed, (\d{1,9}) tests? failed out of (\d{1,9})$")


class _Lines:
    """Follow the lines; what a test printed may stand between them."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._count = self._red = self._said_red = self._summaries = 0
        self._running: dict[str, None] = {}
        self._listed: list[str] = []

    def take(self, line: str) -> None:
        """Take the next line."""
        if result := _RESULT.match(line):
            case = _case(result)
            self._running.pop(case.id, None)
            self._count += 1
            self._red += case.outcome in RED
            self._emit(case)
        elif summary := _SUMMARY.match(line):
            self._summaries += 1
            self._said_red += int(summary[1])
        elif started := _START.match(line):
            if len(self._running) < _MAX_RUNNING:
                self._running[bound(started[1], 1000)] = None
        elif listed := _LISTED.match(line):
            self._listed.append(listed[1])
        elif _LIST_END.match(line):
            for name in self._listed:
                self._emit(TestCase(id=bound(name, 1000), outcome=TestOutcome.NOT_RUN))
            self._count += len(self._listed)
            self._summaries += bool(self._listed)
            self._listed = []

    def finish(self) -> Findings:
        """Name what was running when the text broke off, and say what the text was."""
        running = [] if self._summaries else list(self._running)
        word = "timeout" if self._context.timed_out else "crash"
        for name in running:
            self._emit(TestCase(id=name, outcome=TestOutcome.ERROR, message=word))
        more_red = self._said_red - self._red
        return Findings(
            is_recognised=self._count > 0 or self._summaries > 0 or bool(running),
            is_complete=self._summaries > 0,
            says_success=self._said_red == 0 if self._summaries else None,
            running=running[:20],
            unnamed={TestOutcome.FAILED: more_red} if more_red > 0 else {},
        )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the lines of results, or of a list of tests (`ctest -N`)."""
    lines = _Lines(emit, context)
    for line in clean_lines(source):
        if len(line) <= _LINE_LIMIT:
            lines.take(line)
    return lines.finish()


def _case(result: re.Match[str]) -> TestCase:
    name, told, seconds = result.groups()
    said = told.removeprefix("***").strip()
    outcome = _outcome(said)
    return TestCase(
        id=bound(name.strip(), 1000),
        outcome=outcome,
        duration_seconds=float(seconds),
        message=bound(said) if outcome is not TestOutcome.PASSED else "",
    )


def _outcome(said: str) -> TestOutcome:
    if said == "Passed":
        return TestOutcome.PASSED
    if said == "Skipped" or said.endswith("(Disabled)"):
        return TestOutcome.SKIPPED
    if said.startswith("Not Run"):
        return TestOutcome.ERROR  # the executable is missing, or what it needs failed
    return TestOutcome.FAILED


FORMAT = Format(
    read=read,
    signature=(
        r"^\d+% tests passed, \d+ tests? failed out of \d+$"
        r"|^ +Start +\d+: \S|^Total Tests: \d+$"
    ),
    is_text=True,
)
