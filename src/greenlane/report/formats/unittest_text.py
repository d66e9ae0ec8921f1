"""What unittest prints, and Django's runner with it: progress lines, sections, a summary.

With `-v` each test has a line; without, only the red tests are named (in the sections) and the
rest is counted by the summary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.python_error import error_message
from greenlane.report.formats.text import clean_lines
from greenlane.report.formats.unittest_ids import FRAME, LoadErrors, full_name, name_test

_NAME = r"([\w.]+) \(([\w.<>-]+)\)"  # dots: a module that could not be loaded
_STATUS = r"(ok|FAIL|ERROR|expected failure|unexpected success|skipped (?:'.*'|\".*\"))"
_TEST = re.compile(rf"^ {{0,2}}{_NAME}( [(\[].*[)\]])?(?: \.\.\.(.*))?$")
_DONE = re.compile(rf"(?:^|\.\.\. |.){_STATUS}$")
_ALONE = re.compile(rf"^{_STATUS}$")
_SECTION = re.compile(rf"^(ERROR|FAIL|UNEXPECTED SUCCESS): {_NAME}")
_RAN = re.compile(r"^Ran (\d+) tests? in [\d.]+s$")
_VERDICT = re.compile(r"^(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$")
_COUNT = re.compile(r"([a-z ]+)=(\d+)")
_FIXTURES = frozenset({"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"})
_MAX_HELD = 2000
_MAX_LINES = 200

_WORDS = {
    "ok": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "ERROR": TestOutcome.ERROR,
    "expected failure": TestOutcome.XFAIL,
    "unexpected success": TestOutcome.FAILED,
    "UNEXPECTED SUCCESS": TestOutcome.FAILED,
}


@dataclass
class _Red:
    """A red test that waits for its section."""

    name: str
    outcome: TestOutcome
    lines: list[str]


class _Run:
    """Follow the output of one or more runs."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._errors = LoadErrors()
        self._open = ""  # a test whose line has no status yet
        self._parted = ""  # the last test of which a subtest was skipped
        self._red: dict[str, _Red] = {}
        self._section: _Red | None = None
        self._named = dict.fromkeys(TestOutcome, 0)
        self._ran: int | None = None
        self._runs = 0
        self._is_seen = self._is_over = False
        self._said: bool | None = None
        self._unnamed: dict[TestOutcome, int] = {}

    def feed(self, line: str) -> None:
        """Take the next line."""
        if line.startswith("=" * 70):
            self._section = None
        elif line[:1] in "EFU" and (section := _SECTION.match(line)):
            self._open_section(section)
        elif line.startswith("Ran ") and (ran := _RAN.match(line)):
            self._ran, self._section, self._is_seen = int(ran[1][:9]), None, True
        elif self._ran is not None and (verdict := _VERDICT.match(line)):
            self._end_run(verdict)
        elif self._section is not None:
            if len(self._section.lines) < _MAX_LINES and not line.startswith("-" * 70):
                self._section.lines.append(line)
        elif " (" in line and (test := _TEST.match(line)):
            self._take_test(test)
        elif self._open and (done := (_ALONE.match(line) or _DONE.search(line))):
            self._settle(self._open, done[1])

    def finish(self) -> Findings:
        """Say what the output was; name the test that was running."""
        running: list[str] = []
        if self._open and not self._is_over:
            running = [name_test(self._open)]
            word = "timeout" if self._context.timed_out else "crash"
            self._red[self._open] = _Red(self._open, TestOutcome.ERROR, [word])
        self._flush()
        return Findings(
            is_recognised=self._is_seen,
            is_complete=self._is_over and not running,
            says_success=self._said,
            status=self._errors.status(),
            problems=self._errors.problems,
            running=running,
            unnamed=self._unnamed,
        )

    def _take_test(self, test: re.Match[str]) -> None:
        name = full_name(test[1], test[2])
        self._is_over = False
        rest = test[4]
        self._is_seen = self._is_seen or rest is not None
        if not test[3]:
            if self._open and self._open not in self._red and self._open != name:
                self._settle(self._open, "")
            self._open = name
        if rest is None or not (done := _DONE.search(rest)):
            return
        if test[3] and done[1].startswith("skipped"):
            if self._parted == name:
                self._named[TestOutcome.SKIPPED] += 1  # the summary counts each
                return
            self._parted = name
        self._settle(name, done[1])

    def _settle(self, name: str, word: str) -> None:
        """Note how a test ended; no word: its line was torn, the summary will count it."""
        self._open = "" if name == self._open else self._open
        if not word:
            return
        self._is_seen = True
        outcome = TestOutcome.SKIPPED if word.startswith("skipped") else _WORDS[word]
        if outcome not in RED:
            reason = word[len("skipped ") :].strip("'\"") if outcome is TestOutcome.SKIPPED else ""
            self._count(name, outcome)
            self._errors.take(name, outcome, "")
            self._emit(
                TestCase(id=bound(name_test(name), 1000), outcome=outcome, message=bound(reason))
            )
        elif name not in self._red and len(self._red) < _MAX_HELD:
            self._red[name] = _Red(name, outcome, [])

    def _open_section(self, section: re.Match[str]) -> None:
        name = full_name(section[2], section[3])
        self._is_seen = True
        red = self._red.get(name)
        if red is None:
            red = self._red[name] = _Red(name, _WORDS[section[1]], [])
            if len(self._red) > _MAX_HELD:
                self._release(next(iter(self._red)))
        self._section = red

    def _end_run(self, verdict: re.Match[str]) -> None:
        """Count what the summary says and no line named."""
        self._flush()
        said = {name.strip(): int(number[:9]) for name, number in _COUNT.findall(verdict[2] or "")}
        rest = self._ran or 0
        for outcome, key in (
            (TestOutcome.SKIPPED, "skipped"),
            (TestOutcome.XFAIL, "expected failures"),
            (TestOutcome.FAILED, "unexpected successes"),
        ):
            missing = said.get(key, 0) - self._named[outcome]
            if outcome is TestOutcome.FAILED:
                missing -= said.get("failures", 0)
                missing = min(missing, said.get(key, 0))
            if missing > 0:
                self._add_unnamed(outcome, missing)
                rest -= missing
        self._add_unnamed(TestOutcome.PASSED, rest - sum(self._named.values()))
        self._said = (verdict[1] == "OK" or verdict[1].startswith("NO")) and self._said is not False
        self._runs += 1
        self._ran, self._is_over, self._open = None, True, ""
        self._named = dict.fromkeys(TestOutcome, 0)

    def _add_unnamed(self, outcome: TestOutcome, count: int) -> None:
        if count > 0:
            self._unnamed[outcome] = self._unnamed.get(outcome, 0) + count
            if outcome is not TestOutcome.SKIPPED:
                self._errors.take("", outcome, "")

    def _count(self, name: str, outcome: TestOutcome) -> None:
        if name.rpartition(".")[2] not in _FIXTURES:
            self._named[outcome] += 1

    def _flush(self) -> None:
        for name in list(self._red):
            self._release(name)
        self._section = None

    def _release(self, name: str) -> None:
        red = self._red.pop(name)
        traceback = "\n".join(red.lines).strip()
        self._count(name, red.outcome)
        self._errors.take(name, red.outcome, traceback)
        frames = FRAME.findall(traceback)
        module = name.rpartition(".")[0].replace(".", "/")
        own = [
            frame
            for frame in frames
            if relative(frame[0], self._context.root).removesuffix(".py") in module
        ]
        file, line = (own or frames or [("", "0")])[-1]
        self._emit(
            TestCase(
                id=bound(name_test(name), 1000),
                outcome=red.outcome,
                file=relative(file, self._context.root),
                line=int(line[:9]),
                message=bound(error_message(traceback)),
                traceback=bound(traceback),
            )
        )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what unittest or Django printed."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^Ran \d+ tests? in [\d.]+s\s*$|^\w+ \([\w.]+\) \.\.\. ",
    is_text=True,
)
