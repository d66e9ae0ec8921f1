"""What Mocha prints for people: the tree of `spec`, then a summary and the failures.

The reporter `list` has whole titles instead of a tree. Others (`dot`, `min`, `nyan`, `landing`)
have no names of tests before the summary: those that failed are named by what is said of them, the
others are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_TEST = re.compile(r"^((?:  )+)(✔|✓|√|-|\d+\)) (.+?)(?: \((\d+)ms\)|: (\d+)ms)?$")
_SUITE = re.compile(r"^((?:  )+)(\S.*)$")
_SUMMARY = re.compile(r"^  (\d{1,9}) (passing|pending|failing)(?: \([^()]*\))?$")
_DETAIL = re.compile(r"^  (\d{1,9})\) (.*)$")
_HOOK = re.compile(r'(?:^| )"(?:before|after) (?:all|each)" hook\b')
_TITLE_LIMIT = 20  # lines of a title: suites within suites
_OUTCOMES = {
    "passing": TestOutcome.PASSED,
    "pending": TestOutcome.SKIPPED,
    "failing": TestOutcome.FAILED,
}
_HELD_LIMIT = 1000  # failed tests that wait for what is said about them


class _Spec:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._path: list[str] = []
        self._failed: dict[int, TestCase] = {}
        self._named: Counter[TestOutcome] = Counter()
        self._said: Counter[TestOutcome] = Counter()
        self._detail = 0
        self._title: list[str] | None = None  # what has been read of one; none: it is read
        self._text = Excerpt()
        self.is_ended = False
        self._is_detailed = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if summary := _SUMMARY.match(line):
            self._end(int(summary[1]), summary[2])
        elif self._is_detailed:
            self._take_detail(line)
        elif test := _TEST.match(line):
            self._take(test)
        elif suite := _SUITE.match(line):
            del self._path[len(suite[1]) // 2 - 1 :]
            self._path.append(suite[2])

    def finish(self) -> Findings:
        """Say what the run was."""
        self._end_detail()
        for case in self._failed.values():
            self._emit(case)
        unnamed = {
            outcome: count - self._named[outcome]
            for outcome, count in self._said.items()
            if count > self._named[outcome]
        }
        return Findings(is_recognised=self.is_ended, is_complete=self.is_ended, unnamed=unnamed)

    def _take(self, test: re.Match[str]) -> None:
        indent, mark, name, *times = test.groups()
        ms = times[0] or times[1]
        outcome = TestOutcome.SKIPPED if mark == "-" else TestOutcome.PASSED
        if mark.endswith(")"):
            outcome = TestOutcome.ERROR if _HOOK.search(name) else TestOutcome.FAILED
        self.is_ended = False
        self._named[TestOutcome.FAILED if mark.endswith(")") else outcome] += 1
        case = TestCase(
            id=bound(" ".join([*self._path[: len(indent) // 2 - 1], name]), 1000),
            outcome=outcome,
            duration_seconds=int(ms[:9]) / 1000 if ms else None,
        )
        if mark.endswith(")") and len(self._failed) < _HELD_LIMIT:
            number = int(mark[:-1][:9])
            if number in self._failed:
                self._emit(self._failed[number])
            self._failed[number] = case
        else:
            self._emit(case)

    def _end(self, count: int, word: str) -> None:
        self.is_ended = True
        self._said[_OUTCOMES[word]] += count
        if word == "failing":
            self._is_detailed = True

    def _take_detail(self, line: str) -> None:
        if begun := _DETAIL.match(line):
            self._end_detail()
            self._detail, self._title = int(begun[1]), []
            line = begun[2]
        if self._title is None:
            self._text.add(line.strip())
        elif line.strip() and len(self._title) < _TITLE_LIMIT:
            self._title.append(line.strip())
            if line.endswith(":"):
                self._name_failed(" ".join(self._title)[:-1])

    def _name_failed(self, name: str) -> None:
        """Name the test that is spoken of, where nothing has named it before."""
        self._title = None
        if self._detail in self._failed or len(self._failed) >= _HELD_LIMIT:
            return
        self._named[TestOutcome.FAILED] += 1
        outcome = TestOutcome.ERROR if _HOOK.search(name) else TestOutcome.FAILED
        self._failed[self._detail] = TestCase(id=bound(name, 1000), outcome=outcome)

    def _end_detail(self) -> None:
        text, self._text = self._text.text().strip(), Excerpt()
        case = self._failed.get(self._detail)
        if case and text:
            message = re.split(r"^at ", text, maxsplit=1, flags=re.MULTILINE)[0].strip()
            self._failed[self._detail] = msgspec.structs.replace(
                case, message=bound(message), traceback=bound(text)
            )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what Mocha printed, between other output."""
    spec = _Spec(emit)
    for line in clean_lines(source):
        spec.feed(line)
    return spec.finish()


FORMAT = Format(
    read=read,
    signature=r"^  \d+ passing \(\d+(?:ms|s|m|h)\)$",
    is_text=True,
)
