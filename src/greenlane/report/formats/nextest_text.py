"""What `cargo nextest run` prints for people (`nextest-runner/src/reporter/displayer`).

A line for each attempt of a test: `STATUS [ SECONDS] (DONE/ALL) BINARY TEST`. The counter is
missing before 0.9.97, and has no digits where the attempt does not end the test. What a test
printed follows, indented; versions up to 0.9.93 print it as it is, after `--- STDOUT:`. After
the summary the tests that went wrong are named once more.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.rust_failure import explain_failure
from greenlane.report.formats.text import clean_lines

_START = re.compile(r"^ +Starting (\d{1,9}) tests? across \d+ binar(?:y|ies)(?: \((.*)\))?")
_SKIPPED = re.compile(r"(\d{1,9})(?: tests?)?(?: and \d+ binar(?:y|ies))? skipped")
_STATUS = re.compile(
    r"^ *(?P<attempt>TRY \d+ )?(?P<word>[A-Z][A-Z+-]*(?: \+ LEAK)?)(?: SIG)?(?: \d+(?:/\d+)?)? +"
    r"\[(?P<time>[> \d.s]{1,40})\] "
    r"(?:\((?P<count>[ \d/─-]{1,40})\) )?(?:\[[\d/]+\] )?(?P<binary>\S+) (?P<test>\S.*)$"
)
_SUMMARY = re.compile(
    r"^ +(?:Summary|Cancell?ed) \[[> ]*[\d.]+s\] +(?:(\d{1,9})/)?(\d{1,9}) tests? run: (.*)$"
)
_COUNT = re.compile(r"(\d{1,9}) (passed|failed|exec failed|timed out|skipped)\b")
_SCRIPT = re.compile(r"^ *SETUP (?:FAIL|TIMEOUT|ABORT|SIG\w+|XFAIL)\b.*")
_PROBLEM = re.compile(r"^error: (?!test run failed|no tests to run)(.+)$|^error(?:\[E\d+\]): .+$")
_BUILD_ERROR = re.compile(
    r"^error: (?:[Cc]ould not compile `|failed to run custom build command|linking)"
)
_FRAME = re.compile(
    r"^(?:  (?:stdout|stderr|output) ─*|─+|-+ (?:STDOUT|STDERR|OUTPUT)[: ].*"
    r"|error: test run failed|warning: \d+/\d+ tests were not run.*)\s*$"
)
_LIBTEST = re.compile(
    r"^(?:running 1 test|failures:|---- .* stdout ----|test .* \.\.\. FAILED"
    r"|test result: FAILED\..*|    \S+)$"
)
_GREEN = frozenset(
    {"PASS", "LEAK", "SLOW", "FLAKY", "TIMEOUT-PASS", "TMPASS", "SLOW+TMPASS", "SLOW + LEAK"}
)
_STOPPED = frozenset({"TERM", "KILL", "INT", "HUP", "QUIT"})
_BROKEN = frozenset({"XFAIL"})
_UNDER_WAY = frozenset({"START", "TERMINATING", "TRMNTG", "RETRY", "DELAY"})
_MAX_HELD = 1000
_MAX_KNOWN = 200_000
_MAX_PROBLEMS = 20

_Key = tuple[str, str]


@dataclass
class _Red:
    """A test whose last attempt failed; it may be tried again, and its output follows."""

    outcome: TestOutcome
    word: str
    seconds: float | None
    output: Excerpt = field(default_factory=Excerpt)


class _Run:
    """Follow the lines of one or several runs."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._planned = self._skipped = 0
        self._starts = self._summaries = 0
        self._is_over = False
        self._has_counts = False  # then a line without one is a test's own
        self._ended: set[_Key] = set()
        self._red: dict[_Key, _Red] = {}
        self._running: dict[_Key, None] = {}
        self._talking: _Key | None = None
        self._counts: Counter[TestOutcome] = Counter()
        self._declared: Counter[str] = Counter()
        self._problems: list[str] = []
        self._status: RunStatus | None = None
        self._lost = 0
        self._stopped: list[str] = []  # by the time limit of the run

    def feed(self, line: str) -> None:
        """Take the next line."""
        found = _STATUS.match(line)
        if found and (found["count"] or not self._has_counts):
            self._take_status(found)
        elif summary := _SUMMARY.match(line):
            self._take_summary(summary)
        elif start := _START.match(line):
            self._begin(start)
        elif _SCRIPT.match(line) or (_PROBLEM.match(line) and not self._talking):
            self._add_problem(line)
        elif self._talking in self._red and not _FRAME.match(line):
            self._red[self._talking].output.add(line.removeprefix("    "))

    def _begin(self, start: re.Match[str]) -> None:
        self._starts += 1
        self._is_over = False
        self._talking = None
        self._planned += int(start[1])
        skipped = _SKIPPED.search(start[2] or "")
        self._skipped += int(skipped[1]) if skipped and int(start[1]) else 0

    def _take_status(self, found: re.Match[str]) -> None:
        word, key = found["word"], (found["binary"], found["test"].strip())
        self._talking = None
        self._has_counts = bool(found["count"])
        if ">" in found["time"] or word in _UNDER_WAY:
            if key not in self._ended and len(self._running) < _MAX_KNOWN:
                self._running[key] = None
        elif word == "SKIP":
            self._finish_test(key, TestOutcome.SKIPPED, None)
        elif key not in self._ended:
            self._take_attempt(key, word, found)
        elif key in self._red:
            self._talking = key

    def _take_attempt(self, key: _Key, word: str, found: re.Match[str]) -> None:
        time = found["time"].strip(" s")
        seconds = float(time) if re.fullmatch(r"\d+\.\d+", time) else None
        if word in _GREEN:
            self._red.pop(key, None)
            self._finish_test(key, TestOutcome.PASSED, seconds)
            return
        outcome = TestOutcome.ERROR if word in _BROKEN else TestOutcome.FAILED
        self._running.pop(key, None)
        if len(self._red) >= _MAX_HELD and key not in self._red:
            self._send(key, _Red(outcome, word, seconds))
            self._mark_ended(key)
            return
        if not (self._is_over and key in self._red):
            self._red[key] = _Red(outcome, word, seconds)
        self._talking = key
        if self._is_over or any(one.isdigit() for one in found["count"] or ""):
            self._mark_ended(key)

    def _finish_test(self, key: _Key, outcome: TestOutcome, seconds: float | None) -> None:
        if key in self._ended:
            return
        self._running.pop(key, None)
        self._mark_ended(key)
        self._counts[outcome] += 1
        self._emit(TestCase(id=bound(key[1], 1000), outcome=outcome, duration_seconds=seconds))

    def _mark_ended(self, key: _Key) -> None:
        if len(self._ended) < _MAX_KNOWN:
            self._ended.add(key)

    def _take_summary(self, summary: re.Match[str]) -> None:
        self._summaries += 1
        self._is_over = True
        self._talking = None
        ran, planned = int(summary[1] or summary[2]), int(summary[2])
        self._lost += max(0, planned - ran)
        for count, what in _COUNT.findall(summary[3]):
            if what != "skipped":
                self._declared[what] += int(count)

    def _add_problem(self, line: str) -> None:
        if _BUILD_ERROR.match(line):
            self._status = RunStatus.BUILD_ERROR
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(line.strip(), 500))

    def _send(self, key: _Key, red: _Red) -> None:
        is_stopped = self._context.timed_out and red.word.removeprefix("SIG") in _STOPPED
        if is_stopped:
            red.outcome = TestOutcome.ERROR
            self._stopped.append(bound(key[1], 1000))
        self._counts[red.outcome] += 1
        output = red.output.text()
        said = "timed out" if red.word in {"TIMEOUT", "TMT"} else ""
        own = "\n".join(one for one in output.splitlines() if not _LIBTEST.match(one))
        message, file, line = explain_failure(key[1], said, own)
        self._emit(
            TestCase(
                id=bound(key[1], 1000),
                outcome=red.outcome,
                file=relative(file, self._context.root),
                line=line,
                duration_seconds=red.seconds,
                message="timeout" if is_stopped else bound(message or red.word),
                traceback=bound(output),
            )
        )

    def finish(self) -> Findings:
        """Hand over what is held, and say what the run was."""
        for key, red in self._red.items():
            self._send(key, red)
        if not self._starts and not self._summaries and not self._counts:
            if not self._status:
                return UNRECOGNISED
            return Findings(is_recognised=True, status=self._status, problems=self._problems)
        is_cut = self._summaries < max(1, self._starts)
        running = self._break() if is_cut else self._stopped[:_MAX_PROBLEMS]
        return Findings(
            is_recognised=True,
            is_complete=not is_cut,
            says_success=None if is_cut else not (self._red or self._lost),
            problems=self._problems if self._context.exit_code != 0 else [],
            running=running,
            unnamed=dict(+self._unnamed(is_cut=is_cut)),
            unnamed_not_run=self._lost,
        )

    def _break(self) -> list[str]:
        """Emit what was running when the output broke off; count what never came to its turn."""
        because = "timeout" if self._context.timed_out else "crash"
        for _, name in self._running:
            self._counts[TestOutcome.ERROR] += 1
            self._emit(TestCase(id=bound(name, 1000), outcome=TestOutcome.ERROR, message=because))
        seen = sum(self._counts.values()) - self._counts[TestOutcome.SKIPPED]
        self._lost += max(0, self._planned - seen)
        return [bound(name, 1000) for _, name in list(self._running)[:_MAX_PROBLEMS]]

    def _unnamed(self, *, is_cut: bool) -> Counter[TestOutcome]:
        """Count the tests that only the counts speak of."""
        counts, said = self._counts, self._declared
        unnamed = Counter({TestOutcome.SKIPPED: self._skipped - counts[TestOutcome.SKIPPED]})
        if is_cut:
            if self._lost and not self._running:
                self._lost -= 1
                unnamed[TestOutcome.ERROR] = 1
            return unnamed
        red = counts[TestOutcome.FAILED] + counts[TestOutcome.ERROR]
        unnamed[TestOutcome.PASSED] = said["passed"] - counts[TestOutcome.PASSED]
        unnamed[TestOutcome.FAILED] = said["failed"] + said["exec failed"] + said["timed out"] - red
        return unnamed


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what one or several nextest runs printed."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    is_text=True,
    signature=(
        r" Nextest run ID [0-9a-f-]+ with nextest profile| +Starting \d+ tests? across \d+ binar"
        r"| +Summary \[ *[\d.]+s\] +(?:\d+/)?\d+ tests? run: "
    ),
)
