"""TeamCity's service messages: `##teamcity[testStarted name='…' flowId='…']`, one a line.

PHPUnit writes them by `--log-teamcity` and `--teamcity`, Pest by `--teamcity`, and reporters for
many others. The messages: https://www.jetbrains.com/help/teamcity/service-messages.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.text import raw_lines, strip_escapes

_LINE_LIMIT = 8 * 1024 * 1024  # bytes; a failure comes on one line, whatever it says
_MARK = "##teamcity["
_KIND = re.compile(r"\w+")
_ATTRIBUTE = re.compile(r"\s+(\w+)\s*=\s*'((?:[^'|]|\|.)*)'")
_ESCAPE = re.compile(r"\|(0x[0-9A-Fa-f]{4}|.)", re.DOTALL)
_CODES = {"n": "\n", "r": "\r", "x": "\x85", "l": "\u2028", "p": "\u2029"}
_PHP = re.compile(r"^(?:php|pest)_qn://(.*?)::(?:\\?(.*)::)?")
_PLACE = re.compile(r"(?:^|[\s(])(/?[^\s:()]+\.\w{1,5}):(\d{1,7})\b")
_PHP_ERROR = re.compile(
    r"^(?:[\w\\]+ : |\\?(?:\w+\\)*\w*(?:Error|Exception|Throwable)(?:: |$|\n)"
    r"|Undefined |Trying to |Attempt to |Division by zero|Array to string conversion)"
)
_PHP_RISKY = re.compile(r"^(?:This test |Test code or tested code )")
_MAX_FLOWS = 10_000
_MAX_RUNNING = 100_000
_MAX_PROBLEMS = 20
_MAX_DEPTH = 100

Message = tuple[str, dict[str, str]]


class _Test:
    """A test that began."""

    def __init__(self, name: str, hint: str) -> None:
        self.id = name
        self.hint = hint
        self.outcome = TestOutcome.PASSED
        self.message = ""
        self.details = ""
        self.output = ""


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._suites: dict[str, list[str]] = {}  # by flow
        self._running: dict[tuple[str, str], _Test] = {}
        self._planned = self._ended = 0
        self._is_green = True
        self._problems: list[str] = []
        self._is_known = False

    def take(self, kind: str, values: dict[str, str]) -> None:
        """Take the next message."""
        flow, name = values.get("flowId", ""), values.get("name", "")
        match kind:
            case "flowStarted" if parent := self._suites.get(values.get("parent", "")):
                self._flow(flow).extend(parent)
            case "testCount":
                count = values.get("count", "")
                self._planned += int(count[:9]) if count[:9].isdecimal() else 0
            case "testSuiteStarted" if len(self._flow(flow)) < _MAX_DEPTH:
                self._flow(flow).append(name)
            case "testSuiteFinished":
                self._end_suite(flow, name)
            case "testStarted" | "testFailed" | "testIgnored" | "testStdOut" | "testStdErr":
                self._about_test(kind, self._test(flow, name, values), values)
            case "testFinished" if test := self._running.pop((flow, name), None):
                self._send(test, values.get("duration", ""))
            case "buildProblem" if len(self._problems) < _MAX_PROBLEMS:
                self._problems.append(bound(values.get("description", "a build problem"), 500))
            case _:
                return
        self._is_known = True

    def finish(self) -> Findings:
        """Hand over what never ended, and say what the run was."""
        if not self._is_known:
            return UNRECOGNISED
        is_over = not any(self._suites.values())
        word = "timeout" if self._context.timed_out else "crash"
        running: list[str] = []
        for test in self._running.values():
            if test.outcome is TestOutcome.PASSED:
                running.append(test.id)
                test.outcome, test.message = TestOutcome.ERROR, word
            self._send(test, "")
        is_complete = is_over and not running
        missing = max(0, self._planned - self._ended)
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            says_success=self._is_green,
            problems=self._problems,
            running=running[:_MAX_PROBLEMS],
            unnamed_not_run=0 if is_complete else missing,
        )

    def _flow(self, flow: str) -> list[str]:
        key = flow if flow in self._suites or len(self._suites) < _MAX_FLOWS else ""
        return self._suites.setdefault(key, [])

    def _end_suite(self, flow: str, name: str) -> None:
        suites = self._flow(flow)
        if name in suites:
            del suites[len(suites) - 1 - suites[::-1].index(name) :]

    def _test(self, flow: str, name: str, values: dict[str, str]) -> _Test:
        known = self._running.get((flow, name))
        if known is None:
            hint = values.get("locationHint", "")
            known = _Test(bound(_id_of(name, self._flow(flow), hint), 1000), hint)
            if len(self._running) < _MAX_RUNNING:
                self._running[flow, name] = known
        return known

    def _about_test(self, kind: str, test: _Test, values: dict[str, str]) -> None:
        if kind == "testFailed" and test.outcome not in {TestOutcome.FAILED, TestOutcome.ERROR}:
            test.message, test.details = values.get("message", ""), values.get("details", "")
            test.outcome = _outcome(test, is_error=values.get("error") == "true")
        elif kind == "testIgnored":
            test.message, test.outcome = values.get("message", ""), TestOutcome.SKIPPED
        elif kind.startswith("testStd"):
            test.output = bound(test.output + values.get("out", ""))

    def _send(self, test: _Test, duration: str) -> None:
        self._ended += 1
        is_red = test.outcome in {TestOutcome.FAILED, TestOutcome.ERROR}
        self._is_green = self._is_green and not is_red
        place = _PLACE.search(test.details) if is_red else None
        named = _PHP.match(test.hint)
        file = named[1] if named else (place[1] if place else "")
        line = int(place[2]) if place and place[1] == file else 0
        milliseconds = re.fullmatch(r"\d{1,12}(?:\.\d{1,9})?", duration)
        self._emit(
            TestCase(
                id=test.id or "(no name)",
                outcome=test.outcome,
                file=relative(file, self._context.root),
                line=line,
                duration_seconds=float(duration) / 1000 if milliseconds else None,
                message=bound(strip_escapes(test.message).strip()),
                traceback=bound(strip_escapes(f"{test.message}\n{test.details}").strip())
                if is_red
                else "",
                output=bound(strip_escapes(test.output)),
            )
        )


def _id_of(name: str, suites: list[str], hint: str) -> str:
    """Name a test of PHP as its JUnit report does, any other by its suites."""
    named = _PHP.match(hint)
    if named and named[2]:
        return f"{named[2]}::{name}"
    return " > ".join([*(suite for suite in suites if suite and not name.startswith(suite)), name])


def _outcome(test: _Test, *, is_error: bool) -> TestOutcome:
    """Tell errors from failures; PHPUnit also says by `testFailed` that a test is risky."""
    is_php = test.hint.startswith(("php_qn:", "pest_qn:"))
    if is_php and not test.details.strip() and _PHP_RISKY.match(test.message):
        return TestOutcome.PASSED
    is_error = is_error or (is_php and bool(_PHP_ERROR.match(test.message)))
    return TestOutcome.ERROR if is_error else TestOutcome.FAILED


def _messages(line: str) -> Iterator[Message]:
    """Give the messages of a line; one whose end is missing has the values that are whole."""
    at = line.find(_MARK)
    while at >= 0:
        at += len(_MARK)
        kind = _KIND.match(line, at)
        values: dict[str, str] = {}
        at = kind.end() if kind else at
        while found := _ATTRIBUTE.match(line, at):
            values[found[1]] = _unescaped(found[2])
            at = found.end()
        if kind:
            yield kind[0], values
        at = line.find(_MARK, at)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _character(match[1]), text) if "|" in text else text


def _character(code: str) -> str:
    if len(code) == 1:
        return _CODES.get(code, code)
    number = int(code, 16)
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read service messages, in a file of their own or between other output."""
    run = _Run(emit, context)
    for raw in raw_lines(source, _LINE_LIMIT):
        if _MARK.encode() in raw:
            for kind, values in _messages(raw.decode("utf-8", "replace")):
                run.take(kind, values)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"##teamcity\[test(?:Count|SuiteStarted|Started|Ignored|Failed|Finished) ",
    is_neutral=True,
)
