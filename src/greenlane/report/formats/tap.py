"""TAP 12 to 14, with the dialects of Perl, node:test, node-tap, Vitest, bats and check.

Two kinds of subtest are met. Where every nested point is announced by its own `# Subtest:` line
or stands in a `{` block, nested points are the tests and their parents are suites (node:test,
Vitest). Else nested points are the assertions of one test, their parent (Perl, TAP 14).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
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
    relative,
)
from greenlane.report.formats.text import LINE_LIMIT, clean_lines

_POINT = re.compile(r"^( *)(not )?ok\b(?: +(\d+))?(?: *- *|\s+|$)(.*)$")
_PLAN = re.compile(r"^( *)1\.\.(\d+)\s*(?:#\s*(.*))?$")
_SUBTEST = re.compile(r"^( *)# Subtest(?:: (.*))?$")
_BAIL = re.compile(r"^ *Bail out!\s*(.*)$", re.IGNORECASE)
_DIRECTIVE = re.compile(r"(?:^|\s)(?<!\\)#\s*(skip|todo)(?:ped)?\b:?\s*(.*)$", re.IGNORECASE)
_TIME = re.compile(r"\s*# (?:(?:time|duration(?:_ms)?)[= ]|in )(\d+(?:\.\d+)?)\s*(ms|s|sec)?\s*$")
_LOCATION = re.compile(r"(?:file://)?(/?[^\s:'\"()]+\.\w+):(\d+)(?::\d+)?")
_YAML_FIELD = re.compile(r"^\s*(error|message|location|duration_ms|exitCode|at|file|line):\s*(.*)$")
_CHECK = re.compile(r"^([^\s:]+\.c\w*):([^:]+:[^:]+): (.*)$")  # the C library `check`
_SIGNAL = re.compile(r": Received signal \d+ \(")
FILTERED_OUT = "test name does not match pattern"  # node:test: the run did not ask for it
_ESCAPED = re.compile(r"\\([\\#])")
_NOT_PLAIN = re.compile(rb"[\\\x1b\r{]|#\s*(?:todo|skip)", re.IGNORECASE)
_NAMED_MAX = 100_000  # tests; of more the passed ones are only counted
_CHUNK = 256 * 1024
_INDENT = 4
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
    """What has been seen at one depth since its parent's level moved on."""

    name: str = ""  # announced by `# Subtest: name`, or the open `{` block
    plan: int | None = None
    points: int = 0
    tests: int = 0  # emitted here or below
    red: int = 0


