"""The events of the streaming Jest reporter (`reporters/greenlane-jest.cjs`): one JSON a line.

Events (`e`): `start` (`filter`), `file_start`, `test_start`, `result`, `file_end` (`n` results,
`exec_error`, and in `out` what the file's tests printed), `end`. Each is written when it happens,
so that a run that dies leaves what it had finished and names what it was at. Jest does not know
yet at `end` whether it succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from greenlane.model.report import RunStatus, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.jest_tests import JestTests
from greenlane.report.formats.json_lines import json_lines, number_of, text_of

_MAX_RUNNING = 100


@dataclass
class _File:
    """A test file that has not ended."""

    running: dict[str, None] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)


class _Stream:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self.tests = JestTests(emit, context)
        self.files: dict[str, _File] = {}
        self.events = self.skipped = 0
        self.is_ended = False

    def take(self, event: dict[str, Any]) -> None:
        """Take an event."""
        kind, path = text_of(event, "e"), text_of(event, "file")
        self.events += bool(kind)
        if kind == "start":
            self.tests.set_filter(text_of(event, "filter"))
        elif kind == "file_start":
            self.files[path] = _File()
        elif kind == "test_start":
            self.files.setdefault(path, _File()).running[text_of(event, "name")] = None
        elif kind == "result":
            self._take_result(self.files.setdefault(path, _File()), event)
        elif kind == "file_end":
            self._end_file(path, event)
        elif kind == "end":
            self.is_ended = True

    def finish(self) -> Findings:
        """Hand over the files that never ended, and say what the stream was."""
        running: list[str] = []
        for path, file in self.files.items():
            self._send(path, file)
            for name in file.running:
                self.tests.send_running(path, name)
                running.append(name)
        status = self.tests.status
        if running and not self.tests.broken_files:
            status = None if self.is_ended else RunStatus.CRASHED
        return Findings(
            is_recognised=self.events > 0,
            is_complete=self.is_ended and not self.files,
            status=status,
            problems=self.tests.problems,
            running=running[:_MAX_RUNNING],
            unnamed={TestOutcome.SKIPPED: self.skipped} if self.skipped else {},
        )

    def _take_result(self, file: _File, event: dict[str, Any]) -> None:
        file.running.pop(text_of(event, "name"), None)
        if number_of(event, "inv") > 1:  # a retry: what the attempts before it said is void
            name = text_of(event, "name")
            file.results = [one for one in file.results if text_of(one, "name") != name]
        file.results.append(event)

    def _end_file(self, path: str, event: dict[str, Any]) -> None:
        file = self.files.pop(path, _File())
        self._send(path, file, text_of(event, "out"))
        missing = int(number_of(event, "n")) - len(file.results)
        self.skipped += max(0, missing)  # Jest announces no skipped tests
        error = text_of(event, "exec_error")
        for name in file.running if error else ():
            self.tests.send_running(path, name, error)
        if error and not file.running:
            self.tests.send_broken_file(path, error, has_tests=bool(file.results))

    def _send(self, path: str, file: _File, output: str = "") -> None:
        for event in file.results:
            result = {
                "status": event.get("status"),
                "fullName": event.get("name"),
                "duration": event.get("dur"),
                "location": event.get("loc"),
                "failureMessages": event.get("msg"),
            }
            self.tests.send(path, result, output)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a stream, whole or cut off anywhere."""
    stream = _Stream(emit, context)
    for event in json_lines(source):
        stream.take(event)
    return stream.finish()


FORMAT = Format(
    read=read, signature=r'\{"e":"(?:start","suites"|(?:file_start|test_start|result)","file")'
)
