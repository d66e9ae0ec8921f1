"""What ERT, Emacs' test library, prints in batch mode (`ert-run-tests-batch` in ert.el).

A word in capitals is an unexpected result: `failed` in small letters was expected to fail.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_PLAN = re.compile(r"^Running (\d{1,9}) tests \(")
_RESULT = re.compile(
    r"^ {0,8}(passed|PASSED|failed|FAILED|skipped|SKIPPED|aborted|ABORTED|quit|QUIT)"
    r" +(\d{1,9})/\d{1,9} {1,9}(\S+)(?: \((\d+\.\d+) sec\))?"
)
_CONDITION = re.compile(r"^Test (\S+) condition:$")
_BACKTRACE = re.compile(r"^Test \S+ backtrace:$")
_SUMMARY = re.compile(
    r"^(Aborted: )?Ran (\d{1,9}) tests, (\d{1,9}) results? as expected"
    r"(?:, (\d{1,9}) unexpected)?(?:, (\d{1,9}) skipped)?"
)
_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "PASSED": TestOutcome.FAILED,  # it was expected to fail
    "failed": TestOutcome.XFAIL,
    "FAILED": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "SKIPPED": TestOutcome.SKIPPED,
}


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._tests = Counted(emit)
        self._planned = 0
        self._text: Excerpt | None = None
        self._summaries = self._said_red = 0
        self._is_aborted = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if result := _RESULT.match(line):
            word, _, name, seconds = result.groups()
            text, self._text = self._text.text() if self._text else "", None
            outcome = _OUTCOMES.get(word, TestOutcome.ERROR)
            took = float(seconds) if seconds else None
            self._tests.send(name, outcome, text, seconds=took)
        elif summary := _SUMMARY.match(line):
            self._summaries += 1
            self._is_aborted = self._is_aborted or bool(summary[1])
            self._said_red += int(summary[4] or 0)
            self._text = None
        elif plan := _PLAN.match(line):
            self._planned += int(plan[1])
        elif _CONDITION.match(line):
            self._text = Excerpt()
        elif _BACKTRACE.match(line):
            self._text = None
        elif self._text is not None:
            self._text.add(line.strip())

    def finish(self) -> Findings:
        """Say what the runs were."""
        is_over = self._summaries > 0 and not self._is_aborted
        return Findings(
            is_recognised=self._summaries > 0 or self._planned > 0,
            is_complete=is_over,
            declared_total=self._planned or None,
            says_success=self._said_red == 0 if is_over else None,
            unnamed_not_run=0 if is_over else max(0, self._planned - self._tests.total),
        )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what ERT printed, between other messages of Emacs."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^Running \d+ tests \(\d{4}-|^(?:Aborted: )?Ran \d+ tests, \d+ results? as expected",
    is_text=True,
)
