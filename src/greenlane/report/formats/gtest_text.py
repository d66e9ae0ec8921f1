"""What programs of GoogleTest and cmocka print: `[ RUN      ]` before a test, its result behind it.

Sources: PrettyUnitTestResultPrinter in gtest.cc, cm_print in cmocka.c. CTest's `-V` puts the number
of the program before each line.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_MARK = re.compile(r"^(?:\d{1,6}: )?\[([ A-Z=-]{10})\] (.*)$")
_LATE = re.compile(r"\[(       OK |  FAILED  |  SKIPPED )\] (.*)$")  # behind a test's own output
_PLAN = re.compile(r"^(?:[^:]+: )?Running (\d{1,9}) tests?(?: from |\(s\)\.)")
_RAN = re.compile(
    r"^(?:[^:]+: )?\d{1,9} (?:tests? from \d+ test (?:suite|case)s? ran|test\(s\) run)\."
)
_PLACE = re.compile(r"^(?:\d{1,6}: )?(?:--- )?(\S.*?)[:(](\d{1,7})\)?: (?:Failure|error: )")
_SECONDS = re.compile(r"^(.*?)(?:, where (?:Get|Type)Param(?:\(\))? = .*?)? \((\d{1,12}) ms\)$")
_OUTCOMES = {
    "OK": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "SKIPPED": TestOutcome.SKIPPED,
    "ERROR": TestOutcome.ERROR,
}


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._tests = Counted(emit)
        self._context = context
        self._running = ""
        self._place = ("", 0)
        self._text = Excerpt()
        self._planned = self._begun = self._over = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        mark = _MARK.match(line) or (_LATE.search(line) if self._running else None)
        if mark is None:
            self._continue(line)
            return
        word, rest = mark[1].strip(), mark[2]
        if word == "RUN":
            if self._running:  # the program died, and the next one began
                self._end(TestOutcome.ERROR, None)
            self._running = rest.strip()
        elif word == "LINE" or (word == "ERROR" and rest.startswith("---")):
            self._continue(rest)
        elif outcome := _OUTCOMES.get(word):
            timed = _SECONDS.match(rest)
            name = timed[1] if timed else rest.strip()
            if self._running and name.partition(", where ")[0] == self._running:
                self._end(outcome, int(timed[2]) / 1000 if timed else None)
        elif word.startswith("==="):
            if plan := _PLAN.match(rest):
                self._begun += 1
                self._planned += int(plan[1])
            self._over += _RAN.match(rest) is not None

    def finish(self) -> Findings:
        """Say what the programs did."""
        running = [bound(self._running, 1000)] if self._running else []
        if running:
            self._text = Excerpt()
            self._text.add("timeout" if self._context.timed_out else "crash")
            self._end(TestOutcome.ERROR, None)
        is_over = self._over >= self._begun and not running
        return Findings(
            is_recognised=self._begun > 0,
            is_complete=is_over,
            declared_total=self._planned,
            running=running,
            unnamed_not_run=0 if is_over else max(0, self._planned - self._tests.total),
        )

    def _continue(self, line: str) -> None:
        if not self._running:
            return
        if not self._place[0] and (place := _PLACE.match(line)):
            self._place = (relative(place[1], self._context.root), int(place[2]))
        elif self._place[0] or self._text:
            self._text.add(line.removeprefix("--- "))

    def _end(self, outcome: TestOutcome, seconds: float | None) -> None:
        is_red = outcome in {TestOutcome.FAILED, TestOutcome.ERROR}
        file, line = self._place if is_red else ("", 0)
        text = self._text.text() if is_red else ""
        self._tests.send(self._running, outcome, text, file=file, line=line, seconds=seconds)
        self._running, self._place, self._text = "", ("", 0), Excerpt()


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what test programs printed, one after the other, between other output."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^(?:\d+: )?\[={10}\] (?:[^:\n]+: )?Running \d+ tests?(?: from |\(s\)\.)",
    is_text=True,
)
