"""nextest's machine-readable output: `libtest-json` and `libtest-json-plus`, and its listing.

`NEXTEST_EXPERIMENTAL_LIBTEST_JSON=1 cargo nextest run --message-format libtest-json` prints the
events of libtest with `CRATE::BINARY$` before each name and `#ATTEMPT` behind that of a test which
was tried again; all events of a binary come when its last test has ended, those of the rest once
more under the same suite. `cargo nextest list --message-format json` prints one object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
from greenlane.report.formats.json_document import Told, document_reader, object_of
from greenlane.report.formats.json_lines import json_lines, text_of
from greenlane.report.formats.rust_failure import explain_failure

_ATTEMPT = re.compile(r"#\d+$")
_OUTCOMES = {
    "ok": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "timeout": TestOutcome.FAILED,
    "ignored": TestOutcome.SKIPPED,
}
_MAX_KNOWN = 200_000
_MAX_NAMED = 20


class _Run:
    """Follow the events of a run."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._running: dict[str, None] = {}
        self._suites = self._open = self._ended = 0
        self._is_ok = True

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""
        what, name = text_of(event, "event"), text_of(event, "name")
        match text_of(event, "type"):
            case "suite":
                self._suites += what == "started"
                self._open += 1 if what == "started" else -1
                self._is_ok = self._is_ok and what != "failed"
            case "test" if what == "started" and len(self._running) < _MAX_KNOWN:
                self._running[name] = None
            case "test" if what in _OUTCOMES:
                self._finish_test(name, _OUTCOMES[what], event)

    def finish(self) -> Findings:
        """Hand over what was running, and say what the run was."""
        if not self._suites and not self._ended:
            return UNRECOGNISED
        because = "timeout" if self._context.timed_out else "crash"
        running = [_test_of(name) for name in self._running]
        for name in running:
            self._emit(TestCase(id=name, outcome=TestOutcome.ERROR, message=because))
        is_killed = self._context.timed_out or (self._context.exit_code or 0) < 0
        return Findings(
            is_recognised=True,
            is_complete=self._open <= 0 and not running and not is_killed,
            says_success=self._is_ok,
            running=running[:_MAX_NAMED],
        )

    def _finish_test(self, name: str, outcome: TestOutcome, event: dict[str, Any]) -> None:
        if name not in self._running:
            name = _ATTEMPT.sub("", name)
        self._running.pop(name, None)
        self._ended += 1
        test, output = _test_of(name), text_of(event, "stdout")
        message, file, line = text_of(event, "message") or text_of(event, "reason"), "", 0
        if outcome is TestOutcome.FAILED:
            message, file, line = explain_failure(test, message, output)
        seconds = event.get("exec_time")
        self._emit(
            TestCase(
                id=test,
                outcome=outcome,
                file=relative(file, self._context.root),
                line=line,
                duration_seconds=float(seconds) if isinstance(seconds, int | float) else None,
                message=bound(message),
                traceback=bound(output) if outcome is TestOutcome.FAILED else "",
            )
        )


def _test_of(name: str) -> str:
    """Cut the binary off the name of a test."""
    binary, dollar, test = name.partition("$")
    return bound(test if dollar and test and " " not in binary else name, 1000) or "(no name)"


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the events of a run, whole or cut off anywhere."""
    run = _Run(emit, context)
    for event in json_lines(source):
        run.take(event)
    return run.finish()


def _tell_list(document: dict[str, Any], context: ReadContext) -> Told | None:
    suites = document.get("rust-suites")
    if not isinstance(suites, dict) or context.exit_code:
        return None
    return _listed(suites), Findings(is_recognised=True, status=RunStatus.LISTED)


def _listed(suites: dict[str, Any]) -> Iterator[TestCase]:
    for suite in suites.values():
        for name in object_of(object_of(suite).get("testcases")):
            yield TestCase(id=bound(name, 1000), outcome=TestOutcome.NOT_RUN)


FORMAT = Format(
    read=read,
    signature=(
        r'\{"type":"suite","event":"started","test_count":\d+,"nextest":'
        r'|\{"type":"test","event":"\w+","name":"[^"\\$ ]+::[^"\\$ ]+\$'
    ),
)
LIST = Format(
    read=document_reader(r'^\{\s*"rust-build-meta"', _tell_list),
    signature=r'\{"rust-build-meta":|\{\s*"rust-build-meta"',
)
