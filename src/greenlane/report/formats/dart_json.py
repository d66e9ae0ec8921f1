"""The JSON protocol of `dart test --reporter json` and `flutter test --machine`.

Source: json_reporter.md in dart-lang/test (protocol 0.1). Hidden tests are the loading of files
and `setUpAll`: they count only where they failed, and the loading of a file that failed is a build
error. A test may fail after it ended. Flutter puts events of its own, in arrays, between.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    name_file,
)
from greenlane.report.formats.json_lines import json_lines, number_of, text_of
from greenlane.report.formats.text import strip_escapes

_LOADING = re.compile(r"^loading (.+)$")
_SCAFFOLD = re.compile(r"(?:^|[ )])\((?:setUpAll|tearDownAll)\)$")
_MAX_OPEN = 20_000  # tests that run
_MAX_HELD = 5_000  # tests that passed and may still fail
_OUTCOMES = {
    "success": TestOutcome.PASSED,
    "failure": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
}


class _Test:
    """A test that began."""

    def __init__(self, about: dict[str, Any], suite: str, began: float) -> None:
        self.name = bound(text_of(about, "name"), 1000)
        self.suite = suite
        self.began = began
        self.file, self.line = _place(about, suite)
        self.outcome: TestOutcome | None = None
        self.is_hidden = False
        self.seconds: float | None = None
        self.error = self.trace = self.output = ""

    @property
    def is_loading(self) -> bool:
        """Tell whether this is no test but the loading of a file."""
        return _LOADING.match(self.name) is not None


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._suites: dict[int, str] = {}
        self._tests: dict[int, _Test] = {}
        self._held: dict[int, _Test] = {}
        self._started = self._done = 0
        self._verdict: bool | None = None
        self._problems: list[str] = []
        self._broken = 0

    def take(self, event: dict[str, Any]) -> None:
        """Take the next event."""
        match text_of(event, "type"):
            case "start":
                self._flush()
                self._started += 1
            case "suite":
                suite = _object(event.get("suite"))
                path = text_of(suite, "path")
                self._suites[int(number_of(suite, "id"))] = bound(path, 1000)
            case "testStart":
                self._start(event)
            case "print" if test := self._test(event):
                test.output = bound(f"{test.output}{text_of(event, 'message')}\n")
            case "error" if test := self._test(event):
                _fail(test, event)
            case "testDone" if test := self._test(event):
                _end(test, event)
                self._hold(int(number_of(event, "testID")), test)
            case "done":
                self._done += 1
                said = event.get("success")
                self._verdict = said is True and self._verdict is not False

    def finish(self) -> Findings:
        """Hand over what is left, and say what the runs were."""
        if not self._started:
            return UNRECOGNISED
        running = self._flush()
        return Findings(
            is_recognised=True,
            is_complete=self._done >= self._started and not running,
            says_success=self._verdict,
            status=RunStatus.BUILD_ERROR if self._broken else None,
            problems=self._problems,
            running=running[:20],
        )

    def _start(self, event: dict[str, Any]) -> None:
        about = _object(event.get("test"))
        if len(self._tests) < _MAX_OPEN and isinstance(about.get("id"), int):
            suite = self._suites.get(int(number_of(about, "suiteID")), "")
            self._tests[about["id"]] = _Test(about, suite, number_of(event, "time"))

    def _test(self, event: dict[str, Any]) -> _Test | None:
        number = event.get("testID")
        if not isinstance(number, int):
            return None
        return self._tests.get(number) or self._held.get(number)

    def _hold(self, number: int, test: _Test) -> None:
        """Keep a test that passed back for a while: it may still fail."""
        self._tests.pop(number, None)
        if test.outcome is not TestOutcome.PASSED:
            self._held.pop(number, None)
            self._end_test(test)
            return
        self._held[number] = test
        if len(self._held) > _MAX_HELD:
            self._end_test(self._held.pop(next(iter(self._held))))

    def _end_test(self, test: _Test) -> None:
        if test.outcome is TestOutcome.PASSED and (test.is_hidden or test.is_loading):
            return
        if test.is_loading:
            self._broken += 1
            if len(self._problems) < 20:
                self._problems.append(bound(test.error or test.name, 500))
        self._send(test, test.outcome or TestOutcome.ERROR)

    def _flush(self) -> list[str]:
        """Emit what is left of a run; give the tests that never ended."""
        for test in self._held.values():
            self._end_test(test)
        running: list[str] = []
        for test in self._tests.values():
            if test.is_loading or _SCAFFOLD.search(test.name):
                continue
            running.append(self._id(test))
            test.error = "timeout" if self._context.timed_out else "crash"
            self._send(test, TestOutcome.ERROR)
        self._tests, self._held, self._suites = {}, {}, {}
        return running

    def _id(self, test: _Test) -> str:
        path = name_file(test.suite, self._context.root)
        if loading := _LOADING.match(test.name):
            return bound(path or name_file(loading[1], self._context.root), 1000)
        return bound(f"{path}: {test.name}" if path else test.name, 1000)

    def _send(self, test: _Test, outcome: TestOutcome) -> None:
        self._emit(
            TestCase(
                id=self._id(test),
                outcome=outcome,
                file=name_file(test.file or test.suite, self._context.root),
                line=test.line,
                duration_seconds=test.seconds,
                message=bound(strip_escapes(test.error)),
                traceback=bound(strip_escapes(test.trace)),
                output=bound(strip_escapes(test.output)),
            )
        )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _place(about: dict[str, Any], suite: str) -> tuple[str, int]:
    """Give where a test stands: in its suite's file, not in a helper that made it."""
    for url, line in (("root_url", "root_line"), ("url", "line")):
        address = text_of(about, url)
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        path = unquote(parts.path) if parts.scheme == "file" else ""
        if path and (not suite or path.endswith(suite.removeprefix("./"))):
            return suite or bound(path, 1000), max(0, int(number_of(about, line)))
    return "", 0


def _fail(test: _Test, event: dict[str, Any]) -> None:
    """Take an error; one after the end makes the test red too."""
    if not test.error:
        test.error = bound(text_of(event, "error").strip())
        test.trace = bound(text_of(event, "stackTrace").strip())
    if test.outcome is TestOutcome.PASSED:
        is_failure = event.get("isFailure") is True
        test.outcome = TestOutcome.FAILED if is_failure else TestOutcome.ERROR


def _end(test: _Test, event: dict[str, Any]) -> None:
    test.outcome = _OUTCOMES.get(text_of(event, "result"), TestOutcome.ERROR)
    if event.get("skipped") is True and test.outcome is TestOutcome.PASSED:
        test.outcome = TestOutcome.SKIPPED
    test.is_hidden = event.get("hidden") is True
    test.seconds = max(0.0, number_of(event, "time") - test.began) / 1000


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the events of all runs in `source`, between other output."""
    run = _Run(emit, context)
    for event in json_lines(source):
        run.take(event)
    return run.finish()


FORMAT = Format(
    read=read, signature=r'^\{"protocolVersion":|^\{.*"protocolVersion":.*"type":"start"'
)
