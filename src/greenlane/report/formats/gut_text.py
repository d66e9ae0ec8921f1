"""What the Godot addon GUT prints, 7 on Godot 3 and 9 on Godot 4 (`addons/gut/summary.gd`).

A script is headed by its path, with an inner class behind it; each test is announced by a line of
its own, and what becomes of it stands below. GUT skips a script that does not parse, or waits for
ever after it: Godot's script errors, read along, prove that.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.godot_errors import ScriptErrors
from greenlane.report.formats.text import clean_lines

_SCRIPT = re.compile(r"^(res://\S.*?\.gd)((?:\.\w+)*)$")
_TEST = re.compile(r"^\* (test\w*)")
_TOLD = re.compile(r"^ +\[(Failed|Pending|Risky)\]:?\s*(.*)$")
_LINE = re.compile(r"^ +at line (\d{1,7})$")
_SCRIPT_END = re.compile(r"^\d+/\d+ passed\.")
_SUMMARY = re.compile(r"^(?:\*\*\* Run Summary \*\*\*|= Run Summary)")
_VERSION = re.compile(r"^GUT version: +(\d{1,4})\.(\d{1,4})")
_COUNT = re.compile(r"^\x1f?(Tests:|(?:Passing|Failing|Pending) Tests)\s+(\d{1,9})$")
_END = re.compile(
    r"^(?:(\d{1,9}) passed (\d{1,9}) failed\.|No tests ran$|-{4} (.*) -{4}$|Ran Scripts matching)"
)
_TRACKS_ERRORS = (9, 5)  # from here on GUT itself fails a test that prints a script error
_COUNTED = {
    "Passing Tests": TestOutcome.PASSED,
    "Failing Tests": TestOutcome.FAILED,
    "Pending Tests": TestOutcome.SKIPPED,
}


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._script = ("", "")
        self._test = ""
        self._outcome = TestOutcome.PASSED
        self._line = 0
        self._text = Excerpt()
        self._errors = ScriptErrors()
        self._named: Counter[TestOutcome] = Counter()
        self._said: dict[TestOutcome, int] = {}
        self._total: int | None = None
        self._version = (0, 0)
        self._in_summary = self._is_over = False
        self._says_success: bool | None = None

    def feed(self, line: str) -> None:
        """Take the next line."""
        if self._errors.feed(line):
            return
        if self._in_summary:
            self._summarise(line)
        elif _SUMMARY.match(line):
            self._end_test()
            self._in_summary = True
        elif script := _SCRIPT.match(line):
            self._end_test()
            self._script = (script[1], script[2])
        elif test := _TEST.match(line):
            self._end_test()
            self._test = test[1]
        elif _SCRIPT_END.match(line):
            self._end_test()
        elif self._test:
            self._continue(line)
        elif version := _VERSION.match(line):
            self._version = (int(version[1]), int(version[2]))

    def finish(self, context: ReadContext) -> Findings:
        """Say what the run was."""
        self._errors.finish()
        running = []
        if self._test:
            running = [self._id]
            word = "timeout" if context.timed_out else "crash"
            self._send(self._id, TestOutcome.ERROR, word)
        for path, (line, message) in self._errors.broken.items():
            if path and "/addons/" not in path:
                self._line = line
                self._send(path, TestOutcome.ERROR, message)
        problems = self._errors.problems
        if self._version < _TRACKS_ERRORS:
            problems += self._errors.runtime
        unnamed = {
            outcome: count - self._named[outcome]
            for outcome, count in self._said.items()
            if count > self._named[outcome]
        }
        return Findings(
            is_recognised=True,
            is_complete=self._is_over and not running,
            declared_total=self._total,
            says_success=self._says_success,
            status=RunStatus.BUILD_ERROR if self._errors.broken else None,
            problems=problems[:20],
            running=running,
            unnamed=unnamed,
        )

    @property
    def _id(self) -> str:
        return bound(f"{''.join(self._script)}.{self._test}", 1000)

    def _continue(self, line: str) -> None:
        if told := _TOLD.match(line):
            if told[1] == "Failed":
                self._outcome = TestOutcome.FAILED
            elif told[1] == "Pending" and self._outcome is TestOutcome.PASSED:
                self._outcome = TestOutcome.SKIPPED
            self._text.add(told[2])
        elif place := _LINE.match(line):
            self._line = self._line or int(place[1])

    def _end_test(self) -> None:
        if self._test:
            self._send(self._id, self._outcome, self._text.text())
        self._test, self._outcome, self._line = "", TestOutcome.PASSED, 0
        self._text = Excerpt()

    def _send(self, name: str, outcome: TestOutcome, text: str) -> None:
        self._named[outcome] += 1
        path = name if name.endswith(".gd") else self._script[0]
        self._emit(
            TestCase(
                id=name,
                outcome=outcome,
                file=bound(path.removeprefix("res://"), 1000),
                line=self._line,
                message=bound(text.partition("\n")[0]),
                traceback=bound(text) if "\n" in text else "",
            )
        )

    def _summarise(self, line: str) -> None:
        if count := _COUNT.match(line):
            if outcome := _COUNTED.get(count[1]):
                self._said[outcome] = int(count[2])
            else:
                self._total = int(count[2])
        elif end := _END.match(line):
            self._is_over = True
            if end[2]:
                self._says_success = end[2] == "0"
            elif end[3]:
                self._says_success = "failing" not in end[3]


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what GUT and Godot printed."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish(context)


FORMAT = Format(read=read, signature=r"^ --- +Gut +--- *$|^GUT version: +\d", is_text=True)
