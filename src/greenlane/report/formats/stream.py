"""The stream of our own reporters, one JSON object a line, the same for every framework.

Each event is written when it happens, so that a run that dies leaves what it had finished and
names what it was at. `e` is the kind of event:

- `begin`: `framework`, and `root`, the absolute folder that files are relative to.
- `plan`: `n`, how many tests are known to exist, or `ids`, which; may come many times.
- `start`: `id`, `file`, `line` of a test that begins now.
- `result`: `id`, `outcome` (a `TestOutcome`), and where they are known `file`, `line` (1-based),
  `seconds`, `message`, `traceback`, `output`. A test that is tried again has one, the last.
- `problem`: `text` of an error outside of any test; with `status` (a `RunStatus`) what it proves.
- `finish`: `ok`, the framework's own verdict (true, false or null).

A file has one `begin` and one `finish` for each process that ran tests.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.json_lines import json_lines, number_of, text_of
from greenlane.report.formats.text import strip_escapes

_ID_LIMIT = 1000
_MAX_NAMED = 100_000  # of tests that are planned, or running at once
_MAX_PROBLEMS = 20
_OUTCOMES = {one.value: one for one in TestOutcome}
_PROOFS = {one.value: one for one in RunStatus if one not in {RunStatus.PASSED, RunStatus.FAILED}}


class _Stream:
    """Follow the events of a file."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._root = ""
        self._begun = self._finished = 0
        self._verdicts: list[bool] = []
        self._running: dict[str, dict[str, Any]] = {}
        self._planned: dict[str, None] = {}
        self._planned_count = 0
        self._ended = 0
        self._problems: list[str] = []
        self._status: RunStatus | None = None

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""
        name = text_of(event, "id")
        match text_of(event, "e"):
            case "begin":
                self._begun += 1
                self._root = text_of(event, "root")
            case "plan":
                self._plan(event)
            case "start" if name:
                if len(self._running) < _MAX_NAMED:
                    self._running[name] = event
            case "result" if name:
                self._result(name, event)
            case "problem":
                self._problem(event)
            case "finish":
                self._finished += 1
                if isinstance(said := event.get("ok"), bool):
                    self._verdicts.append(said)

    def finish(self) -> Findings:
        """Hand over what was running or never ran, and say what the stream was."""
        if not self._begun:
            return UNRECOGNISED
        running = list(self._running)
        is_over = self._finished >= self._begun
        word = "timeout" if self._context.timed_out else "crash"
        for name, event in self._running.items():
            self._planned.pop(name, None)
            self._send(name, TestOutcome.ERROR, event | {"message": word})
        for name in self._planned:
            self._send(name, TestOutcome.NOT_RUN, {})
        unnamed = self._planned_count - self._ended - len(self._planned)
        return Findings(
            is_recognised=True,
            is_complete=is_over and not running,
            says_success=all(self._verdicts) if self._verdicts else None,
            status=self._status,
            problems=self._problems,
            running=[bound(name, _ID_LIMIT) for name in running[:_MAX_PROBLEMS]],
            unnamed_not_run=max(0, unnamed),
        )

    def _plan(self, event: dict[str, Any]) -> None:
        ids = event.get("ids")
        if isinstance(ids, list):
            for name in ids:
                if isinstance(name, str) and name and len(self._planned) < _MAX_NAMED:
                    self._planned[name] = None
            self._planned_count += len(ids)
        else:
            self._planned_count += max(0, int(number_of(event, "n")))

    def _result(self, name: str, event: dict[str, Any]) -> None:
        outcome = _OUTCOMES.get(text_of(event, "outcome"))
        if outcome is None:
            return
        begun = self._running.pop(name, {})
        self._planned.pop(name, None)
        self._send(name, outcome, begun | event)

    def _send(self, name: str, outcome: TestOutcome, event: dict[str, Any]) -> None:
        self._ended += outcome is not TestOutcome.NOT_RUN
        file = text_of(event, "file")
        seconds = event.get("seconds")
        self._emit(
            TestCase(
                id=bound(name, _ID_LIMIT),
                outcome=outcome,
                file=relative(relative(file, self._context.root), self._root),
                line=max(0, int(number_of(event, "line"))),
                duration_seconds=(
                    max(0.0, number_of(event, "seconds"))
                    if isinstance(seconds, int | float)
                    else None
                ),
                message=bound(strip_escapes(text_of(event, "message"))),
                traceback=bound(strip_escapes(text_of(event, "traceback"))),
                output=bound(strip_escapes(text_of(event, "output"))),
            )
        )

    def _problem(self, event: dict[str, Any]) -> None:
        text = bound(strip_escapes(text_of(event, "text")), 500)
        if text and len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(text)
        self._status = self._status or _PROOFS.get(text_of(event, "status"))


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a stream, whole or cut off anywhere."""
    stream = _Stream(emit, context)
    for event in json_lines(source):
        stream.take(event)
    return stream.finish()


FORMAT = Format(read=read, signature=r'^\{"e": ?"begin", ?"framework": ?"')
