"""What shUnit2 prints: the name of each test, `ASSERT:` below it, and a summary of assertions.

Its counts of failed and skipped are of assertions (`_shunit_generateReport` in shunit2), and
nothing says which tests were skipped.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RunStatus, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_NAME = re.compile(r"^(test\w*)$")
_ASSERT = re.compile(r"^ASSERT:(.*)$")
_RETURNED = re.compile(r"^shunit2:(?:ERROR|FATAL) (\S+)\(\) returned non-zero return code")
_UNKNOWN = re.compile(r"\beval: (?:line \d+: )?([^\s:]+): (?:command )?not found$")
_RAN = re.compile(r"^Ran (\d{1,9}) tests?\.$")
_END = re.compile(r"^(?:OK|FAILED)(?: \(((?:\w+=\d{1,9},? ?)+)\))?$")
_COUNT = re.compile(r"(\w+)=(\d+)")
_MAX_TESTS = 100_000


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._tests = Counted(emit)
        self._texts: dict[str, Excerpt | None] = {}  # what is wrong with a test; None: nothing
        self._current = ""
        self._unknown: dict[str, None] = {}
        self._counts: dict[str, int] = {}
        self._ran: int | None = None
        self._is_over = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if name := _NAME.match(line):
            self._current = name[1] if len(self._texts) < _MAX_TESTS else ""
            self._texts.setdefault(name[1], None)
        elif wrong := _ASSERT.match(line):
            self._blame(self._current, wrong[1])
        elif returned := _RETURNED.match(line):
            self._blame(returned[1], "it returned a non-zero code")
        elif unknown := _UNKNOWN.search(line):
            if len(self._unknown) < 20:
                self._unknown[unknown[1]] = None
        elif ran := _RAN.match(line):
            self._ran, self._current = int(ran[1]), ""
        elif self._ran is not None and (end := _END.match(line)):
            self._is_over = True
            self._counts = {word: int(count) for word, count in _COUNT.findall(end[1] or "")}

    def finish(self) -> Findings:
        """Hand the tests over; those that may have been skipped are only counted."""
        skipped = self._counts.get("skipped", 0)
        for name, text in self._texts.items():
            if text is not None:
                outcome = TestOutcome.ERROR if name in self._unknown else TestOutcome.FAILED
                self._tests.send(name, outcome, text.text())
            elif not skipped:
                self._tests.send(name, TestOutcome.PASSED)
        unknown = [name for name in self._unknown if name not in self._texts]
        left = max(0, (self._ran or 0) - self._tests.total - len(unknown))
        is_red = bool(self._counts.get("failures")) and self._tests.red == 0
        said = {
            TestOutcome.SKIPPED: min(skipped, left),
            TestOutcome.PASSED: self._tests.named[TestOutcome.PASSED] + max(0, left - skipped),
        }
        return Findings(
            is_recognised=self._ran is not None,
            is_complete=self._is_over,
            says_success=not self._counts.get("failures") if self._is_over else None,
            status=RunStatus.USAGE_ERROR if unknown and is_red else None,
            problems=[bound(f"there is no test {name}", 500) for name in unknown],
            unnamed=self._tests.unnamed(said),
        )

    def _blame(self, name: str, what: str) -> None:
        if name not in self._texts:
            return
        text = self._texts[name]
        if text is None:
            text = self._texts[name] = Excerpt()
            text.add(what)
        elif what != "it returned a non-zero code":
            text.add(what)


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what shUnit2 printed, between other output."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^Ran \d+ tests?\.\n\n(?:OK|FAILED)\b|^shunit2:(?:ERROR|FATAL) ",
    is_text=True,
)
