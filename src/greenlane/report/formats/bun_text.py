"""What `bun test` prints for people: a line for each test that ended, then a summary.

It says more than Bun's JUnit file, which has no messages, makes skipped tests of all that a filter
left out, and loses the names of hooks. What is said of a failure stands before its line. Source:
src/cli/test_command.zig of https://github.com/oven-sh/bun, and runs of Bun 1.3.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_MARKED = re.compile(
    r"^(?:\((pass|fail|skip|todo)\)|([✓✗»✎])) (\S.*?)"
    r"(?: \[(\d{1,9}(?:\.\d{1,9})?)(\u00b5s|us|ms|s)\])?$"
)
_FILE = re.compile(r"^(?:::group::)?(\S+\.[cm]?[jt]sx?):$")
_COUNT = re.compile(r"^ ?(\d{1,9}) (pass|fail|skip|todo|error)s?$")
_ENDED = re.compile(r"^Ran (\d{1,9}) tests? across \d+ files?\.")
_REPEATED = re.compile(r"^\d{1,9} tests? (?:failed|skipped|todo):$")
_UNHANDLED = "# Unhandled error between tests"
_MESSAGE = re.compile(r"^((?:error|\w*Error): .*)", re.MULTILINE | re.DOTALL)
_POSITION = re.compile(r"\(?([^\s()]+):(\d{1,9}):\d+\)?$", re.MULTILINE)
_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6}
_OUTCOMES = {
    "pass": TestOutcome.PASSED,
    "fail": TestOutcome.FAILED,
    "skip": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
    "error": TestOutcome.ERROR,
}
_WORDS = {"✓": "pass", "✗": "fail", "»": "skip", "✎": "todo"}
_MAX_PROBLEMS = 20


class _Text:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._file = ""
        self._failed: TestCase | None = None  # waits for a word about its time limit
        self._printed = Excerpt()  # since the last test
        self._named: Counter[TestOutcome] = Counter()
        self._said: Counter[TestOutcome] = Counter()  # by the runs that are over
        self._counts: Counter[TestOutcome] = Counter()  # the last summary of the current run
        self._counting: Counter[TestOutcome] = Counter()  # one whose last line has not come
        self._is_unhandled = False  # what comes is an error outside of any test
        self._is_repeat = False
        self._problems: list[str] = []
        self._marks = 0
        self._is_known = self._is_ended = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if _ENDED.match(line):
            self._flush()
            self._is_ended = True
            self._counts, self._counting = self._counting, Counter()
        elif count := _COUNT.match(line):
            self._flush()
            self._count(count[2], int(count[1]))
        elif _REPEATED.match(line):
            self._flush()
            self._is_repeat = True
        elif line.startswith("bun test v"):
            self._is_known = True
            self._end_run()
        elif not self._is_repeat:
            self._follow(line)

    def _count(self, word: str, number: int) -> None:
        """Take a line of a summary, which begins with the passed tests.

        Of several in one run the last is Bun's; what came before, a test printed.
        """
        if word == "pass":
            self._counting = Counter()
        self._counting[_OUTCOMES[word]] += number

    def _end_run(self) -> None:
        if self._is_ended:
            self._said.update(self._counts)
            self._counts = Counter()

    def _follow(self, line: str) -> None:
        """Take a line about a test or a file."""
        if marked := _MARKED.match(line):
            self._take(marked)
        elif file := _FILE.match(line):
            self._flush()
            self._file, self._printed = file[1].removeprefix("./"), Excerpt()
        elif line == _UNHANDLED:
            self._flush()
            self._is_unhandled, self._printed = True, Excerpt()
        elif self._failed and line.startswith("  ^ "):
            self._failed = msgspec.structs.replace(self._failed, message=bound(line[4:]))
            self._flush()
        elif not (self._is_unhandled and line.startswith("-----")):
            self._printed.add(line)
        elif self._printed:
            self._flush()

    def finish(self) -> Findings:
        """Say what the run was."""
        self._flush()
        self._said.update(self._counts if self._is_ended else self._counting)
        missing = self._said - self._named
        surplus = self._named - self._said
        return Findings(
            is_recognised=self._is_known or self._is_ended or self._marks > 0,
            is_complete=self._is_ended and not (self._said and surplus),
            says_success=None,
            status=RunStatus.BUILD_ERROR if self._problems and not self._marks else None,
            problems=self._problems,
            unnamed=dict(missing),
        )

    def _take(self, marked: re.Match[str]) -> None:
        word, mark, name, time, unit = marked.groups()
        outcome = _OUTCOMES[word or _WORDS[mark]]
        printed = self._take_printed() if outcome is TestOutcome.FAILED else ""
        self._flush()
        self._printed = Excerpt()
        self._marks += 1
        self._named[outcome] += 1
        said = _MESSAGE.search(printed)
        case = TestCase(
            id=bound(name.replace(" > ", " "), 1000),  # as `-t` has it
            outcome=outcome,
            file=self._file,
            line=self._line(printed),
            duration_seconds=float(time) * _UNITS[unit] if time else None,
            message=bound(_first_part(said[1])) if said else "",
            traceback=bound(printed),
        )
        if outcome is TestOutcome.FAILED:
            self._failed = case
        else:
            self._emit(case)

    def _take_printed(self) -> str:
        text, self._printed = self._printed.text().strip("\n"), Excerpt()
        return text

    def _line(self, printed: str) -> int:
        for path, line in _POSITION.findall(printed):
            if self._file and relative(path, self._context.root).endswith(self._file):
                return int(line)
        return 0

    def _flush(self) -> None:
        """Hand over the failed test, or the error outside of any, that waited for its end."""
        failed, self._failed = self._failed, None
        if failed:
            self._emit(failed)
        if not self._is_unhandled:
            return
        self._is_unhandled = False
        printed = self._take_printed()
        said = _MESSAGE.search(printed)
        message = _first_part(said[1]) if said else printed
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(message, 500) or _UNHANDLED)
        self._named[TestOutcome.ERROR] += 1
        self._emit(
            TestCase(
                id=bound(self._file, 1000) or "(no file)",
                outcome=TestOutcome.ERROR,
                file=self._file,
                line=self._line(printed),
                message=bound(message),
                traceback=bound(printed),
            )
        )


def _first_part(text: str) -> str:
    """Cut what is said of an error at its stack."""
    return re.split(r"^\s+at ", text, maxsplit=1, flags=re.MULTILINE)[0].strip()


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Bun printed, between other output."""
    text = _Text(emit, context)
    for line in clean_lines(source):
        text.feed(line)
    return text.finish()


FORMAT = Format(
    read=read,
    signature=r"^(?:bun test v\d|Ran \d+ tests? across \d+ files?\.)",
    is_text=True,
)
