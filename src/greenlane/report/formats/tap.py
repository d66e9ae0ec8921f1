"""TAP 12 to 14 and KTAP, with the dialects of Perl, node:test, node-tap, Vitest, bats and check.

Two kinds of subtest are met. Where every nested point is announced by its own `# Subtest:` line
or stands in a `{` block, nested points are the tests and their parents are suites (node:test,
Vitest); in the kernel's KTAP too. Else nested points are the assertions of one test, their parent
(Perl, TAP 14). Sources: testanything.org, docs.kernel.org/dev-tools/ktap.html.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    name_file,
)
from greenlane.report.formats.tap_text import (
    fields_of,
    location_of,
    seconds_of,
    split_description,
    split_end,
)
from greenlane.report.formats.text import LINE_LIMIT, clean_lines

_POINT = re.compile(r"^( *)(not )?ok\b(?: +(\d+))?(?: *- *|\s+|$)(.*)$")
_PLAN = re.compile(r"^( *)1\.\.(\d+)\s*(?:#\s*(.*))?$")
_SUBTEST = re.compile(r"^( *)# Subtest(?:: (.*))?$")
_VERSION = re.compile(r"^( *)(K?)TAP version \d")
_BAIL = re.compile(r"^ *Bail out!\s*(.*)$", re.IGNORECASE)
_CHECK = re.compile(r"^([^\s:]+\.c\w*):([^:]+:[^:]+): (.*)$")  # the C library `check`
_SIGNAL = re.compile(r": Received signal \d+ \(")
FILTERED_OUT = "test name does not match pattern"  # node:test: the run did not ask for it
_NOT_RESULT = rb"(?!\s*+(?:not )?ok\b)"
_COMMENTS = rb"(?:#(?! Subtest)[^\n\x1b\r]*+\n)*+"
_YAML_LINE = rb"(?!  \.\.\.\n| *type: 'suite')" + _NOT_RESULT + rb"  [^\n\x1b\r]*+\n"
_PASSED_RUN = re.compile(  # tests that passed, each with comments and perhaps a block of YAML
    rb"(?:ok \d{1,9}(?=[ \n])(?:[^\n\\\x1b\r{#]++|#(?![^\S\n]*+(?:todo|skip)))*+\n"
    + _COMMENTS
    + rb"(?:  ---\n(?:"
    + _YAML_LINE
    + rb")*+  \.\.\.\n)?+)++",
    re.IGNORECASE,
)
_PASSED = re.compile(rb"^ok (\d{1,9})", re.MULTILINE)
_NAMED_MAX = 100_000  # tests; of more the passed ones are only counted
_CHUNK = 256 * 1024
_INDENT, _KTAP_INDENT = 4, 2  # KTAP has either
_MAX_DEPTH = 64
_MAX_DETAIL_LINES = 100


@dataclass
class _Point:
    """A test line and what was said below it."""

    depth: int
    name: str
    outcome: TestOutcome
    number: int
    duration: float | None
    reason: str
    is_test: bool
    details: list[str] = field(default_factory=list)


@dataclass
class _Level:
    """What has been seen at one depth since its parent's level moved on.

    At the outermost depth several documents may follow each other (`make test` of many programs):
    each has its own plan, before or behind its tests.
    """

    name: str = ""  # announced by `# Subtest: name`, or the open `{` block
    plan: int | None = None
    points: int = 0
    tests: int = 0  # emitted here or below
    red: int = 0
    is_bad: bool = False  # some point of this level is red
    numbers: int = 0  # the sum of the numbers that the tests have
    is_plan_behind: bool = False
    is_headed: bool = False  # its version was told
    is_wrong: bool = False  # in some document points and plan do not fit
    missing: int = 0  # in the documents that have ended
    ended: int = 0  # documents

    @property
    def is_refuted(self) -> bool:
        """Tell whether a parent that is green cannot be."""
        return self.is_bad or (self.plan or 0) > self.points

    @property
    def is_open(self) -> bool:
        """Tell whether a document has begun."""
        return self.is_headed or self.points > 0 or self.plan is not None

    def end_document(self) -> None:
        """Hold the points against the plan."""
        plan = self.plan or 0
        self.is_wrong = (
            self.is_wrong
            or self.plan is None
            or self.points != plan
            or self.numbers != plan * (plan + 1) // 2
        )
        self.missing += max(0, plan - self.points)
        self.ended += 1
        self.plan, self.points, self.numbers = None, 0, 0
        self.is_plan_behind = self.is_headed = False


class _Tap:
    """Follow one TAP document line by line."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._levels = [_Level()]
        self._pending: _Point | None = None
        self._in_yaml = False
        self._uses_blocks = False
        self._is_ktap = False
        self._indent = _INDENT
        self.bailed: str | None = None
        self._unnamed = 0
        self.named = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if self.bailed is not None or self._take_yaml(line):
            return
        if point := _POINT.match(line):
            self._take_point(point)
        elif plan := _PLAN.match(line):
            self._take_plan(plan)
        elif subtest := _SUBTEST.match(line):
            # KTAP announces from within.
            self._announce(self._depth(subtest[1]) - self._is_ktap, subtest[2] or "")
        elif bail := _BAIL.match(line):
            self._flush()
            self.bailed = bail[1].strip() or "Bail out!"
        elif version := _VERSION.match(line):
            self._begin(version)
        elif self._uses_blocks and line.strip() == "}":
            self._flush()
            self._close(self._depth(line))
        elif self._pending and line.lstrip().startswith("#"):
            self._add_detail(line.lstrip().removeprefix("#").removeprefix(" "))

    def count_passed(self, count: int, numbers: int) -> bool:
        """Take tests that passed without their names, where no block or detail is open.

        `numbers` is the sum of their numbers.
        """
        if self.bailed is not None or self._in_yaml or self._uses_blocks:
            return False
        self._flush()
        if len(self._levels) > 1 or self._levels[0].name:
            return False
        top = self._levels[0]
        if top.is_plan_behind:
            top.end_document()
        top.points += count
        top.tests += count
        top.numbers += numbers
        self._unnamed += count
        return True

    def finish(self) -> Findings:
        """Say what the document was."""
        self._flush()
        top = self._levels[0]
        is_known = top.is_open or top.ended > 0
        is_cut = any(level.is_refuted for level in self._levels[1:])
        if top.is_open or not is_known:
            top.end_document()
        return Findings(
            is_recognised=is_known,
            is_complete=self.bailed is None and not top.is_wrong and not is_cut,
            status=RunStatus.CRASHED if self.bailed is not None else None,
            problems=[f"Bail out! {bound(self.bailed, 500)}"] if self.bailed else [],
            unnamed={TestOutcome.PASSED: self._unnamed} if self._unnamed else {},
            unnamed_not_run=top.missing,
        )

    def _take_yaml(self, line: str) -> bool:
        stripped = line.strip()
        if self._in_yaml:
            if stripped == "...":
                self._in_yaml = False
                return True
            if not (
                self._pending and _POINT.match(line) and self._depth(line) <= self._pending.depth
            ):
                self._add_detail(line)
                return True
            self._in_yaml = False  # never closed: the next test has begun
        elif self._pending and stripped == "---":
            self._in_yaml = True
            return True
        return False

    def _add_detail(self, line: str) -> None:
        if self._pending and len(self._pending.details) < _MAX_DETAIL_LINES:
            self._pending.details.append(line)

    def _level(self, depth: int) -> _Level:
        while len(self._levels) <= depth:
            self._levels.append(_Level())
        return self._levels[depth]

    def _announce(self, depth: int, name: str) -> None:
        self._flush()
        self._level(max(0, depth)).name = name

    def _begin(self, version: re.Match[str]) -> None:
        """Take the head of a document."""
        self._flush()
        self._is_ktap = self._is_ktap or bool(version[2])
        top = self._levels[0]
        if not self._depth(version[1]):
            if top.is_open:
                top.end_document()
            top.is_headed = True

    def _depth(self, text: str) -> int:
        """Return how deep a line stands; KTAP may have two blanks for each level."""
        width = len(text) - len(text.lstrip(" "))
        if self._is_ktap and width == _KTAP_INDENT:
            self._indent = _KTAP_INDENT
        return min(width // self._indent, _MAX_DEPTH)

    def _take_plan(self, plan: re.Match[str]) -> None:
        self._flush()
        level = self._level(self._depth(plan[1]))
        if level is self._levels[0]:
            if level.plan is not None:
                level.end_document()
            level.is_plan_behind = level.points > 0
        level.plan = int(plan[2][:9]) + (level.plan or 0)

    def _take_point(self, match: re.Match[str]) -> None:
        self._flush()
        depth = self._depth(match[1])
        rest, is_block = match[4].rstrip(), False
        if rest.endswith(" {"):
            rest, is_block = rest[:-2], True
            self._uses_blocks = True
        name, reason, directive, duration = split_description(rest)
        level = self._level(depth)
        if match[0] == "ok" and depth == 0 and level.plan and level.plan == level.points:
            level.end_document()  # what prove says of a whole file
            return
        if level.is_plan_behind:
            level.end_document()
        number = int(match[3][:9]) if match[3] else level.points + 1
        level.points += 1
        level.numbers += number
        outcome = self._outcome(is_ok=not match[2], directive=directive)
        name = name or f"test {number}"
        if is_block:
            level.name = name
            self._level(depth + 1)
            self._reset_below(depth)
            return
        kids = self._levels[depth + 1] if len(self._levels) > depth + 1 else _Level()
        if outcome is TestOutcome.PASSED and not directive and kids.is_refuted:
            outcome = TestOutcome.FAILED
        elif outcome is TestOutcome.FAILED:
            name, reason, outcome = split_end(name)
        level.is_bad = level.is_bad or outcome in RED
        is_announced = bool(level.name) and level.name == name and not kids.points
        is_suite = kids.tests > 0 and not (outcome in RED and not kids.red)
        is_leaf = depth == 0 or is_announced or self._uses_blocks or self._is_ktap
        is_test = is_leaf and not is_suite
        self._pending = _Point(depth, name, outcome, number, duration, reason, is_test)

    def _outcome(self, *, is_ok: bool, directive: str) -> TestOutcome:
        if directive == "skip":
            return TestOutcome.SKIPPED
        if directive == "xfail" or (directive == "todo" and not is_ok):
            return TestOutcome.XFAIL
        if directive == "todo" and self._uses_blocks:
            return TestOutcome.SKIPPED  # Vitest: a todo has no body that could run
        return TestOutcome.PASSED if is_ok else TestOutcome.FAILED

    def _flush(self) -> None:
        point, self._pending, self._in_yaml = self._pending, None, False
        if point is None:
            return
        level = self._levels[point.depth]
        kids = self._levels[point.depth + 1] if len(self._levels) > point.depth + 1 else _Level()
        level.tests += kids.tests
        level.red += kids.red
        self._reset_below(point.depth)
        if point.is_test and point.reason != FILTERED_OUT and not _is_empty_suite(point):
            level.tests += 1
            level.red += point.outcome in RED
            self.named += 1
            self._emit(self._case(point))
        level.name = ""

    def _close(self, depth: int) -> None:
        if depth + 1 < len(self._levels):
            kids = self._levels[depth + 1]
            self._levels[depth].tests += kids.tests
            self._levels[depth].red += kids.red
        self._reset_below(depth)

    def _reset_below(self, depth: int) -> None:
        del self._levels[depth + 1 :]

    def _case(self, point: _Point) -> TestCase:
        parents = [level.name for level in self._levels[: point.depth] if level.name]
        fields = dict(fields_of(point.details))
        message = fields.get("error") or fields.get("message") or ""
        if not message and point.outcome in RED:
            message = "\n".join(line.strip() for line in point.details[:8])
        file, line = location_of(fields, point.details, self._context.root)
        outcome = point.outcome
        if outcome is TestOutcome.FAILED and ("exitCode" in fields or _SIGNAL.search(point.name)):
            outcome = TestOutcome.ERROR  # node:test: the file's process died; check: the test's
        name = name_file(point.name, self._context.root)
        duration = fields.get("duration_ms", "")
        return TestCase(
            id=bound(" > ".join([*parents, name]), 1000),
            outcome=outcome,
            file=file,
            line=line,
            duration_seconds=seconds_of(duration, "ms") if duration else point.duration,
            message=bound(point.reason or message),
            traceback=bound("\n".join(point.details)) if outcome in RED else "",
        )


def _is_empty_suite(point: _Point) -> bool:
    """Tell a suite of node:test in which no test was left from a test."""
    is_suite = any(line.strip() == "type: 'suite'" for line in point.details)
    return is_suite and point.outcome is TestOutcome.PASSED


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a TAP document, alone or between other output."""
    tap = _Tap(emit, context)
    rest = b""
    while chunk := source.read(_CHUNK):
        data = rest + chunk
        cut = data.rfind(b"\n") + 1
        rest = data[cut:][:LINE_LIMIT]
        _take(tap, data[:cut])
    _take(tap, rest)
    return tap.finish()


def _take(tap: _Tap, data: bytes) -> None:
    """Take whole lines; of too many tests those that passed are only counted."""
    position = 0
    while position < len(data):
        following = len(data)
        if tap.named >= _NAMED_MAX:
            end = _end_of_passed(data, position)
            numbers = [int(number) for number in _PASSED.findall(data, position, end)]
            if numbers and tap.count_passed(len(numbers), sum(numbers)):
                position = end
            following = max(end, data.find(b"\n", position) + 1) or following
        for line in clean_lines(io.BytesIO(data[position:following])):
            tap.feed(line)
        position = following


def _end_of_passed(data: bytes, start: int) -> int:
    """Return where the last test of a run of plain tests that passed begins.

    What follows may belong to it. Where there is no such run it is `start`.
    """
    if not data.startswith(b"ok ", start):
        return start
    run = _PASSED_RUN.match(data, start)
    end = run.end() if run else start
    return max(start, data.rfind(b"\nok ", start, end) + 1)


FORMAT = Format(
    read=read,
    signature=r"^(?:K?TAP version 1|1\.\.\d+(?:\s*$|\s+#)|(?:not )?ok \d+(?:\s|$))",
    is_neutral=True,
)
