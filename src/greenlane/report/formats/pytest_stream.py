"""The stream of our own pytest plugin.

One JSON object a line. A session that broke off leaves the tests that were running (`test_start`
or a report without the end) and those that were collected and never started.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.json_lines import json_lines, number_of, text_of

#: What pytest's own exit status proves where no test ran: a wrapper has another, or calls it good.
_PROOFS = {4: RunStatus.USAGE_ERROR, 5: RunStatus.NO_TESTS}
_MAX_IDS = 300_000  # collected ids that are kept to name what never ran


@dataclass
class _Test:
    """A test between its start and its end."""

    file: str = ""
    line: int = 0
    outcome: TestOutcome | None = None
    seconds: float = 0.0
    message: str = ""
    traceback: list[str] = field(default_factory=list)
    output: str = ""


class Session:
    """Follow the events of one or more sessions in one file."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit_case = emit
        self._context = context
        self._root = ""
        self._open: dict[str, _Test] = {}
        self._waiting: dict[str, None] = {}
        self._overflow = 0
        self._emitted = 0
        self._executed = 0
        self._load_errors = 0
        self._listed = False
        self.is_started = False
        self.is_ended = False
        self.exit: int | None = None
        self.problems: list[str] = []

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event of the plugin's stream."""
        match text_of(event, "e"):
            case "start" if "id" not in event:
                self._start(text_of(event, "root"))
                self._listed = event.get("list") is True
            case "collected":
                self._collect(event.get("ids"))
            case "collect_error":
                self._collect_error(text_of(event, "id"), text_of(event, "msg"))
            case "collect_skip":
                self._add(text_of(event, "id"), TestOutcome.SKIPPED, text_of(event, "msg"))
            case "test_start":
                self._begin(event)
            case "report":
                self._report(event)
            case "test_end":
                self._end(text_of(event, "id"))
            case "internal_error" | "interrupted" as kind:
                self.problems.append(
                    bound(f"{kind.replace('_', ' ')}: {text_of(event, 'msg')}", 500)
                )
            case "end":
                self.is_ended = True
                self.exit = int(number_of(event, "exit"))

    def finish(self) -> Findings:
        """Say what the stream was; name what was running and what never ran."""
        running = list(self._open)
        for name in running:
            test = self._open[name]
            if self.is_ended and test.outcome is not None:
                self._end(name)
                continue
            test.outcome = TestOutcome.ERROR
            test.message = "timeout" if self._context.timed_out else "crash"
            self._end(name)
        running = [] if self.is_ended else running
        if not self._load_errors or self._executed:
            self._emit_waiting()
        return Findings(
            is_recognised=self.is_started,
            is_complete=self.is_ended and not running,
            says_success=None if self.exit is None else self.exit == 0,
            status=self._status(),
            problems=self.problems[:20],
            running=running,
            unnamed_not_run=self._overflow,
        )

    def _status(self) -> RunStatus | None:
        if self._listed:
            return RunStatus.LISTED
        if self._load_errors and not self._executed:
            return RunStatus.BUILD_ERROR
        if any(problem.startswith("inter") for problem in self.problems):
            return RunStatus.CRASHED
        return None if self._executed else _PROOFS.get(self.exit or 0)

    def _start(self, root: str) -> None:
        self.is_started = True
        self.is_ended = False
        self._root = root

    def _collect(self, ids: Any) -> None:
        for name in ids if isinstance(ids, list) else []:
            if not isinstance(name, str):
                continue
            if len(self._waiting) < _MAX_IDS:
                self._waiting[name] = None
            else:
                self._overflow += 1

    def _collect_error(self, name: str, message: str) -> None:
        self._load_errors += 1
        last = next(
            (line[1:].strip() for line in reversed(message.splitlines()) if line[:2] == "E "), ""
        )
        self._add(name, TestOutcome.ERROR, last or message, message)
        self._executed -= 1

    def _begin(self, event: dict[str, Any]) -> None:
        name = text_of(event, "id") or "(no name)"
        path = text_of(event, "file")
        if self._root and path and not path.startswith("/"):
            path = os.path.normpath(f"{self._root}/{path}")
        file = relative(relative(path, self._context.root), self._root)
        self._open[name] = _Test(file=file, line=int(number_of(event, "line")))

    def _report(self, event: dict[str, Any]) -> None:
        name = text_of(event, "id") or "(no name)"
        when, said = text_of(event, "when"), text_of(event, "outcome")
        test = self._open.setdefault(name, _Test(file=name.partition("::")[0]))
        test.seconds += number_of(event, "dur")
        outcome = _outcome(when, said, is_xfail="wasxfail" in event)
        if said == "rerun":
            self._open[name] = _Test(file=test.file, line=test.line)
        elif outcome is not None and _beats(outcome, test.outcome):
            test.outcome = outcome
            self._explain(test, event)
        if (when == "teardown" and said != "rerun") or when not in {"setup", "call", "teardown"}:
            self._end(name)  # a worker that died is reported with `when` "???"

    def _explain(self, test: _Test, event: dict[str, Any]) -> None:
        longrepr = text_of(event, "longrepr")
        crash = event.get("crash")
        if isinstance(crash, dict):
            test.message = bound(text_of(crash, "msg"))
            path = relative(relative(text_of(crash, "path"), self._context.root), self._root)
            test.line = int(number_of(crash, "line")) if path == test.file else test.line
        else:
            test.message = bound(text_of(event, "wasxfail") or _skip_reason(longrepr))
        if test.outcome in RED:
            test.traceback.append(longrepr)
            test.output = text_of(event, "stdout") + text_of(event, "stderr")

    def _end(self, name: str) -> None:
        test = self._open.pop(name, None)
        if test is None or test.outcome is None:
            return
        self._waiting.pop(name, None)
        self._executed += test.outcome is not TestOutcome.SKIPPED
        self._emit(
            TestCase(
                id=bound(name, 1000),
                outcome=test.outcome,
                file=test.file,
                line=max(0, test.line),
                duration_seconds=round(test.seconds, 6),
                message=test.message,
                traceback=bound("\n".join(test.traceback)),
                output=bound(test.output),
            )
        )

    def _add(self, name: str, outcome: TestOutcome, message: str, traceback: str = "") -> None:
        self._executed += outcome is not TestOutcome.SKIPPED
        file = name.partition("::")[0]
        self._emit(
            TestCase(
                id=bound(name, 1000) or "(session)",
                outcome=outcome,
                file=file,
                message=bound(message),
                traceback=bound(traceback),
            )
        )

    def _emit_waiting(self) -> None:
        for name in self._waiting:
            file = name.partition("::")[0]
            self._emit(
                TestCase(
                    id=bound(name, 1000) or "(no name)", outcome=TestOutcome.NOT_RUN, file=file
                )
            )

    def _emit(self, case: TestCase) -> None:
        self._emitted += 1
        self._emit_case(case)


