"""A compact text for agents: the verdict, the causes, and the commands that show more.

At most 40 lines and some 1,500 tokens, however many tests are red. Whatever a test may have made
is cleaned, clipped and indented, so that it cannot pass for a line of Greenlane's own.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from greenlane.model.plain_text import clean, clip, format_seconds
from greenlane.model.report import RED, ReportSummary, RunStatus, TestCase, TestOutcome, Totals
from greenlane.report.exports.causes import Cause, group_by_cause, said_lines, telling_lines

MOST_LINES: Final = 40
MOST_CHARS: Final = 4800  # some 1,500 tokens
_COLUMNS: Final = 160
_ID_COLUMNS: Final = 120
_NOT_RUN_NAMED: Final = 3
_MOST_CAUSES: Final = 15
_COUNTED: Final = ("failed", "error", "passed", "skipped", "xfail", "not_run")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The job whose results these are; nothing of it is known to `greenlane parse`."""

    job: str = ""
    result: str = ""
    tree: str = ""
    partial: str = ""
    run_seconds: float | None = None


def write_agent(
    summary: ReportSummary, tests: Iterable[TestCase], about: About | None = None
) -> Iterator[bytes]:
    """Write the text."""
    yield ("\n".join(_Text(summary, about or About()).lines(tests)) + "\n").encode(
        "utf-8", "replace"
    )


class _Text:
    def __init__(self, summary: ReportSummary, about: About) -> None:
        self._summary = summary
        self._about = about
        self._not_run: list[str] = []

    def lines(self, tests: Iterable[TestCase]) -> list[str]:
        head = [self._headline()]
        if self._summary.status is RunStatus.PASSED:
            return head
        causes, left_over = group_by_cause(self._red(tests))
        if self._summary.status is not RunStatus.FAILED or not causes:
            head += [f"  {line}" for line in _few_lines(self._summary.because, 4)]
        foot = [*self._unseen(causes, left_over), *self._commands(causes)]
        room = MOST_LINES - len(head) - len(foot) - 1
        chars = MOST_CHARS - sum(map(len, head + foot))
        return [*head, *_describe(causes, room, chars), *foot]

    def _headline(self) -> str:
        about = self._about
        word = about.result or self._summary.status.value
        parts = [word.replace("_", " ").upper()]
        if about.partial:
            parts.append(f"only {about.partial}")
        parts += [describe_totals(self._summary.totals)] if self._summary.totals.total else []
        parts += [f"ran {format_seconds(about.run_seconds)}"] if about.run_seconds else []
        parts += [f"tree {about.tree[:12]}"] if about.tree else []
        parts += [f"job {about.job}"] if about.job else []
        return " · ".join(clip(clean(part).replace("\n", " "), _COLUMNS) for part in parts)

    def _red(self, tests: Iterable[TestCase]) -> Iterator[TestCase]:
        for case in tests:
            if case.outcome in RED:
                yield case
            elif case.outcome is TestOutcome.NOT_RUN and len(self._not_run) < _NOT_RUN_NAMED:
                self._not_run.append(case.id)

    def _unseen(self, causes: list[Cause], left_over: int) -> Iterator[str]:
        totals = self._summary.totals
        if totals.not_run and self._not_run:
            more = totals.not_run - len(self._not_run)
            names = ", ".join(_name(one) for one in self._not_run)
            yield clip(f"not run: {names}" + (f" … and {more} more" if more > 0 else ""), _COLUMNS)
        unnamed = totals.red - sum(cause.count for cause in causes) - left_over
        if unnamed > 0:
            yield f"{unnamed} more red tests were counted and not named"

    def _commands(self, causes: list[Cause]) -> Iterator[str]:
        if not self._about.job:
            yield "more: --format json"
            return
        job = shlex.quote(self._about.job)
        if causes:
            yield f"one in full: greenlane results {job} --test ID · all: greenlane results {job}"
            yield f"again, only those: greenlane test --failed {job}"
        else:
            yield f"its output: greenlane logs {job}"


def describe_totals(totals: Totals) -> str:
    """Count in words: `2 failed, 29 passed`; "" without tests."""
    counts = {name: getattr(totals, name) for name in _COUNTED}
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def _describe(causes: list[Cause], room: int, chars: int) -> Iterator[str]:
    """Give each cause its share of the lines; what does not fit is counted."""
    shown = causes[:_MOST_CAUSES]
    share = max(2, room // max(1, len(shown)))
    written = 0
    for cause in shown:
        block = _block(cause, min(share, 12))
        size = sum(map(len, block)) + len(block)
        if len(block) > room or (written and size > chars):
            break
        room, chars, written = room - len(block), chars - size, written + 1
        yield from block
    if rest := causes[written:]:
        tests = sum(cause.count for cause in rest)
        yield f"… {len(rest)} more causes, {tests} tests"


def _block(cause: Cause, share: int) -> list[str]:
    """Write one cause in so many lines: what it says, an example, where it broke, the others."""
    said = said_lines(cause.example, max(1, min(4, share - 2)))
    first = said[0] if said else cause.example.outcome.value
    case = cause.example
    place = f"{case.file}:{case.line}" if case.file and case.line else case.file
    where = f" ({_name(place)})" if place and not case.id.endswith(place) else ""
    lines = [
        f"{cause.count} × {first}",
        f"  {_name(case.id)}{where}",
        *(f"    {line}" for line in said[1:]),
    ]
    also = [_others(cause)] if cause.count > 1 and share > 2 else []
    lines += [f"    {line}" for line in telling_lines(case, min(3, share - len(lines) - len(also)))]
    return [clip(line, _COLUMNS) for line in lines + also]


def _others(cause: Cause) -> str:
    """Name a few of the others, and say in which files the rest are."""
    names = ", ".join(_name(one) for one in cause.others)
    more = cause.count - 1 - len(cause.others)
    if more <= 0:
        return f"  also {names}"
    files = ", ".join(f"{_name(name)} ({count})" for name, count in cause.files.most_common(3))
    return f"  also {names} … {more} more" + (f"; in {files}" if files else "")


def _few_lines(text: str, count: int) -> list[str]:
    said = (line.rstrip() for line in clean(text).splitlines() if line.strip())
    return [clip(line, _COLUMNS) for line in islice(said, count)]


def _name(text: str) -> str:
    return clip(clean(text).replace("\n", " ").replace("\t", " "), _ID_COLUMNS)
