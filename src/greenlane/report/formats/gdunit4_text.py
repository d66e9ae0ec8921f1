"""What the Godot addon gdUnit4 prints (`addons/gdUnit4/bin/GdUnitCmdTool.gd` and its successors).

A test is announced (`… > test_a :STARTED`) and then told (`… > test_a :PASSED 12ms`); what is
wrong with it stands below `Report:`. Ids are those of its JUnit report: suite and test.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.godot_errors import ScriptErrors
from greenlane.report.formats.text import clean_lines

_TEST = re.compile(
    r"^\s*(?:Run Test: )?(res://\S+\.(?:gd|cs)) > (\S.*?) *:? ?"
    r"\b(STARTED|PASSED|FAILED|SKIPPED|FLAKY|WARNING|ERROR)\b *(.*)$"
)
_TIME = re.compile(r"^(?:(\d{1,6})min )?(?:(\d{1,6})s )?(\d{1,6})ms$")
_SUITE = re.compile(r"^\s*(?:Run Test Suite|\| \d+ total|Statistics:|Overall Summary|Total )")
_END = re.compile(r"^(?:\x1b\S*)?\s*(?:Total test cases: |Overall Summary: |Exit code: )")
_PLACE = re.compile(r"\bline (\d{1,7})\b")
_OUTCOMES = {
    "PASSED": TestOutcome.PASSED,
    "FLAKY": TestOutcome.PASSED,
    "WARNING": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "ERROR": TestOutcome.ERROR,
    "SKIPPED": TestOutcome.SKIPPED,
}


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._running = ("", "")
        self._told: TestCase | None = None
        self._text = Excerpt()
        self._in_report = False
        self._is_over = False
        self._errors = ScriptErrors()

    def feed(self, line: str) -> None:
        """Take the next line."""
        if self._errors.feed(line):
            return
        if test := _TEST.match(line):
            self._end_test()
            path, name, word, time = test.groups()
            self._running = (path, name) if word == "STARTED" else ("", "")
            if outcome := _OUTCOMES.get(word):
                self._told = _case(path, name, outcome, time)
        elif _END.match(line):
            self._end_test()
            self._is_over = True
        elif _SUITE.match(line):
            self._end_test()
        elif self._told and line.strip() == "Report:":
            self._in_report = True
        elif self._in_report and line.strip():
            self._text.add(line.strip())

    def finish(self, context: ReadContext) -> Findings:
        """Say what the run was."""
        self._end_test()
        self._errors.finish()
        running: list[str] = []
        if self._running[0]:
            case = _case(*self._running, TestOutcome.ERROR, "")
            word = "timeout" if context.timed_out else "crash"
            self._emit(TestCase(id=case.id, outcome=case.outcome, file=case.file, message=word))
            running = [case.id]
        return Findings(
            is_recognised=True,
            is_complete=self._is_over and not running,
            status=RunStatus.BUILD_ERROR if self._errors.broken else None,
            problems=self._errors.problems[:20],
            running=running,
        )

    def _end_test(self) -> None:
        case, self._told = self._told, None
        text, self._text, self._in_report = self._text.text(), Excerpt(), False
        if case is None:
            return
        place = _PLACE.search(text)
        self._emit(
            TestCase(
                id=case.id,
                outcome=case.outcome,
                file=case.file,
                line=int(place[1]) if place else 0,
                duration_seconds=case.duration_seconds,
                message=bound(text.partition("\n")[0]),
                traceback=bound(text) if case.outcome in RED and "\n" in text else "",
            )
        )


def _case(path: str, name: str, outcome: TestOutcome, time: str) -> TestCase:
    """Name a test like the JUnit report does: the suite is the script's name without its end."""
    suite = path.rpartition("/")[2].rpartition(".")[0]
    took = _TIME.match(time.strip())
    minutes, seconds, milliseconds = (int(one or 0) for one in took.groups()) if took else (0, 0, 0)
    return TestCase(
        id=bound(f"{suite}.{name}", 1000),
        outcome=outcome,
        file=bound(path.removeprefix("res://"), 1000),
        duration_seconds=minutes * 60 + seconds + milliseconds / 1000 if took else None,
    )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what gdUnit4 and Godot printed."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish(context)


FORMAT = Format(
    read=read, signature=r"^\s*(?:Run Test: )?res://\S+\.(?:gd|cs) > \S.* :?STARTED", is_text=True
)
