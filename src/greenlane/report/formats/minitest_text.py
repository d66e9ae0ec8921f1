"""What Minitest prints, alone or under Rails: with `-v` a line for each test, else the red ones.

Read too: the reporters of the gem minitest-reporters, and test-unit, whose last line is alike.
"""

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
    r" (\d{1,9}) (?:skips|pendings(?:, (\d{1,9}) omissions)?)"
)
_ROW = re.compile(r"^  (test_\S.*?) +(PASS|FAIL|ERROR|SKIP) \((\d+\.\d+)s\)$")
_ROWS_OF = re.compile(r"^([A-Z][\w:]*)$")
_PLAIN = re.compile(r"^ *(FAIL|ERROR|SKIP) (\S+#\S.*?) \((\d+\.\d+)s\)$")
_LISTED = re.compile(
    r'^ *(FAIL|ERROR|SKIP)\["(test_[^"]+)", #?<?(?:Class:)?"?([\w:]+)"?>?, (\d+\.\d+)'
)
_UNIT = re.compile(r"^(Failure|Error|Pending|Omission): (test\S.*?)\(([A-Z][\w:]*)\)(?:: (.*))?$")
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
    "PASS": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "ERROR": TestOutcome.ERROR,
    "SKIP": TestOutcome.SKIPPED,
    "Pending": TestOutcome.SKIPPED,
    "Omission": TestOutcome.SKIPPED,
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
        self._class = ""
        self._text = Excerpt()
        self._summaries = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        line = line[:_LINE_LIMIT]
        if result := _RESULT.match(line):
            self._end_block()
            self._take(result[1], _OUTCOMES[result[3]], float(result[2]))
        elif block := _BLOCK.match(line):
            self._end_block()
            self._block = block[1]
        elif summary := _SUMMARY.match(line):
            self._end_block()
            self._end_run([int(number or 0) for number in summary.groups()])
        elif self._take_row(line):
            return
        elif self._block and not self._about:
            self._begin_block(line)
        elif self._about:
            self._continue_block(line)

    def _take_row(self, line: str) -> bool:
        """Take a result as minitest-reporters and test-unit write it; False where it is none."""
        if row := _ROW.match(line) if self._class else None:
            name, word, seconds = f"{self._class}#{row[1]}", row[2], row[3]
        elif plain := _PLAIN.match(line):
            word, name, seconds = plain[1], plain[2], plain[3]
        elif listed := _LISTED.match(line):
            word, name, seconds = listed[1], f"{listed[3]}#{listed[2]}", listed[4]
        elif unit := _UNIT.match(line):
            word, name, seconds = unit[1], f"{unit[3]}#{unit[2]}", ""
        else:
            if not self._about and (heading := _ROWS_OF.match(line)):
                self._class = heading[1]
            return False
        self._end_block()
        if name not in self._held:
            self._take(name, _OUTCOMES[word], float(seconds) if seconds else None)
        if word != "PASS":
            self._block, self._about = word, bound(name, 1000)
        return True

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
        runs, failures, errors, *skipped = counts
        skips = sum(skipped)
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
    signature=(
        r"^\d+ (?:runs|tests), \d+ assertions, \d+ failures, \d+ errors, \d+ (?:skips|pendings)"
    ),
    is_text=True,
)
