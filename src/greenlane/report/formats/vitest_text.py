"""What Vitest prints for people: red tests are named, all others only counted in the summary."""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_FAIL = re.compile(r"^ FAIL  (.+?)$")
_PLACE = re.compile(r"^(?:\|[^|]*\| )?(\S.*?\.\w+)(?::(\d{1,7}):\d+)?(?: > (.*))?$")
_BROKEN = re.compile(r"^(?:\|[^|]*\| )?(.+?) \[ .+ \]$")
_TESTS = re.compile(r"^ +Tests  +(.+?)$")
_ERRORS = re.compile(r"^ +Errors  +(\d+ errors?)$")
_COUNT = re.compile(r"(\d{1,9}) (failed|passed|expected fail|skipped|todo)\b")
_RULE = re.compile(r"^⎯{5}")
_OUTCOMES = {
    "failed": TestOutcome.FAILED,
    "passed": TestOutcome.PASSED,
    "expected fail": TestOutcome.PASSED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
}
_NAMED_LIMIT = 10_000  # red tests that are told apart


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._seen: set[str] = set()
        self._about: list[TestCase] = []
        self._text = Excerpt()
        self._counts: Counter[TestOutcome] = Counter()
        self._named = 0
        self._broken = 0
        self._summaries = 0
        self._problems: list[str] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        if failed := _FAIL.match(line):
            if self._text:
                self._flush()
            self._begin(failed[1])
        elif tests := _TESTS.match(line):
            self._flush()
            self._summaries += 1
            for count, word in _COUNT.findall(tests[1]):
                self._counts[_OUTCOMES[word]] += int(count)
        elif errors := _ERRORS.match(line):
            self._problems.append(f"{errors[1]} outside of the tests")
        elif _RULE.match(line):
            self._flush()
        elif self._about and line.strip():
            self._text.add(line)

    def finish(self) -> Findings:
        """Say what the run was."""
        self._flush()
        self._counts[TestOutcome.FAILED] -= self._named
        executed = self._named + sum(
            count for outcome, count in self._counts.items() if outcome is not TestOutcome.SKIPPED
        )
        return Findings(
            is_recognised=self._summaries > 0,
            is_complete=self._summaries > 0,
            status=RunStatus.BUILD_ERROR if self._broken and executed <= 0 else None,
            problems=self._problems[:20],
            unnamed=dict(+self._counts),
        )

    def _begin(self, name: str) -> None:
        if name in self._seen or len(self._seen) >= _NAMED_LIMIT:
            return
        self._seen.add(name)
        place = _PLACE.match(name)
        if broken := _BROKEN.match(name):
            file = bound(broken[1], 1000)
            self._broken += 1
            self._about.append(TestCase(id=file, outcome=TestOutcome.ERROR, file=file))
        elif place and place[3]:
            self._named += 1
            self._about.append(
                TestCase(
                    id=bound(place[3].replace(" > ", " "), 1000),
                    outcome=TestOutcome.FAILED,
                    file=bound(place[1], 1000),
                    line=int(place[2] or 0),
                )
            )

    def _flush(self) -> None:
        about, self._about = self._about, []
        lines, self._text = self._text.lines(), Excerpt()
        for case in about:
            self._emit(
                TestCase(
                    id=case.id,
                    outcome=case.outcome,
                    file=case.file,
                    line=case.line,
                    message=bound(lines[0].strip() if lines else ""),
                    traceback=bound("\n".join(lines)),
                )
            )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what Vitest's default and verbose reporters printed."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^ +Tests  +(?:no tests|\d+ (?:failed|passed|expected|skipped|todo)\b.* \(\d+\))$",
    is_text=True,
)
