"""unittest's own events as a Django test runner writes them, one JSON object a line.

Streams of this kind were written before `greenlane_unittest` told all of unittest's runs in the
common stream; they can still be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.json_lines import json_lines, number_of, text_of
from greenlane.report.formats.python_error import error_message
from greenlane.report.formats.unittest_ids import FRAME, LoadErrors, name_test


@dataclass
class _Test:
    """A test between its start and its end."""

    id: str
    file: str = ""
    line: int = 0
    outcome: TestOutcome | None = None
    seconds: float = 0.0
    message: str = ""
    traceback: str = ""


class _Run:
    """Follow the events of one or more runs in one file."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._root = ""
        self._test: _Test | None = None
        self._started = self._ended = 0
        self._declared = self._begun = 0
        self._said: bool | None = None
        self._errors = LoadErrors()
        self._is_recognised = False

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""
        name = text_of(event, "id")
        match text_of(event, "e"):
            case "run_start":
                self._started += 1
                self._is_recognised = True
                self._root = text_of(event, "root")
                self._declared += int(number_of(event, "n"))
            case "run_end":
                self._close()
                self._ended += 1
                said = event.get("ok")
                self._said = (
                    said if isinstance(said, bool) and self._said is not False else self._said
                )
            case "start" if name:
                self._start(name, event)
            case "sub" | "result" if name:
                self._result(name, event)
            case "stop":
                self._close()

    def finish(self) -> Findings:
        """Say what the stream was; name the test that was running."""
        running: list[str] = []
        if self._test and self._test.outcome is None:
            running = [self._test.id]
            self._test.outcome = TestOutcome.ERROR
            self._test.message = "timeout" if self._context.timed_out else "crash"
        self._close()
        is_over = self._ended >= self._started
        return Findings(
            is_recognised=self._is_recognised,
            is_complete=is_over and not running,
            says_success=self._said,
            status=self._errors.status(),
            problems=self._errors.problems,
            running=running,
            unnamed_not_run=0 if is_over else max(0, self._declared - self._begun),
        )

    def _start(self, name: str, event: dict[str, Any]) -> None:
        self._close()
        self._is_recognised = True
        self._begun += 1
        file = relative(relative(text_of(event, "file"), self._context.root), self._root)
        self._test = _Test(id=name, file=file, line=int(number_of(event, "line")))

    def _result(self, name: str, event: dict[str, Any]) -> None:
        outcome = _OUTCOMES.get(text_of(event, "outcome"))
        if outcome is None:
            return
        self._is_recognised = True
        traceback, message = text_of(event, "tb"), text_of(event, "msg")
        test = self._test
        if test is None or not (
            name == test.id or name.startswith((f"{test.id} (", f"{test.id} ["))
        ):
            self._close()
            self._test = test = _Test(id=name)  # setUpClass and the like: a result with no start
        test.seconds = number_of(event, "dur") or test.seconds
        if test.outcome in RED and outcome not in RED:
            return
        if test.outcome is not TestOutcome.ERROR:
            test.outcome = outcome
        test.message = test.message or message or error_message(traceback)
        if outcome in RED and not test.traceback:
            test.traceback = traceback
            test.line = _failing_line(traceback, test.file) or test.line

    def _close(self) -> None:
        test, self._test = self._test, None
        if test is None or test.outcome is None:
            return
        self._errors.take(test.id, test.outcome, test.traceback)
        self._emit(
            TestCase(
                id=bound(name_test(test.id), 1000),
                outcome=test.outcome,
                file=test.file,
                line=max(0, test.line),
                duration_seconds=test.seconds,
                message=bound(test.message),
                traceback=bound(test.traceback),
            )
        )


_OUTCOMES = {
    one.value: one
    for one in (
        TestOutcome.PASSED,
        TestOutcome.FAILED,
        TestOutcome.ERROR,
        TestOutcome.SKIPPED,
        TestOutcome.XFAIL,
    )
}


def _failing_line(traceback: str, file: str) -> int:
    """Return the innermost line of the test's own file in a traceback."""
    lines = [
        int(line[:9]) for path, line in FRAME.findall(traceback) if file and path.endswith(file)
    ]
    return lines[-1] if lines else 0


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the events of a Django run."""
    run = _Run(emit, context)
    for event in json_lines(source):
        run.take(event)
    return run.finish()


FORMAT = Format(read=read, signature=r'^\{"e": ?"(?:run_start"|start", ?"id")')
