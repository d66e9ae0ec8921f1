"""The stream of our own reporters, one JSON object a line, the same for every framework.

Each event is written when it happens, so that a run that dies leaves what it had finished and
names what it was at. `e` is the kind of event:

- `begin`: `framework`, and `root`, the absolute folder that files are relative to.
- `plan`: `n`, how many tests are known to exist, or `ids`, which; may come many times.
- `start`: `id`, `file`, `line` of a test that begins now.
- `end`: `id` of what began and is over without a result, such as a file of tests.
- `result`: `id`, `outcome` (a `TestOutcome`), and where they are known `file`, `line` (1-based),
  `seconds`, `message`, `traceback`, `output`. A test that is tried again has one, the last.
- `problem`: `text` of an error outside of any test; with `status` (a `RunStatus`) what it proves.
- `finish`: `ok`, the framework's own verdict (true, false or null).

A file has one `begin` and one `finish` for each process that ran tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    TEXT_LIMIT,
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.json_lines import LINE_LIMIT, decode_line, number_of, text_of
from greenlane.report.formats.text import raw_lines, strip_escapes

_ID_LIMIT = 1000
_MAX_NAMED = 100_000  # of tests that are planned, or running at once
_MAX_PROBLEMS = 20
_OUTCOMES = {one.value: one for one in TestOutcome}
_PROOFS = {one.value: one for one in RunStatus if one not in {RunStatus.PASSED, RunStatus.FAILED}}


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event whose fields have the types that our reporters give them."""

    e: str = ""
    root: str = ""
    ids: list[str] | None = None
    n: int = 0
    id: str = ""
    outcome: str = ""
    file: str = ""
    line: int = 0
    seconds: float | None = None
    message: str = ""
    traceback: str = ""
    output: str = ""
    text: str = ""
    status: str = ""
    ok: bool | None = None


_NOTHING = _Event()


class _Stream:
    """Follow the events of a file."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._root = ""
        self._begun = self._finished = 0
        self._verdicts: list[bool] = []
        self._running: dict[str, _Event] = {}
        self._planned: dict[str, None] = {}
        self._planned_count = 0
        self._ended = 0
        self._problems: list[str] = []
        self._status: RunStatus | None = None

    def take(self, event: _Event) -> None:
        """Take the next event."""
        match event.e:
            case "result" if event.id:
                self._result(event)
            case "start" if event.id:
                if len(self._running) < _MAX_NAMED:
                    self._running[event.id] = event
            case "end":
                self._running.pop(event.id, None)
            case "begin":
                self._begun += 1
                self._root = event.root
            case "plan":
                self._plan(event)
            case "problem":
                self._problem(event)
            case "finish":
                self._finished += 1
                if event.ok is not None:
                    self._verdicts.append(event.ok)

    def finish(self) -> Findings:
        """Hand over what was running or never ran, and say what the stream was."""
        if not self._begun:
            return UNRECOGNISED
        running = list(self._running)
        is_over = self._finished >= self._begun
        word = "timeout" if self._context.timed_out else "crash"
        for name, event in self._running.items():
            self._planned.pop(name, None)
            self._send(name, TestOutcome.ERROR, msgspec.structs.replace(event, message=word), event)
        for name in self._planned:
            self._send(name, TestOutcome.NOT_RUN, _NOTHING, _NOTHING)
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

    def _plan(self, event: _Event) -> None:
        if event.ids is None:
            self._planned_count += max(0, event.n)
            return
        self._planned_count += len(event.ids)
        for name in event.ids:
            if name and len(self._planned) < _MAX_NAMED:
                self._planned[name] = None

    def _result(self, event: _Event) -> None:
        if outcome := _OUTCOMES.get(event.outcome):
            begun = self._running.pop(event.id, _NOTHING)
            if self._planned:
                self._planned.pop(event.id, None)
            self._send(event.id, outcome, event, begun)

    def _send(self, name: str, outcome: TestOutcome, event: _Event, begun: _Event) -> None:
        self._ended += outcome is not TestOutcome.NOT_RUN
        file = event.file or begun.file
        self._emit(
            TestCase(
                id=bound(name, _ID_LIMIT),
                outcome=outcome,
                file=bound(relative(relative(file, self._context.root), self._root), _ID_LIMIT),
                line=max(0, event.line or begun.line),
                duration_seconds=None if event.seconds is None else max(0.0, event.seconds),
                message=_plain(event.message),
                traceback=_plain(event.traceback),
                output=_plain(event.output),
            )
        )

    def _problem(self, event: _Event) -> None:
        text = _plain(event.text, 500)
        if text and len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(text)
        self._status = self._status or _PROOFS.get(event.status)


def _plain(text: str, limit: int = TEXT_LIMIT) -> str:
    return bound(strip_escapes(text), limit) if text else ""


def _events(source: BinaryIO) -> Iterator[_Event]:
    """Yield the events; a field of another type than it should have counts as not there."""
    decoder = msgspec.json.Decoder(_Event)
    for line in raw_lines(source, LINE_LIMIT):
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, ValueError, RecursionError):
            if loose := _loose(line):
                yield loose


def _loose(line: bytes) -> _Event | None:
    fields = decode_line(line)
    if fields is None:
        return None
    texts = {
        name: text_of(fields, name) for name in _Event.__struct_fields__ if name not in _NO_TEXTS
    }
    ids, ok, seconds = fields.get("ids"), fields.get("ok"), fields.get("seconds")
    return _Event(
        **texts,
        ids=[one for one in ids if isinstance(one, str)] if isinstance(ids, list) else None,
        n=int(number_of(fields, "n")),
        line=int(number_of(fields, "line")),
        seconds=number_of(fields, "seconds") if isinstance(seconds, int | float) else None,
        ok=ok if isinstance(ok, bool) else None,
    )


_NO_TEXTS = frozenset({"ids", "n", "line", "seconds", "ok"})


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a stream, whole or cut off anywhere."""
    stream = _Stream(emit, context)
    for event in _events(source):
        stream.take(event)
    return stream.finish()


FORMAT = Format(read=read, signature=r'^\{"e": ?"begin", ?"framework": ?"')
