"""What `prove` prints at its end: the counts of all files and the numbers of the red tests.

Source: TAP::Formatter::Base, `summary`. Of a file that is green nothing but its number of tests is
said: what it skipped counts as passed.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import UNRECOGNISED, Emit, Findings, Format, ReadContext
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.text import clean_lines

_FILE = re.compile(r"^(\S+)\s+\(Wstat: \d.* Tests: (\d{1,9}) Failed: (\d{1,9})\)$")
_FAILED = re.compile(r"^ {2,4}Failed tests?: +(\d[\d, -]*)$")
_MORE = re.compile(r"^ {8,}(\d[\d, -]*)$")
_PARSE_ERROR = re.compile(r"^  Parse errors: (.*)$")
_ALL = re.compile(r"^Files=\d{1,9}, Tests=(\d{1,9}),")
_RESULT = re.compile(r"^Result: (PASS|FAIL|NOTESTS)$")
_MAX_NAMED = 10_000
_MAX_PROBLEMS = 20


class _Summary:
    def __init__(self, emit: Emit) -> None:
        self._tests = Counted(emit)
        self._file = ""
        self._failed = self._total = 0
        self._results: set[str] = set()
        self._is_list = False
        self._problems: list[str] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        numbers = _FAILED.match(line) or (_MORE.match(line) if self._is_list else None)
        self._is_list = numbers is not None
        if numbers and self._file:
            self._name(numbers[1])
        elif file := _FILE.match(line):
            self._file = file[1][:500]
            self._failed += int(file[3])
        elif error := _PARSE_ERROR.match(line):
            if len(self._problems) < _MAX_PROBLEMS:
                self._problems.append(f"{self._file}: {error[1][:500]}")
        elif every := _ALL.match(line):
            self._total += int(every[1])
        elif result := _RESULT.match(line):
            self._results.add(result[1])
            self._file = ""

    def finish(self) -> Findings:
        """Say what the run was."""
        if not self._results:
            return UNRECOGNISED
        failed = max(self._failed, self._tests.red)
        said = {
            TestOutcome.FAILED: failed,
            TestOutcome.PASSED: max(0, self._total - failed),
        }
        return Findings(
            is_recognised=True,
            is_complete=True,
            says_success=False if "FAIL" in self._results else None,
            problems=self._problems,
            unnamed=self._tests.unnamed(said),
        )

    def _name(self, numbers: str) -> None:
        """Name red tests by their file and number: `2, 5-7`."""
        for part in numbers.split(","):
            first, _, last = part.strip().partition("-")
            if not first.strip().isdecimal():
                continue
            begin = int(first[:9])
            end = int(last[:9]) if last.strip().isdecimal() else begin
            for number in range(begin, min(end, begin + _MAX_NAMED) + 1):
                if self._tests.total < _MAX_NAMED:
                    self._tests.send(f"{self._file} {number}", TestOutcome.FAILED, file=self._file)


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what prove printed, between other output."""
    summary = _Summary(emit)
    for line in clean_lines(source):
        summary.feed(line)
    return summary.finish()


FORMAT = Format(
    read=read, signature=r"^Result: (?:PASS|FAIL|NOTESTS)$|^Files=\d+, Tests=\d+,", is_text=True
)
