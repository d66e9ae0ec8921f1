"""The events of the streaming node:test reporter (`reporters/greenlane-node.cjs`), one a line.

Events (`e`): `start`, `begin` (a test is run), `complete` (it has ended, in the order of time),
`report` and `result` (the same in the order of the tree: a parent is announced before its subtests
and ends after them), `end`. The results count; of a stream that was cut off, and of a file whose
process died, also what had completed and was not reported yet, and what was running.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    name_file,
    relative,
)
from greenlane.report.formats.json_lines import json_lines, number_of, text_of

_FILTERED = "test name does not match pattern"
_EXITED = "process.exit was called before the tests of the file were reported"
_MAX_DEPTH = 64
_MAX_RUNNING = 100
_MAX_DEAD = 10_000  # files whose process died
_CANNOT_LOAD = re.compile(
    r"^\S* ?(?:SyntaxError|Error(?: \[ERR_MODULE_NOT_FOUND\])?: Cannot find (?:module|package))\b"
    r"|^Error: Transform failed with |^TSError: |: error TS\d+: ",
    re.MULTILINE,
)

Key = tuple[str, int, str, int]


class _Stream:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._reported: list[str] = []  # names from the root down to what is being reported
        self._children: list[int] = [0] * (_MAX_DEPTH + 2)  # subtests reported, by depth
        self._red: list[int] = [0] * (_MAX_DEPTH + 2)
        self._paths: dict[str, list[str]] = {}  # what each file is at, in the order of time
        self._running: dict[Key, list[str]] = {}
        self._unreported: dict[Key, tuple[list[str], Mapping[str, Any]]] = {}
        self._dead: dict[str, Mapping[str, Any]] = {}
        self._sent = 0
        self.starts = self.ends = 0

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event."""
        kind = text_of(event, "e")
        if kind == "begin":
            self._begin(event)
        elif kind == "complete":
            if _is_file(event) and event.get("ok") is True:
                self._find_abandoned(event)
            path = self._running.pop(_key(event), [text_of(event, "name")])
            self._unreported[_key(event)] = (path, event)
        elif kind == "report":
            depth = _depth(event)
            self._reported[depth:] = [text_of(event, "name")]
        elif kind == "result":
            self._running.pop(_key(event), None)
            self._unreported.pop(_key(event), None)
            self._take_result(event)
        self.starts += kind == "start"
        self.ends += kind == "end"

    def finish(self) -> Findings:
        """Hand over what was not reported, and say what the stream was."""
        is_complete = self.starts > 0 and self.ends >= self.starts
        for path, event in self._unreported.values():
            is_lost = not is_complete or text_of(event, "file") in self._dead
            if is_lost and not _is_group(event) and not _is_file(event):
                self._send(path, event)
        running = self._send_running(is_complete=is_complete)
        is_broken = bool(self._dead) and not self._sent and self._cannot_load()
        for event in self._dead.values():
            self._send([text_of(event, "name")], event)
        return Findings(
            is_recognised=self.starts > 0,
            is_complete=is_complete,
            status=RunStatus.BUILD_ERROR if is_broken else None,
            running=running[:_MAX_RUNNING] if not is_complete or self._context.timed_out else [],
        )

    def _find_abandoned(self, event: Mapping[str, Any]) -> None:
        """Note a file that Node counts as passed although a test of it never ended.

        Its process called `process.exit(0)` meanwhile.
        """
        file = text_of(event, "file")
        is_abandoned = any(key[0] == file and not _stands_for_file(key) for key in self._running)
        if is_abandoned and len(self._dead) < _MAX_DEAD:
            self._dead[file] = {**event, "ok": False, "message": _EXITED}

    def _cannot_load(self) -> bool:
        return _CANNOT_LOAD.search(self._context.output()) is not None

    def _begin(self, event: Mapping[str, Any]) -> None:
        path = self._paths.setdefault(text_of(event, "file"), [])
        path[_depth(event) :] = [text_of(event, "name")]
        self._running[_key(event)] = list(path)

    def _take_result(self, event: Mapping[str, Any]) -> None:
        depth = _depth(event)
        children, red = self._children[depth + 1], self._red[depth + 1]
        self._children[depth + 1] = self._red[depth + 1] = 0
        outcome = _outcome(event)
        is_red = outcome in RED
        self._children[depth] += 1
        self._red[depth] += is_red or red > 0
        if event.get("skip") == _FILTERED:
            return
        is_suite = children > 0 or (text_of(event, "type") == "suite" and not event.get("skip"))
        if is_suite and not (is_red and not red):
            return  # a suite counts only where it failed and nothing in it did
        if _is_file(event) and text_of(event, "file") in self._dead:
            return
        if event.get("exited") is True and _is_file(event) and not children and not is_red:
            event = {**event, "ok": False, "exit": 0, "message": _EXITED}
            self._red[depth] += 1
        elif is_red and _is_file(event) and not children and len(self._dead) < _MAX_DEAD:
            self._dead[text_of(event, "file")] = event
            return
        self._send([*self._reported[:depth], text_of(event, "name")], event)

    def _send(self, path: list[str], event: Mapping[str, Any]) -> None:
        root = self._context.root
        outcome = _outcome(event)
        self._sent += not _is_file(event)
        reason = next((one for key in ("skip", "todo") if (one := text_of(event, key))), "")
        names = [*path[:-1], name_file(path[-1], root)]
        self._emit(
            TestCase(
                id=bound(" > ".join(names), 1000) or "(no name)",
                outcome=outcome,
                file=relative(text_of(event, "file"), root),
                line=int(number_of(event, "line")),
                duration_seconds=number_of(event, "ms") / 1000,
                message=bound(text_of(event, "message") or reason),
                traceback=bound(text_of(event, "stack")) if outcome in RED else "",
            )
        )

    def _send_running(self, *, is_complete: bool) -> list[str]:
        """Emit the innermost tests that had begun and never completed.

        Of a whole stream those of files whose process died: they stand for the file.
        """
        paths = [
            (key, path)
            for key, path in self._running.items()
            if not is_complete or (key[0] in self._dead and not _stands_for_file(key))
        ]
        parents = {tuple(path[:-1]) for _, path in paths}
        busy = {key[0] for key, _ in paths if not _stands_for_file(key)}
        ids: list[str] = []
        died = {file: event for file, event in self._dead.items() if file in busy}
        for key, path in paths:
            file, line = key[:2]
            if tuple(path) in parents or (_stands_for_file(key) and file in busy):
                continue
            names = [*path[:-1], name_file(path[-1], self._context.root)]
            self._dead.pop(file, None)
            self._sent += not _stands_for_file(key)
            ids.append(bound(" > ".join(names), 1000))
            is_over_time = _is_over_time(died.get(file, {})) and not self._context.timed_out
            message = text_of(died[file], "message") if is_over_time else ""
            self._emit(
                TestCase(
                    id=ids[-1] or "(no name)",
                    outcome=TestOutcome.FAILED if is_over_time else TestOutcome.ERROR,
                    file=relative(file, self._context.root),
                    line=line,
                    message=message or ("timeout" if self._context.timed_out else "crash"),
                )
            )
        return ids


