"""What `deno test` prints for people: a line for each test and step, errors, then a summary.

It says more than Deno's JUnit file, in which tests that a filter left out are skipped ones and a
file that could not be loaded is missing. A test has one line when it begins (`name ...`, where
anything comes before its end) and one when it ends (`name ... ok (1ms)`); steps are indented.
Source: cli/tools/test/reporters of https://github.com/denoland/deno.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_HEADER = re.compile(r"^running (\d{1,9}) tests? from (\S+)$")
_ENDED = re.compile(
    r"^((?:  )*)(\S.*) \.\.\. (ok|FAILED|ignored|cancelled)(?: \(due to [^()]*\))? \(([^()]*)\)$"
)
_BEGUN = re.compile(r"^((?:  )*)(\S.*) \.\.\.$")
_UNCAUGHT = re.compile(r"^Uncaught error from (\S+) FAILED$")
_OUTPUT = re.compile(r"^-+ (?:pre-test |post-test )?output -+$")
_OUTPUT_END = re.compile(r"----- (?:pre-test |post-test )?output end -----$")
_PLACE = re.compile(r"^(\S.*) => (\S+?):(\d{1,9}):\d+$")
_FILE_ERROR = re.compile(r"^(\S+) \(uncaught error\)$")
_SUMMARY = re.compile(r"^(ok|FAILED) \| (\d+ passed.*?)(?: \(\d[^()]*\))?$")
_COUNT = re.compile(r"(\d{1,9}) (passed|failed|ignored)(?: \((\d{1,9}) steps?\))?")
_TIME = re.compile(r"(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,9})?)(\u00b5s|ms|s))?")
_UNITS = {"\u00b5s": 1e-6, "ms": 1e-3, "s": 1.0}
_JOINT = " ... "  # between a test and its steps, where an error speaks of them
_OUTCOMES = {
    "ok": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "ignored": TestOutcome.SKIPPED,
    "cancelled": TestOutcome.ERROR,
}
_SAID = {"passed": "passed", "failed": "red", "ignored": "skipped"}
_HELD_LIMIT = 1000  # red tests that wait for what is said about them
_DEPTH_LIMIT = 64


class _Pretty:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._file = ""
        self._open: list[str] = []  # the test that has begun, and its steps
        self._held: dict[tuple[str, str], TestCase] = {}
        self._named: Counter[str] = Counter()
        self._said: Counter[str] = Counter()
        self._about: tuple[str, str] | None = None  # what the errors speak of: file and path
        self._text = Excerpt()
        self._output: Excerpt | None = None
        self._printed = Excerpt()
        self._in_errors = False
        self._has_tests = False
        self._is_known = self._is_ended = False
        self._is_ok: bool | None = None

    def feed(self, line: str) -> None:
        """Take the next line."""
        if self._output is not None:
            self._take_output(line)
        elif summary := _SUMMARY.match(line):
            self._end(summary)
        elif self._in_errors:
            self._take_error(line)
        elif line.strip() == "ERRORS" and self._is_known:
            self._in_errors = True
        else:
            self._follow(line)

    def _follow(self, line: str) -> None:
        """Take a line about tests."""
        if header := _HEADER.match(line):
            self._is_known, self._is_ended = True, False
            self._file, self._open = header[2].removeprefix("./"), []
        elif ended := _ENDED.match(line):
            self._take(ended)
        elif uncaught := _UNCAUGHT.match(line):
            self._fail_file(uncaught[1].removeprefix("./"))
        elif _OUTPUT.match(line):
            self._output = Excerpt()
        elif begun := _BEGUN.match(line):
            depth = len(begun[1]) // 2
            del self._open[min(depth, _DEPTH_LIMIT) :]
            self._open.append(begun[2])
        elif line in {".", ",", "!"}:
            self._is_known = True

    def finish(self) -> Findings:
        """Say what the run was."""
        self._end_error()
        running = self._end_running() if not self._is_ended else []
        for case in self._held.values():
            self._emit(case)
        missing = self._said - self._named
        surplus = self._named - self._said
        outcomes = {"red": TestOutcome.FAILED, "passed": TestOutcome.PASSED}
        return Findings(
            is_recognised=self._is_known or self._is_ended,
            is_complete=self._is_ended and not (self._said and surplus),
            says_success=self._is_ok,
            status=RunStatus.BUILD_ERROR if self._held and not self._has_tests else None,
            running=running,
            unnamed={
                outcomes.get(what, TestOutcome.SKIPPED): count for what, count in missing.items()
            },
        )

    def _take(self, ended: re.Match[str]) -> None:
        indent, name, word, time = ended.groups()
        depth = min(len(indent) // 2, _DEPTH_LIMIT)
        outcome = _OUTCOMES[word]
        self._is_known = self._has_tests = True
        path = [*self._open[:depth], name]
        del self._open[depth:]
        printed, self._printed = self._printed.text(), Excerpt()
        self._named[_kind(outcome)] += 1
        case = TestCase(
            id=bound(" > ".join(path), 1000),
            outcome=outcome,
            file=self._file,
            duration_seconds=_seconds(time),
            message="cancelled" if word == "cancelled" else "",
            output=printed if depth == 0 else "",
        )
        self._hold_or_emit((self._file, _JOINT.join(path)), case)

    def _fail_file(self, file: str) -> None:
        self._is_known = True
        self._named["red"] += 1
        case = TestCase(id=bound(file, 1000), outcome=TestOutcome.ERROR, file=bound(file, 1000))
        self._hold_or_emit((file, ""), case)

    def _hold_or_emit(self, key: tuple[str, str], case: TestCase) -> None:
        if case.outcome in RED and key not in self._held and len(self._held) < _HELD_LIMIT:
            self._held[key] = case
        else:
            self._emit(case)

    def _take_output(self, line: str) -> None:
        if end := _OUTPUT_END.search(line):
            if line[: end.start()] and self._output is not None:
                self._output.add(line[: end.start()])
            self._printed, self._output = self._output or Excerpt(), None
        elif self._output is not None:
            self._output.add(line)

    def _take_error(self, line: str) -> None:
        if place := _PLACE.match(line):
            self._end_error()
            file = place[2].removeprefix("./")
            self._about = (file, place[1])
            self._locate(self._about, int(place[3]))
        elif broken := _FILE_ERROR.match(line):
            self._end_error()
            self._about = (broken[1].removeprefix("./"), "")
        elif line.strip() == "FAILURES":
            self._end_error()
        else:
            self._text.add(line)

    def _locate(self, key: tuple[str, str], line: int) -> None:
        """Say where a test stands; one of the dots has its name only here."""
        case = self._held.get(key)
        if case is None and not self._has_tests and len(self._held) < _HELD_LIMIT:
            name = bound(" > ".join(key[1].split(_JOINT)), 1000)
            case = TestCase(id=name, outcome=TestOutcome.FAILED, file=key[0])
            self._named["red"] += 1
        if case is not None:
            self._held[key] = msgspec.structs.replace(case, line=line)

    def _end_error(self) -> None:
        text, self._text = self._text.text().strip(), Excerpt()
        about, self._about = self._about, None
        case = self._held.get(about) if about else None
        if about and case and text:
            message = re.split(r"^\s+at |\n\n", text, maxsplit=1, flags=re.MULTILINE)[0]
            self._held[about] = msgspec.structs.replace(
                case, message=bound(message.strip().removeprefix("error: ")), traceback=bound(text)
            )

    def _end(self, summary: re.Match[str]) -> None:
        self._end_error()
        self._in_errors, self._is_known, self._is_ended = False, True, True
        self._is_ok = summary[1] == "ok" and self._is_ok is not False
        for count, word, steps in _COUNT.findall(summary[2]):
            self._said[_SAID[word]] += int(count) + int(steps or 0)

    def _end_running(self) -> list[str]:
        if not self._open:
            return []
        case = TestCase(
            id=bound(" > ".join(self._open), 1000),
            outcome=TestOutcome.ERROR,
            file=self._file,
            message="timeout" if self._context.timed_out else "crash",
            output=(self._output or self._printed).text(),
        )
        self._emit(case)
        self._has_tests = True
        return [case.id]


def _kind(outcome: TestOutcome) -> str:
    return "red" if outcome in RED else outcome.value


def _seconds(text: str) -> float | None:
    time = _TIME.fullmatch(text)
    if time is None or not text:
        return None
    return int(time[1] or 0) * 60 + float(time[2] or 0) * _UNITS.get(time[3] or "s", 1.0)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Deno printed, between other output."""
    pretty = _Pretty(emit, context)
    for line in clean_lines(source):
        pretty.feed(line)
    return pretty.finish()


FORMAT = Format(
    read=read,
    signature=r"^(?:running \d+ tests? from \S|(?:ok|FAILED) \| \d+ passed\b)",
    is_text=True,
)
