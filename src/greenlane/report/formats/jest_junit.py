"""The JUnit XML of jest-junit, which calls a `test.todo` passed.

A todo takes no time and the summary that Jest prints counts them: with both, they are told apart.
"""

from __future__ import annotations

import re
from typing import BinaryIO

import msgspec

from greenlane.model.report import EXECUTED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats import junit
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, name_file

_COUNT = re.compile(r"^Tests: .*?\b(\d{1,9}) todo\b", re.MULTILINE)
_NAMED = re.compile(r"^ +✎ todo (.+)$", re.MULTILINE)
_BROKEN = "Test suite failed to run."
_MAX_HELD = 20_000


class _Sieve:
    """Hold back what may be a todo until all tests are known."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        output = context.output()
        counted = _COUNT.search(output)
        self._todos = int(counted[1]) if counted else 0
        self._names = tuple(set(_NAMED.findall(output)))
        self._held: list[TestCase] = []
        self.executed = 0
        self.broken = 0

    def take(self, case: TestCase) -> None:
        """Take a test as the XML has it."""
        if case.id.startswith(_BROKEN):
            self.broken += 1
            path = name_file(case.id.removeprefix(_BROKEN), self._context.root)
            case = msgspec.structs.replace(case, id=path, outcome=TestOutcome.ERROR)
        else:
            self.executed += case.outcome in EXECUTED
        is_idle = case.outcome is TestOutcome.PASSED and not case.duration_seconds
        if is_idle and self._todos and len(self._held) < _MAX_HELD:
            self._held.append(case)
        else:
            self._emit(case)

    def finish(self) -> None:
        """Hand over what was held back, first the likeliest todos."""
        self._held.sort(key=lambda case: not case.id.endswith(self._names or ("",)))
        for number, case in enumerate(self._held):
            is_todo = number < self._todos
            self.executed -= is_todo
            outcome = TestOutcome.SKIPPED if is_todo else case.outcome
            self._emit(msgspec.structs.replace(case, outcome=outcome))


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report."""
    sieve = _Sieve(emit, context)
    findings = junit.FORMAT.read(source, sieve.take, context)
    sieve.finish()
    if sieve.broken and not sieve.executed:
        return msgspec.structs.replace(findings, status=RunStatus.BUILD_ERROR)
    return findings


FORMAT = Format(read=read, signature=r'\s*<testsuites name="jest tests"')