def _key(event: Mapping[str, Any]) -> Key:
    line = int(number_of(event, "line"))
    return text_of(event, "file"), line, text_of(event, "name"), _depth(event)


def _depth(event: Mapping[str, Any]) -> int:
    return max(0, min(int(number_of(event, "depth")), _MAX_DEPTH))


def _is_group(event: Mapping[str, Any]) -> bool:
    return text_of(event, "type") == "suite" or text_of(event, "kind") == "subtestsFailed"


def _is_file(event: Mapping[str, Any]) -> bool:
    return _stands_for_file(_key(event))


def _stands_for_file(key: Key) -> bool:
    """Tell whether a file as a whole is meant: its path, from Node 22 on below the folder."""
    file, _, name, depth = key
    return bool(name) and (name == file or (depth == 0 and file.endswith(f"/{name}")))


def _is_over_time(event: Mapping[str, Any]) -> bool:
    return text_of(event, "kind") == "testTimeoutFailure"


def _outcome(event: Mapping[str, Any]) -> TestOutcome:
    is_ok = event.get("ok") is True
    if event.get("skip") not in (None, False):
        return TestOutcome.SKIPPED
    if is_ok:
        return TestOutcome.PASSED
    if event.get("todo") not in (None, False):
        return TestOutcome.XFAIL
    if "exit" in event and not _is_over_time(event):
        return TestOutcome.ERROR  # the file's process died
    return TestOutcome.FAILED


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a stream, whole or cut off anywhere."""
    stream = _Stream(emit, context)
    for event in json_lines(source):
        stream.take(event)
    return stream.finish()


FORMAT = Format(read=read, signature=r'\{"e":"start","node":"|\{"e":"begin","name":')
