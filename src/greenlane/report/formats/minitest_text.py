"""What Minitest prints, alone or under Rails: with `-v` a line for each test, else the red ones."""

from __future__ import annotations

import re
from typing import BinaryIO

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_RESULT = re.compile(r"^(\S.*#.+?) = (\d+\.\d+) s = ([.FES])$")
_SUMMARY = re.compile(
    r"^(\d{1,9}) (?:runs|tests), \d+ assertions, (\d{1,9}) failures, (\d{1,9}) errors,"
    r" (\d{1,9}) skips"
)
_BLOCK = re.compile(r"^(?: +\d+\) )?(Failure|Error|Skipped):$")
_NAME = re.compile(r"^(\S.*#.+?)(?: \[(.+?):(\d{1,7})\])?:$")
_OUTCOMES = {
    ".": TestOutcome.PASSED,
    "F": TestOutcome.FAILED,
    "E": TestOutcome.ERROR,
    "S": TestOutcome.SKIPPED,
    "Failure": TestOutcome.FAILED,
    "Error": TestOutcome.ERROR,
    "Skipped": TestOutcome.SKIPPED,
}
_LINE_LIMIT = 4096  # characters; no line of a result is longer
_HELD_LIMIT = 10_000  # tests that wait for the other half of what is said about them


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._held: dict[str, TestCase] = {}
        self._named = dict.fromkeys(TestOutcome, 0)
        self._said = dict.fromkeys(TestOutcome, 0)
        self._block = ""
        self._about = ""
        self._text = Excerpt()
        self._summaries = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if result := _RESULT.match(line) if len(line) <= _LINE_LIMIT else None:
            self._end_block()
            self._take(result[1], _OUTCOMES[result[3]], float(result[2]))
        elif block := _BLOCK.match(line):
            self._end_block()
            self._block = block[1]
        elif summary := _SUMMARY.match(line):
            self._end_block()
            self._end_run([int(number) for number in summary.groups()])
        elif self._block and not self._about:
            self._begin_block(line)
        elif self._about:
            self._continue_block(line)

    def finish(self) -> Findings:
        """Say what the runs were."""
        self._end_block()
        self._flush()
        unnamed = {
            outcome: self._said[outcome] - self._named[outcome]
            for outcome in TestOutcome
            if self._said[outcome] > self._named[outcome]
        }
        return Findings(
            is_recognised=self._summaries > 0, is_complete=self._summaries > 0, unnamed=unnamed
        )

    def _take(self, name: str, outcome: TestOutcome, seconds: float | None) -> None:
        name = bound(name, 1000)
        held = self._held.get(name)
        if held and held.outcome is outcome and held.duration_seconds is None:
            self._held[name] = msgspec.structs.replace(held, duration_seconds=seconds)
            return
        self._named[outcome] += 1
        case = TestCase(id=name, outcome=outcome, duration_seconds=seconds)
        if outcome is TestOutcome.PASSED or held or len(self._held) >= _HELD_LIMIT:
            self._emit(case)
        else:
            self._held[name] = case

    def _begin_block(self, line: str) -> None:
        named = _NAME.match(line)
        if named is None:
            self._block = ""
            return
        outcome = _OUTCOMES[self._block]
        name = bound(named[1], 1000)
        if name not in self._held:
            self._take(name, outcome, None)
        self._about = name
        if (case := self._held.get(name)) and named[2]:
            file = relative(named[2], self._context.root)
            self._held[name] = msgspec.structs.replace(case, file=file, line=int(named[3]))

    def _continue_block(self, line: str) -> None:
        """Take what is said of a test: up to a blank line."""
        if line.strip():
            self._text.add(line.strip())
        else:
            self._end_block()

    def _end_block(self) -> None:
        name, self._about, self._block = self._about, "", ""
        text, self._text = self._text.text(), Excerpt()
        if text and (case := self._held.get(name)):
            self._held[name] = msgspec.structs.replace(
                case,
                message=bound(text.partition("\n")[0]),
                traceback=bound(text) if case.outcome in RED else "",
            )

    def _end_run(self, counts: list[int]) -> None:
        runs, failures, errors, skips = counts
        self._summaries += 1
        self._said[TestOutcome.PASSED] += max(0, runs - failures - errors - skips)
        self._said[TestOutcome.FAILED] += failures
        self._said[TestOutcome.ERROR] += errors
        self._said[TestOutcome.SKIPPED] += skips
        self._flush()

    def _flush(self) -> None:
        held, self._held = self._held, {}
        for case in held.values():
            self._emit(case)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Minitest printed, between other output."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^\d+ (?:runs|tests), \d+ assertions, \d+ failures, \d+ errors, \d+ skips",
    is_text=True,
)
