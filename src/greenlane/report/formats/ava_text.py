"""What AVA prints for people: a line for each test, what failed, then a summary.

The line of a failed test has its message behind the title; where the title ends is known from the
details, which have it alone on a line. Source: lib/reporters/default.js of
https://github.com/avajs/ava.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_MARKED = re.compile(
    r"^ {2}(?:([✔✓])|([✘✖])|-) (?:\[(fail|skip|todo|expected fail)\]:? )?(\S.*?)"
    r"(?: \((\d{1,9}(?:\.\d{1,9})?)(ms|s)\))?$"
)
_COUNT = re.compile(
    r"^ {2}(\d{1,9}) (?:tests? (passed|failed|skipped|todo)|(known) failures?"
    r"|(uncaught) exceptions?|(unhandled) rejections?|(hook)s? failed)$"
)
_TITLE = re.compile(r"^ {2}(\S.*)$")
_PLACE = re.compile(r"^(\S+):(\d{1,9})$")
_CODE = re.compile(r"^\d+: ")  # a line of the test itself
_DIVIDER = "  ─"
_SAID = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "hook": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
    "known": TestOutcome.XFAIL,
}
_TAGS = {
    "fail": TestOutcome.FAILED,
    "skip": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
    "expected fail": TestOutcome.XFAIL,
}
_HELD_LIMIT = 200  # failed tests that wait for their titles


class _Text:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._failed: dict[str, TestCase] = {}  # by title and message
        self._about = ""
        self._details = Excerpt()
        self._named: Counter[TestOutcome] = Counter()
        self._said: Counter[TestOutcome] = Counter()
        self._errors = 0  # exceptions outside of any test
        self._in_details = False
        self._is_ended = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if count := _COUNT.match(line):
            self._end_details()
            self._is_ended = True
            word = next(one for one in count.groups()[1:] if one)
            self._errors += int(count[1]) if word not in _SAID else 0
            if word in _SAID:
                self._said[_SAID[word]] += int(count[1])
        elif line == _DIVIDER:
            self._end_details()
            self._in_details = True
        elif self._in_details:
            self._take_detail(line)
        elif marked := _MARKED.match(line):
            self._take(marked)

    def finish(self) -> Findings:
        """Say what the run was."""
        self._end_details()
        for case in self._failed.values():
            self._emit(case)
        missing = self._said - self._named
        return Findings(
            is_recognised=self._is_ended,
            is_complete=self._is_ended,
            says_success=not (self._said[TestOutcome.FAILED] or self._errors),
            unnamed=dict(missing),
        )

    def _take(self, marked: re.Match[str]) -> None:
        good, bad, tag, name, time, unit = marked.groups()
        outcome = _TAGS.get(tag or "", TestOutcome.PASSED if good else TestOutcome.ERROR)
        if not (good or bad or tag):
            return  # a list of something else
        self._named[outcome] += 1
        seconds = float(time) / (1000 if unit == "ms" else 1) if time else None
        case = TestCase(id=bound(name, 1000), outcome=outcome, duration_seconds=seconds)
        if outcome is TestOutcome.FAILED and len(self._failed) < _HELD_LIMIT:
            self._failed[name] = case
        else:
            self._emit(case)

    def _take_detail(self, line: str) -> None:
        title = _TITLE.match(line)
        key = self._key(title[1]) if title else ""
        if key and not self._about:
            self._about = key
            message = key[len(title[1]) :].strip() if title else ""
            self._failed[key] = msgspec.structs.replace(
                self._failed[key],
                id=bound(title[1] if title else key, 1000),
                message=bound(message),
            )
        elif key and key != self._about:
            self._end_details()
            self._in_details = True
            self._take_detail(line)
        elif self._about:
            self._details.add(line.removeprefix("  "))

    def _key(self, title: str) -> str:
        """Find the failed test whose line begins with a title."""
        return next(
            (key for key in self._failed if key == title or key.startswith(f"{title} ")), ""
        )

    def _end_details(self) -> None:
        text, self._details = self._details.text().strip(), Excerpt()
        about, self._about = self._about, ""
        self._in_details = False
        case = self._failed.get(about)
        if case and text:
            lines = [one.strip() for one in text.splitlines() if one.strip()]
            place = _PLACE.match(lines[0])
            said = [one for one in lines[1 if place else 0 :] if not _CODE.match(one)]
            self._failed[about] = msgspec.structs.replace(
                case,
                file=place[1] if place else "",
                line=int(place[2]) if place else 0,
                message=case.message or bound("\n".join(said[:6])),
                traceback=bound(text),
            )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what AVA printed, between other output."""
    text = _Text(emit)
    for line in clean_lines(source):
        text.feed(line)
    return text.finish()


FORMAT = Format(read=read, signature=r"^ {2}\d+ tests? (?:passed|failed)$", is_text=True)
