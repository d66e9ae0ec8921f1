"""What node:test's spec reporter prints for people: a tree of marks, then a summary.

A parent with subtests of its own is a suite: it counts only where it failed by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    name_file,
    relative,
)
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_MARKED = re.compile(r"^( *)([▶✔✖﹣⚠]) (.+?)(?: \((\d+(?:\.\d+)?)ms\)(?: # (.*))?)?$")
_SUMMARY = re.compile(r"^\u2139 (tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$")
_POSITION = re.compile(r"(?:^|[\s(])(?:file://)?(/[^\s():]+):(\d+):\d+\)?$")
_FILE = re.compile(r"\.[cm]?[jt]sx?$")
_FAILING = "✖ failing tests:"
_FILTERED = "test name does not match pattern"


@dataclass
class _Held:
    """A marked line and what was printed below it."""

    depth: int
    name: str
    mark: str
    seconds: float | None
    note: str
    is_suite: bool = False
    red_below: bool = False
    output: Excerpt = field(default_factory=Excerpt)


class _Spec:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._open: list[str] = []  # suites that have begun, outermost first
        self._red: list[bool] = []  # whether a test below has failed, for each of them
        self._held: _Held | None = None
        self._todos: list[TestCase] = []
        self.counts: dict[str, int] = {}
        self.is_ended = False
        self.marks = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if summary := _SUMMARY.match(line):
            self._flush()
            self.counts[summary[1]] = int(summary[2][:9])
        elif line == _FAILING:
            self._flush()
            self.is_ended = True  # what follows repeats what failed
        elif self.is_ended:
            return
        elif marked := _MARKED.match(line):
            self._take(marked)
        elif self._held:
            self._held.output.add(line.strip())

    def finish(self) -> Findings:
        """Say what the run was."""
        self._flush()
        return Findings(
            is_recognised=self.marks > 0 or "tests" in self.counts,
            is_complete="tests" in self.counts,
            status=RunStatus.NO_TESTS if self.counts.get("tests") == 0 else None,
        )

    def _take(self, marked: re.Match[str]) -> None:
        indent, mark, name, ms, note = marked.groups()
        depth = len(indent) // 2
        self._flush()
        self.marks += 1
        if mark == "▶" and ms is None:
            del self._open[depth:], self._red[depth:]
            self._open.append(name)
            self._red.append(False)
            return
        is_suite = len(self._open) == depth + 1 and self._open[depth] == name
        red_below = is_suite and self._red[depth]
        del self._open[depth:], self._red[depth:]
        seconds = float(ms) / 1000 if ms else None
        held = _Held(depth, name, mark, seconds, note or "")
        held.is_suite, held.red_below = is_suite, red_below
        self._held = held

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        is_red = held.mark in "✖▶" and not _is_todo(held)
        if is_red:
            self._red = [True] * len(self._red)
        said = held.output.text()
        if held.is_suite and not (is_red and not held.red_below):
            return  # a suite counts only where it failed and nothing in it did
        if held.note == _FILTERED:
            return
        self._emit(self._case(held, said))

    def _case(self, held: _Held, said: str) -> TestCase:
        name = name_file(held.name, self._context.root)
        outcome = _outcome(held)
        if outcome in RED and _FILE.search(held.name) and said.startswith("'test failed'"):
            outcome = TestOutcome.ERROR  # the file's process died
        lines = said.splitlines()
        if outcome is TestOutcome.ERROR:
            file, line, lines = name, 0, lines[:1]
        else:
            file, line = self._locate(lines)
        end = next((number for number, one in enumerate(lines) if one.startswith("at ")), 20)
        return TestCase(
            id=bound(" > ".join([*self._open[: held.depth], name]), 1000),
            outcome=outcome,
            file=file,
            line=line,
            duration_seconds=held.seconds,
            message=bound("\n".join(lines[:end]) if outcome in RED else held.note),
            traceback=bound(said) if outcome in RED else "",
        )

    def _locate(self, lines: list[str]) -> tuple[str, int]:
        for line in lines:
            if at := _POSITION.search(line):
                return relative(at[1], self._context.root), int(at[2][:9])
        return "", 0


def _is_todo(held: _Held) -> bool:
    return held.note.upper().startswith("TODO") or held.mark == "⚠"


def _outcome(held: _Held) -> TestOutcome:
    if held.mark == "﹣":
        return TestOutcome.SKIPPED
    if held.mark == "✔":
        return TestOutcome.PASSED
    if _is_todo(held):
        return TestOutcome.XFAIL
    return TestOutcome.FAILED


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what the spec reporter printed, between other output."""
    spec = _Spec(emit, context)
    for line in clean_lines(source):
        spec.feed(line)
    return spec.finish()


FORMAT = Format(
    read=read,
    signature=r"(?:\x1b\[[0-9;]*m|\x20)*(?:(?:▶|✔|✖|﹣) |\u2139 (?:tests|suites) \d)".replace(
        r"\u2139", "\u2139"
    ),
    is_text=True,
)