class _Tap:
    """Follow one TAP document line by line."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._levels = [_Level()]
        self._pending: _Point | None = None
        self._in_yaml = False
        self._uses_blocks = False
        self._is_tap = False
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
            self._announce(len(subtest[1]) // _INDENT, subtest[2] or "")
        elif bail := _BAIL.match(line):
            self._flush()
            self.bailed = bail[1].strip() or "Bail out!"
        elif line.startswith("TAP version"):
            self._is_tap = True
        elif self._uses_blocks and line.strip() == "}":
            self._flush()
            self._close(len(line) - len(line.lstrip()) + _INDENT)
        elif self._pending and line.lstrip().startswith("#"):
            self._add_detail(line.lstrip().removeprefix("#").removeprefix(" "))

    def count_passed(self, count: int) -> bool:
        """Take tests that passed without their names, where no block or detail is open."""
        if self.bailed is not None or self._in_yaml or self._uses_blocks:
            return False
        self._flush()
        self._levels[0].points += count
        self._levels[0].tests += count
        self._unnamed += count
        return True

    def finish(self) -> Findings:
        """Say what the document was."""
        self._flush()
        top = self._levels[0]
        expected = top.plan
        is_short = expected is None or top.points < expected
        missing = max(0, (expected or 0) - top.points)
        return Findings(
            is_recognised=self._is_tap or top.plan is not None or top.points > 0,
            is_complete=not is_short and self.bailed is None and top.points == expected,
            status=RunStatus.CRASHED if self.bailed is not None else None,
            problems=[f"Bail out! {bound(self.bailed, 500)}"] if self.bailed else [],
            unnamed={TestOutcome.PASSED: self._unnamed} if self._unnamed else {},
            unnamed_not_run=missing,
        )

    def _take_yaml(self, line: str) -> bool:
        stripped = line.strip()
        if self._in_yaml:
            if stripped == "...":
                self._in_yaml = False
                return True
            if not (self._pending and _POINT.match(line) and _depth(line) <= self._pending.depth):
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
        self._level(min(depth, _MAX_DEPTH)).name = name

    def _take_plan(self, plan: re.Match[str]) -> None:
        self._flush()
        depth = min(len(plan[1]) // _INDENT, _MAX_DEPTH)
        level = self._level(depth)
        # Several documents one after the other (`make test` of many programs): plans add up.
        level.plan = int(plan[2][:9]) + (level.plan or 0)

    def _take_point(self, match: re.Match[str]) -> None:
        self._flush()
        depth = min(len(match[1]) // _INDENT, _MAX_DEPTH)
        rest, is_block = match[4].rstrip(), False
        if rest.endswith(" {"):
            rest, is_block = rest[:-2], True
            self._uses_blocks = True
        name, reason, directive, duration = _split(rest)
        level = self._level(depth)
        number = int(match[3][:9]) if match[3] else level.points + 1
        level.points += 1
        outcome = self._outcome(is_ok=not match[2], directive=directive)
        name = name or f"test {number}"
        if is_block:
            level.name = name
            self._level(depth + 1)
            self._reset_below(depth)
            return
        kids = self._levels[depth + 1] if len(self._levels) > depth + 1 else _Level()
        is_announced = bool(level.name) and level.name == name and not kids.points
        is_suite = kids.tests > 0 and not (outcome in RED and not kids.red)
        is_test = not is_suite and (depth == 0 or is_announced or self._uses_blocks)
        self._pending = _Point(depth, name, outcome, number, duration, reason, is_test)

    def _outcome(self, *, is_ok: bool, directive: str) -> TestOutcome:
        if directive == "skip":
            return TestOutcome.SKIPPED
        if directive == "todo" and not is_ok:
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

    def _close(self, indent: int) -> None:
        depth = max(0, indent // _INDENT - 1)
        if depth + 1 < len(self._levels):
            kids = self._levels[depth + 1]
            self._levels[depth].tests += kids.tests
            self._levels[depth].red += kids.red
        self._reset_below(depth)

    def _reset_below(self, depth: int) -> None:
        del self._levels[depth + 1 :]

    def _case(self, point: _Point) -> TestCase:
        parents = [level.name for level in self._levels[: point.depth] if level.name]
        fields = dict(_fields(point.details))
        message = fields.get("error") or fields.get("message") or ""
        if not message and point.outcome in RED:
            message = "\n".join(line.strip() for line in point.details[:8])
        file, line = _location(fields, point.details, self._context.root)
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
            duration_seconds=_seconds(duration, "ms") if duration else point.duration,
            message=bound(point.reason or message),
            traceback=bound("\n".join(point.details)) if outcome in RED else "",
        )


def _is_empty_suite(point: _Point) -> bool:
    """Tell a suite of node:test in which no test was left from a test."""
    is_suite = any(line.strip() == "type: 'suite'" for line in point.details)
    return is_suite and point.outcome is TestOutcome.PASSED


def _split(rest: str) -> tuple[str, str, str, float | None]:
    """Split a description into name, reason, directive and duration."""
    duration = None
    if time := _TIME.search(rest):
        duration = _seconds(time[1], time[2] or "ms")
        rest = rest[: time.start()]
    reason = directive = ""
    if found := _DIRECTIVE.search(rest):
        directive, reason = found[1].lower(), found[2].strip()
        rest = rest[: found.start()]
    return _ESCAPED.sub(r"\1", rest.strip()), reason, directive, duration


def _depth(line: str) -> int:
    return (len(line) - len(line.lstrip())) // _INDENT


def _seconds(text: str, unit: str) -> float | None:
    try:
        return float(text) / (1000 if unit == "ms" else 1)
    except ValueError:
        return None


def _fields(details: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the first value of each YAML field that matters, the last one first."""
    for line in reversed(details):
        if (match := _YAML_FIELD.match(line)) and match[2] not in {"", "|-", ">-", "|", "~"}:
            yield match[1], match[2].strip("'\"")


def _location(fields: dict[str, str], details: list[str], root: str) -> tuple[str, int]:
    for text in (fields.get("location", ""), fields.get("at", ""), *details):
        if match := _LOCATION.search(text):
            return relative(match[1], root), int(match[2][:9])
    return "", 0


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
    if tap.named >= _NAMED_MAX and (count := _passed_points(data)) and tap.count_passed(count):
        return
    for line in clean_lines(io.BytesIO(data)):
        tap.feed(line)


def _passed_points(data: bytes) -> int:
    """Count the lines where each is a plain test that passed; 0 where one is anything else."""
    if not data.startswith(b"ok ") or _NOT_PLAIN.search(data):
        return 0
    lines = data.count(b"\n")
    return lines if data.endswith(b"\n") and data.count(b"\nok ") + 1 == lines else 0


FORMAT = Format(
    read=read,
    signature=r"^(?:TAP version 1[2-4]|1\.\.\d+(?:\s*$|\s+#)|(?:not )?ok \d+(?:\s|$))",
    is_neutral=True,
)
