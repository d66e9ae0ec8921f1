"""What Jasmine's own reporter prints: dots, then failures, pending specs and a summary.

Specs that passed are only counted. Source: lib/reporters/console_reporter.js of
https://github.com/jasmine/jasmine-npm.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_ITEM = re.compile(r"^\d{1,9}\) (.+)$")
_SUITE_ERROR = re.compile(r"^Suite error: (.+)$")
_SUMMARY = re.compile(r"^(\d{1,9}) specs?, (\d{1,9}) failures?(?:, (\d{1,9}) pending specs?)?$")
_FINISHED = re.compile(r"^Finished in [\d.]+ seconds?$")
_POSITION = re.compile(r"(?:^|[\s(])(?:file://)?(/[^\s():]+):(\d{1,9}):\d+\)?$", re.MULTILINE)
_INTERNAL = re.compile(r"/node_modules/|<Jasmine>")
_INCOMPLETE = "Incomplete: "


class _Console:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._part = ""  # `Failures:` or `Pending:`, or nothing of these
        self._name = ""
        self._outcome = TestOutcome.FAILED
        self._text = Excerpt()
        self._red_specs = self._red_suites = self._pending = 0
        self._said: list[tuple[int, int, int]] = []
        self._is_known = self._is_ended = False
        self._problems: list[str] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        if summary := _SUMMARY.match(line):
            self._end_item()
            self._part = ""
            self._said.append((int(summary[1]), int(summary[2]), int(summary[3] or 0)))
        elif _FINISHED.match(line):
            self._is_ended = True
        elif line.startswith(_INCOMPLETE):
            self._problems = [bound(line, 500)]
        elif line in {"Failures:", "Pending:"}:
            self._end_item()
            self._is_known, self._part = True, line
        elif suite := _SUITE_ERROR.match(line):
            self._end_item()
            self._name, self._outcome = suite[1], TestOutcome.ERROR
        elif self._part and (item := _ITEM.match(line)):
            self._end_item()
            is_red = self._part == "Failures:"
            self._outcome = TestOutcome.FAILED if is_red else TestOutcome.SKIPPED
            self._name = item[1]
        elif line in {"Started", "No specs found"}:
            self._is_known = True
        elif self._name:
            self._text.add(line)

    def finish(self) -> Findings:
        """Say what the run was."""
        self._end_item()
        executed, failures, pending = (
            (sum(column) for column in zip(*self._said, strict=True)) if self._said else (0, 0, 0)
        )
        red, waiting = self._red_specs, self._pending
        hidden = max(0, failures - red - self._red_suites)
        counts = {
            TestOutcome.PASSED: executed - red - max(pending, waiting) - hidden,
            TestOutcome.FAILED: hidden,
            TestOutcome.SKIPPED: pending - waiting,
        }
        return Findings(
            is_recognised=self._is_known or bool(self._said),
            is_complete=self._is_ended,
            says_success=failures == 0 and not self._problems if self._is_ended else None,
            problems=self._problems,
            unnamed={outcome: count for outcome, count in counts.items() if count > 0},
        )

    def _end_item(self) -> None:
        name, self._name = self._name, ""
        lines, self._text = self._text.lines(), Excerpt()
        if not name:
            return
        outcome = self._outcome
        self._red_specs += outcome is TestOutcome.FAILED
        self._red_suites += outcome is TestOutcome.ERROR
        self._pending += outcome is TestOutcome.SKIPPED
        told = [line.strip() for line in lines]
        message = "\n".join(told).partition("Stack:")[0].replace("Message:", "", 1).strip()
        file, line = self._locate("\n".join(told))
        self._emit(
            TestCase(
                id=bound(name, 1000),
                outcome=outcome,
                file=file,
                line=line,
                message=bound(message),
                traceback=bound("\n".join(lines).strip("\n"))
                if outcome is not TestOutcome.SKIPPED
                else "",
            )
        )

    def _locate(self, text: str) -> tuple[str, int]:
        for path, line in _POSITION.findall(text):
            if not _INTERNAL.search(path):
                return relative(path, self._context.root), int(line)
        return "", 0


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Jasmine printed, between other output."""
    console = _Console(emit, context)
    for line in clean_lines(source):
        console.feed(line)
    return console.finish()


FORMAT = Format(
    read=read,
    signature=r"^(?:\d+ specs?, \d+ failures?(?:, \d+ pending specs?)?|No specs found)$",
    is_text=True,
)
