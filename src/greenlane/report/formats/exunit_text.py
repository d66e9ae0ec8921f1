"""What ExUnit prints: red tests are named, with `--trace` all; the others are counted."""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_RED = re.compile(r"^  +\d{1,9}\) (.+) \(([A-Z][\w.]*)\)$")
_PLACE = re.compile(r"^     (\S+\.exs?):(\d{1,7})$")
_MODULE = re.compile(r"^([A-Z][\w.]*) \[(\S+\.exs?)\]$")
_INVALID = re.compile(r"^  +\d{1,9}\) ([A-Z][\w.]*): failure on setup_all callback")
_TRACED = re.compile(r"^  \* (.+?) \((skipped|excluded|\d+(?:\.\d+)?ms)\)(?: \[L#(\d{1,7})\])?$")
_SUMMARY = re.compile(r"^(?=(?:\d+ (?:doctest|test|propert|feature)\w*, )+\d+ failures?\b)(.*)$")
_COUNT = re.compile(r"(\d{1,9}) (\w+)")
_HELD_LIMIT = 10_000  # traced tests of one module


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._module = ("", "")
        self._passed: dict[str, TestCase] = {}  # traced, and red for all that is known
        self._red: TestCase | None = None
        self._text = Excerpt()
        self._named: Counter[TestOutcome] = Counter()
        self._said: Counter[TestOutcome] = Counter()
        self._summaries = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if red := _RED.match(line):
            self._end_red()
            self._passed.pop(f"{red[2]}.{red[1]}", None)
            self._red = TestCase(id=bound(f"{red[2]}.{red[1]}", 1000), outcome=TestOutcome.FAILED)
        elif invalid := _INVALID.match(line):
            self._end_red()
            self._invalidate(f"{invalid[1]}.")
        elif summary := _SUMMARY.match(line):
            self._end_red()
            self._end_run(summary[1])
        elif traced := _TRACED.match(line):
            self._end_red()
            self._take(traced)
        elif module := _MODULE.match(line):
            self._end_red()
            self._flush()
            self._module = (module[1], module[2])
        elif self._red:
            self._continue_red(line)

    def finish(self) -> Findings:
        """Say what the runs were."""
        self._end_red()
        self._flush()
        unnamed = {
            outcome: count - self._named[outcome]
            for outcome, count in self._said.items()
            if count > self._named[outcome]
        }
        return Findings(
            is_recognised=self._summaries > 0, is_complete=self._summaries > 0, unnamed=unnamed
        )

    def _take(self, traced: re.Match[str]) -> None:
        name, told, line = traced.groups()
        if told == "excluded":
            return
        module, file = self._module
        is_skipped = told == "skipped"
        case = TestCase(
            id=bound(f"{module}.{name}", 1000),
            outcome=TestOutcome.SKIPPED if is_skipped else TestOutcome.PASSED,
            file=file,
            line=int(line or 0),
            duration_seconds=None if is_skipped else float(told[:-2]) / 1000,
        )
        if len(self._passed) >= _HELD_LIMIT:
            self._flush()
        self._passed[case.id] = case  # later lines say whether it is red

    def _invalidate(self, start: str) -> None:
        """Take back the tests of a module: traced as if they had run, they never did."""
        for name, case in self._passed.items():
            if name.startswith(start) and case.outcome is TestOutcome.PASSED:
                self._passed[name] = msgspec.structs.replace(
                    case, outcome=TestOutcome.ERROR, message="failure on setup_all callback"
                )

    def _continue_red(self, line: str) -> None:
        assert self._red is not None  # noqa: S101 - for the type checker
        if (place := _PLACE.match(line)) and not self._text and not self._red.file:
            self._red = msgspec.structs.replace(self._red, file=place[1], line=int(place[2]))
        elif line.startswith("     "):
            self._text.add(line[5:])
        elif line.strip():
            self._end_red()

    def _end_red(self) -> None:
        red, self._red = self._red, None
        text, self._text = self._text.text().strip(), Excerpt()
        if red:
            self._send(
                msgspec.structs.replace(
                    red, message=bound(text.partition("\ncode:")[0].strip()), traceback=bound(text)
                )
            )

    def _end_run(self, counted: str) -> None:
        self._summaries += 1
        self._flush()
        counts: Counter[str] = Counter()
        for number, word in _COUNT.findall(counted):
            kind = word if word in {"skipped", "excluded", "invalid"} else "tests"
            counts["failures" if word.startswith("failure") else kind] += int(number)
        other = sum(counts[kind] for kind in ("failures", "skipped", "excluded", "invalid"))
        self._said[TestOutcome.PASSED] += max(0, counts["tests"] - other)
        self._said[TestOutcome.FAILED] += counts["failures"]
        self._said[TestOutcome.ERROR] += counts["invalid"]
        self._said[TestOutcome.SKIPPED] += counts["skipped"]

    def _flush(self) -> None:
        passed, self._passed = self._passed, {}
        for case in passed.values():
            self._send(case)

    def _send(self, case: TestCase) -> None:
        self._named[case.outcome] += 1
        self._emit(case)


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what `mix test` printed, between other output."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^(?:\d+ (?:doctest|test|propert|feature)\w*, )+\d+ failures?\b",
    is_text=True,
)
