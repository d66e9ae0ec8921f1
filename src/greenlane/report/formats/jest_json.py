"""The JSON of `jest --json` (and `vitest --reporter=json`, which has the same shape)."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import UNRECOGNISED, Emit, Findings, Format, ReadContext
from greenlane.report.formats.jest_tests import JestTests
from greenlane.report.formats.json_items import JsonItems, Resumed
from greenlane.report.formats.json_lines import text_of

_TOTAL = re.compile(rb'"numTotalTests":\s*(\d{1,9})')
_SUCCESS = re.compile(rb'"success":\s*(true|false)')
_INTERRUPTED = re.compile(rb'"wasInterrupted":\s*true')
_MARK = b'"numTotalTests"'
_HEAD_BYTES = 64 * 1024
_MOST_HELD = 100_000


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report, file by file; what a package manager printed before it is skipped."""
    sieve = _Sieve(emit)
    tests = JestTests(sieve.take, context)
    tests.find_filter()
    items = JsonItems(_from_its_beginning(source), "testResults")
    for item in items:
        try:
            result = msgspec.json.decode(item)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(result, dict):
            sieve.is_of_vitest = sieve.is_of_vitest or _is_of_vitest(result)
            _take_file(tests, result)
    left_out = tests.filtered + sieve.finish()
    if _MARK not in items.around:
        return UNRECOGNISED
    total, success = _TOTAL.search(items.around), _SUCCESS.search(items.around)
    return Findings(
        is_recognised=True,
        is_complete=items.is_complete and not _INTERRUPTED.search(items.around),
        declared_total=max(0, int(total[1]) - left_out) if total else None,
        says_success=success[1] == b"true" if success else None,
        status=RunStatus.NO_TESTS if sieve.is_of_nothing else tests.status,
        problems=tests.problems,
    )


class _Sieve:
    """Hold skipped tests back until one of another outcome comes.

    Vitest reports what `-t` leaves out as skipped, and nothing in its JSON tells which is which.
    Where nothing at all ran, they are taken for left out: no test was chosen.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._held: list[TestCase] | None = []
        self.is_of_vitest = False
        self.is_of_nothing = False  # all that there was is left out

    def take(self, case: TestCase) -> None:
        """Take the next test."""
        if self._held is None:
            self._emit(case)
            return
        self._held.append(case)
        if case.outcome is not TestOutcome.SKIPPED or len(self._held) > _MOST_HELD:
            self._let_go()

    def finish(self) -> int:
        """Hand over what is held, or count it as left out; give that count."""
        if self._held and self.is_of_vitest:
            self.is_of_nothing = True
            return len(self._held)
        self._let_go()
        return 0

    def _let_go(self) -> None:
        for case in self._held or ():
            self._emit(case)
        self._held = None


def _is_of_vitest(result: dict[str, Any]) -> bool:
    assertions = result.get("assertionResults")
    first = assertions[0] if isinstance(assertions, list) and assertions else None
    return isinstance(first, dict) and "meta" in first


def _take_file(tests: JestTests, result: dict[str, Any]) -> None:
    file = text_of(result, "name")
    assertions = result.get("assertionResults")
    found = (
        [one for one in assertions if isinstance(one, dict)] if isinstance(assertions, list) else []
    )
    for one in found:
        tests.send(file, one)
    is_explained = any(text_of(one, "status") == "failed" for one in found)
    if text_of(result, "status") == "failed" and not is_explained:
        tests.send_broken_file(file, text_of(result, "message"), has_tests=bool(found))


def _from_its_beginning(source: BinaryIO) -> Resumed:
    """Return the bytes from the beginning of the report on."""
    head = source.read(_HEAD_BYTES)
    start = re.search(rb'^\s*\{\s*"num|^\s*\{\s*"\w+":', head, re.MULTILINE)
    return Resumed(head[start.start() :] if start else head, source)


FORMAT = Format(read=read, signature=r'\s*(?:\{.*)?"numTotalTests(?:Suites)?":')