def _outcome(when: str, said: str, *, is_xfail: bool) -> TestOutcome | None:
    """Translate one phase of a test."""
    if said == "failed":
        return TestOutcome.FAILED if when == "call" else TestOutcome.ERROR
    if said == "skipped":
        return TestOutcome.XFAIL if is_xfail else TestOutcome.SKIPPED
    if said == "passed" and when == "call":
        return TestOutcome.PASSED
    return None


_WEIGHT = {
    TestOutcome.PASSED: 1,
    TestOutcome.SKIPPED: 2,
    TestOutcome.XFAIL: 3,
    TestOutcome.ERROR: 4,
    TestOutcome.FAILED: 5,
}


def _beats(new: TestOutcome, old: TestOutcome | None) -> bool:
    return old is None or _WEIGHT[new] > _WEIGHT[old]


def _skip_reason(longrepr: str) -> str:
    """Take the reason out of `('file', line, 'Skipped: reason')`."""
    if longrepr.startswith("(") and longrepr.endswith(")") and ", " in longrepr:
        longrepr = longrepr[1:-1].split(", ", 2)[-1].strip("'\"")
    return longrepr.removeprefix("Skipped: ")


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the stream of our plugin."""
    session = Session(emit, context)
    for event in json_lines(source):
        session.take(event)
    return session.finish()


FORMAT = Format(read=read, signature=r'^\{"e": ?"start", ?"t": ?[\d.]+, ?"root"')
