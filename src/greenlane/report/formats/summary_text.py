"""Text of many frameworks, by the line that counts their tests: see `summary_kinds`.

The counts are the truth; red tests are named where the framework has a line for each. A text of
two frameworks, one of which runs the other (sbt and ScalaTest), is read as the first that counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    relative,
)
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.summary_kinds import KINDS, Kind
from greenlane.report.formats.text import clean_lines

_LINE_LIMIT = 2000  # characters; no line of a summary is longer
_MAX_NAMED = 10_000
_BATCH = 200  # lines
_OUTCOMES = ("passed", "failed", "error", "skipped", "xfail")


class _Seen:
    """What one framework said."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.counts: Counter[str] = Counter()
        self.starts = self.ends = 0
        self.red: dict[str, tuple[str, int, bool]] = {}

    def count(self, number: int, found: re.Match[str]) -> None:
        """Take a line of counts."""
        self.starts += number == 0
        self.ends += number == len(self.kind.counts) - 1
        groups = {name: text for name, text in found.groupdict().items() if text}
        said = {"passed": 1 if groups.pop("one", "") else 0}
        for name, text in groups.items():  # of two ways to say it, one was met
            said[name.removesuffix("_of_all")] = int(text[:9])
        if "failable" in said:  # what did not pass failed
            said["failed"] = max(0, said.pop("failable") - said["passed"])
        self.counts.update(said)
        if "total" in said:
            self.counts["all"] += said["total"]
        elif len(self.kind.counts) == 1:
            self.counts["all"] += sum(said.get(name, 0) for name in _OUTCOMES)

    def name(self, found: re.Match[str]) -> None:
        """Take the name of a red test."""
        groups = found.groupdict()
        if len(self.red) < _MAX_NAMED:
            is_error = (groups.get("kind") or "").startswith("E")
            place = (groups.get("file") or "", int((groups.get("line") or "0")[:9]), is_error)
            self.red.setdefault(groups["name"].strip(), place)


class _Run:
    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._first: _Seen | None = None

    def feed(self, lines: Sequence[str]) -> None:
        """Take the next lines: few are looked at more closely than all together."""
        text = "\n".join(lines)
        kinds = [kind for kind in KINDS if any(hint in text for hint in kind.all_hints)]
        for line in lines if kinds else ():
            if 4 < len(line) <= _LINE_LIMIT:
                self._take(line, kinds)

    def _take(self, line: str, kinds: Sequence[Kind]) -> None:
        for kind in kinds:
            if any(hint in line for hint in kind.hints) and self._count(kind, line):
                return
            if kind.red and kind.red_hint in line and (found := kind.red.match(line)):
                self._of(kind).name(found)

    def _count(self, kind: Kind, line: str) -> bool:
        for number, pattern in enumerate(kind.counts):
            if found := pattern.match(line):
                seen = self._of(kind)
                seen.count(number, found)
                if number == len(kind.counts) - 1:
                    self._first = self._first or seen
                return True
        return False

    def finish(self, emit: Emit, context: ReadContext) -> Findings:
        """Hand over the red tests of the framework that counted, and its counts."""
        seen = self._first
        if seen is None:
            return UNRECOGNISED
        tests, counts = Counted(emit), seen.counts
        counted = counts["failed"] + counts["error"]
        # More names than red tests: what is named are not only red ones.
        names = seen.red if len(seen.red) <= counted or seen.kind.counts_no_red else {}
        for name, (file, line, is_error) in names.items():
            outcome = TestOutcome.ERROR if is_error else TestOutcome.FAILED
            tests.send(name, outcome, file=relative(file, context.root), line=line)
        said = {
            TestOutcome.FAILED: max(0, counted - tests.named[TestOutcome.ERROR]),
            TestOutcome.SKIPPED: counts["skipped"],
            TestOutcome.XFAIL: counts["xfail"],
        }
        others = max(counted, tests.red) + counts["skipped"] + counts["xfail"]
        said[TestOutcome.PASSED] = max(0, counts["all"] - others)
        return Findings(
            is_recognised=True,
            is_complete=seen.starts <= seen.ends,
            says_success=not (counted or tests.red),
            unnamed=tests.unnamed(said),
        )

    def _of(self, kind: Kind) -> _Seen:
        return self._seen.setdefault(kind.name, _Seen(kind))


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what a framework printed, between other output."""
    run = _Run()
    lines = clean_lines(source)
    while batch := list(islice(lines, _BATCH)):
        run.feed(batch)
    return run.finish(emit, context)


def _unnamed_groups(pattern: str) -> str:
    """Take the names out of a pattern, so that it can stand beside others."""
    return re.sub(r"\(\?P<\w+>", "(?:", re.sub(r"\(\?P=\w+\)", r"\\d+", pattern))


FORMAT = Format(
    read=read,
    signature="|".join(_unnamed_groups(kind.counts[-1].pattern) for kind in KINDS),
    is_text=True,
)
