"""What Jest's JSON, its streaming reporter and Vitest's JSON have in common: one test's result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, ReadContext, bound, name_file, relative
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import strip_escapes

_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "pending": TestOutcome.SKIPPED,
    "skipped": TestOutcome.SKIPPED,
    "disabled": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
}
_STAND_IN = "Error: STACK_TRACE_ERROR"  # in Vitest's JSON, for a test that ran out of time
_STACK = re.compile(r"^\s+at ", re.MULTILINE)
_FILTER = re.compile(r'^Ran all test suites?.* with tests matching "(.*)"', re.MULTILINE)
_THRESHOLD = re.compile(r"^Jest: .*\bthreshold\b.*$", re.MULTILINE)
_HEADER = re.compile(r"^(?:PASS|FAIL) (?:\S+ )??(\S+\.\w+)(?: \(.*\))?$", re.MULTILINE)


class JestTests:
    """Emit Jest's tests under their ids and count them."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._name_filter: re.Pattern[str] | None = None
        self._output: str | None = None
        self.executed = 0
        self.broken_files = 0
        self.filtered = 0

    @property
    def output(self) -> str:
        """What the run printed."""
        if self._output is None:
            self._output = self._context.output()
        return self._output

    @property
    def is_filtering(self) -> bool:
        """Say whether tests were chosen by a pattern."""
        return self._name_filter is not None

    @property
    def status(self) -> RunStatus | None:
        """What the files that could not be run prove: alone they are a build error."""
        if self.broken_files and not self.executed:
            return RunStatus.BUILD_ERROR
        return None

    @property
    def problems(self) -> list[str]:
        """Find why Jest failed although no test did."""
        if self._context.exit_code == 0:
            return []
        return [bound(line, 500) for line in _THRESHOLD.findall(self.output)[:5]]

    def find_filter(self) -> None:
        """Find in the output the pattern that tests were chosen by (`-t`)."""
        if found := _FILTER.search(self.output):
            self.set_filter(found[1])

    def set_filter(self, pattern: str) -> None:
        """Set the pattern that tests were chosen by; the others only look skipped."""
        try:
            self._name_filter = re.compile(pattern, re.IGNORECASE) if pattern else None
        except re.error:  # JavaScript knows expressions that Python does not
            self._name_filter = None

    def name_file(self, path: str) -> str:
        """Return a test file's path below the root, or as Jest itself printed it."""
        below = relative(path, self._context.root).removeprefix("./")
        if not below.startswith("/"):
            return below
        for shown in _HEADER.findall(self.output):
            tail = shown.removeprefix("./")
            if path.endswith(f"/{tail}"):
                return str(tail)
        return name_file(path, self._context.root)

    def send(self, file: str, result: Mapping[str, Any], output: str = "") -> None:
        """Emit a test, given as Jest's assertion result; a red one with what its file printed."""
        outcome = _OUTCOMES.get(text_of(result, "status"), TestOutcome.NOT_RUN)
        name = text_of(result, "fullName").strip() or text_of(result, "title")
        if outcome is TestOutcome.SKIPPED and self._is_filtered(name):
            self.filtered += 1
            return
        message, trace = _split(result)
        self.executed += outcome in EXECUTED
        self._emit(
            TestCase(
                id=bound(name, 1000) or "(no name)",
                outcome=outcome,
                file=self.name_file(file),
                line=_line(result, trace, file),
                duration_seconds=_seconds(result),
                message=bound(message),
                traceback=bound(trace) if outcome in RED else "",
                output=bound(strip_escapes(output)) if outcome in RED else "",
            )
        )

    def send_broken_file(self, file: str, message: str, *, has_tests: bool = False) -> None:
        """Emit a test file that could not be run at all, or that failed beside its tests."""
        self.broken_files += not has_tests
        message = strip_escapes(message)
        self._emit(
            TestCase(
                id=bound(self.name_file(file), 1000) or "(no name)",
                outcome=TestOutcome.ERROR,
                file=self.name_file(file),
                message=bound(_summary(message)),
                traceback=bound(message),
            )
        )

    def send_running(self, file: str, name: str, error: str = "") -> None:
        """Emit a test that had started when the run, or the process of its file, broke off."""
        error = strip_escapes(error)
        message = "timeout" if self._context.timed_out else "crash"
        self._emit(
            TestCase(
                id=bound(name, 1000) or "(no name)",
                outcome=TestOutcome.ERROR,
                file=self.name_file(file),
                message=bound(_summary(error)) if error else message,
                traceback=bound(error),
            )
        )

    def _is_filtered(self, name: str) -> bool:
        return self._name_filter is not None and not self._name_filter.search(name)


def _split(result: Mapping[str, Any]) -> tuple[str, str]:
    """Return the message of a result and its whole text with the stack."""
    messages = result.get("failureMessages")
    texts = (
        [text for text in messages if isinstance(text, str)] if isinstance(messages, list) else []
    )
    whole = strip_escapes("\n\n".join(text[:20_000] for text in texts[:10]))
    whole = whole.replace(_STAND_IN, "Error: Test timed out")
    return _STACK.split(whole, maxsplit=1)[0].strip(), whole


def _summary(message: str) -> str:
    """Return the first words of a broken file's message that say something."""
    lines = [line.strip() for line in message.splitlines()]
    said = [line for line in lines if line and not line.startswith("●")]
    errors = [line for line in said if re.match(r"\w*Error\b.*:|Cannot find ", line)]
    return (errors or said or ["the test file could not be run"])[0]


def _line(result: Mapping[str, Any], trace: str, file: str) -> int:
    location = result.get("location")
    if isinstance(location, dict) and (line := int(number_of(location, "line"))):
        return line
    found = re.search(rf"{re.escape(file)}:(\d{{1,7}}):\d+", trace) if file and trace else None
    return int(found[1]) if found else 0


def _seconds(result: Mapping[str, Any]) -> float | None:
    duration = result.get("duration")
    return number_of(result, "duration") / 1000 if isinstance(duration, int | float) else None
