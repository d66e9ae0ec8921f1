"""What `swift test` prints: XCTest on Linux and macOS, and swift-testing, often both in one run.

XCTest's file of results tells a skipped test as passed; its text does not. swift-testing puts a
symbol, which differs between systems, before each line and runs tests side by side.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_CASE = re.compile(
    r"^Test Case '(?:-\[)?([\w.]+)[. ](\w+)\]?' (?:started\b|(passed|failed|skipped)"
    r" \((\d+\.\d+) seconds\))"
)
_CASE_ERROR = re.compile(
    r"^(\S.*?\.swift|<unknown>):(\d{1,7}): (?:error: )?(?:-\[)?[\w.]+[. ]\w+\]? : (.*)$"
)
_EXECUTED = re.compile(r"^\s*Executed (\d{1,9}) tests?, with (?:(\d+) tests? skipped and )?(\d+) ")
_TOP_SUITE = re.compile(r"^Test Suite '(?:All tests|Selected tests|.*\.xctest)' (started|\w+)\b")
_RUN = re.compile(r"^\S{1,8} +Test run (started|with (\d{1,9}) tests?\b.* (?:passed|failed) after)")
_TEST = re.compile(
    r"^\S{1,8} +Test (?!run |case )(\"(?:[^\"\\]|\\.)*\"|[^\s\"].*?\))(?: with \d+ test cases?)? "
    r"(started|passed|failed|skipped|recorded an issue|recorded a known issue)\b(.*)$"
)
_AFTER = re.compile(r"^ after (\d+\.\d+) seconds?(.*)$")
_ISSUE = re.compile(r"^.*? at (\S+?):(\d{1,7}):\d+: (.*)$")
_MAX_OPEN = 10_000


class _Open:
    """A test that began: what is said of it."""

    def __init__(self) -> None:
        self.file = ""
        self.line = 0
        self.text = Excerpt()

    def blame(self, file: str, line: int, what: str) -> None:
        """Take an error; the first one gives the place."""
        if not self.file and file != "<unknown>":
            self.file, self.line = file, line
        self.text.add(what)


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._tests = Counted(emit)
        self._context = context
        self._open: dict[str, _Open] = {}
        self._case = ""  # XCTest runs one after the other
        self._begun = self._over = 0
        self._depth = 0
        self._executed = 0
        self._declared = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if case := _CASE.match(line):
            self._take_case(case)
        elif (error := _CASE_ERROR.match(line)) and (test := self._open.get(self._case)):
            test.blame(relative(error[1], self._context.root), int(error[2]), error[3])
        elif suite := _TOP_SUITE.match(line):
            self._take_suite(is_start=suite[1] == "started")
        elif executed := _EXECUTED.match(line):
            self._executed = int(executed[1])
        elif run := _RUN.match(line):
            self._begun += run[1] == "started"
            self._over += run[1] != "started"
            self._declared += int(run[2] or 0)
        elif test_line := _TEST.match(line):
            self._take_test(*test_line.groups())

    def finish(self) -> Findings:
        """Say what the runs were."""
        running = list(self._open)
        word = "timeout" if self._context.timed_out else "crash"
        for name, test in self._open.items():
            self._tests.send(name, TestOutcome.ERROR, word, file=test.file, line=test.line)
        return Findings(
            is_recognised=self._begun > 0 or self._tests.total > 0,
            is_complete=self._over >= self._begun > 0 and not running,
            declared_total=self._declared + self._executed,
            running=running[:20],
        )

    def _take_suite(self, *, is_start: bool) -> None:
        """Count only the outermost of the suites that stand for a whole run."""
        self._depth += 1 if is_start else -1
        if is_start and self._depth == 1:
            self._begun += 1
        elif not is_start and self._depth <= 0:
            self._depth = 0
            self._over += 1

    def _take_case(self, case: re.Match[str]) -> None:
        group, name, word, seconds = case.groups()
        name = bound(f"{group}.{name}", 1000)
        if word is None:
            self._case = name
            self._begin(name)
            return
        self._case = ""
        outcome = {"passed": TestOutcome.PASSED, "failed": TestOutcome.FAILED}
        self._end(name, outcome.get(word, TestOutcome.SKIPPED), float(seconds))

    def _take_test(self, name: str, word: str, rest: str) -> None:
        name = bound(name[1:-1] if name.startswith('"') else name, 1000)
        after = _AFTER.match(rest)
        seconds = float(after[1]) if after else None
        if word == "started":
            self._begin(name)
        elif word == "skipped":
            self._end(name, TestOutcome.SKIPPED, None)
        elif word.startswith("recorded"):
            if (test := self._open.get(name)) and (issue := _ISSUE.match(rest)):
                test.blame(relative(issue[1], self._context.root), int(issue[2]), issue[3])
        elif word == "failed":
            self._end(name, TestOutcome.FAILED, seconds)
        else:
            is_known = "known issue" in rest
            self._end(name, TestOutcome.XFAIL if is_known else TestOutcome.PASSED, seconds)

    def _begin(self, name: str) -> None:
        if len(self._open) < _MAX_OPEN:
            self._open[name] = _Open()

    def _end(self, name: str, outcome: TestOutcome, seconds: float | None) -> None:
        test = self._open.pop(name, None) or _Open()
        self._tests.send(
            name, outcome, test.text.text(), file=test.file, line=test.line, seconds=seconds
        )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what `swift test` or a test program printed."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^Test Suite '.+' started at \d{4}-|^Test Case '.+' started"
    r"|^\S{1,8} +Test run (?:started\.|with \d+ tests?\b)",
    is_text=True,
)
