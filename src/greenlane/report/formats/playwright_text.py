"""What Playwright prints for people: the lines of `list`, and the summary that all reporters have.

`list` crosses out a test that failed as it was expected to, and one that passes when it is tried
again: what the summary does not name as failed, flaky or interrupted failed as expected. What did
not run it has as skipped. `line`, `dot` and `github` name only what the summary names; the others
are counted. Source: packages/playwright/src/reporters of https://github.com/microsoft/playwright.
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

_BEGUN = re.compile(r"^Running (\d{1,9}) tests? using \d+ workers?")
_MARKED = re.compile(
    r"^ {2,}(✓|✘|ok|x|-) +\d+ (\S.*?)(?: \(retry #\d+\))?(?: \((\d{1,9}(?:\.\d{1,9})?)(ms|s|m)\))?$"
)
_TITLE = re.compile(
    r"^(?:\[[^\]]*\] \u203a )?([^\u203a]*?):(\d{1,9}):\d{1,9} \u203a (.+?)(?: ─+)?$"
)
_DETAIL = re.compile(r"^ {2}\d{1,9}\) (\S.*)$")
_COUNT = re.compile(
    r"^ {2}(\d{1,9}) (failed|flaky|interrupted|skipped|did not run|passed)(?: \([^()]*\))?$"
)
_LISTED = re.compile(r"^ {4}(\S.*)$")
_RETRY = re.compile(r"^ {4}Retry #\d+ ─")
_MARKS = {"✓": TestOutcome.PASSED, "ok": TestOutcome.PASSED, "-": TestOutcome.SKIPPED}
_LISTS = {
    "failed": TestOutcome.FAILED,
    "flaky": TestOutcome.PASSED,
    "interrupted": TestOutcome.ERROR,
}
_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0}
_MAX_NAMED = 100_000


class _Text:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._tests: dict[str, TestCase] = {}  # by title, as the last try ended
        self._crossed: set[str] = set()  # those whose last try failed
        self._said: Counter[str] = Counter()
        self._list: TestOutcome | None = None  # what the titles that follow are
        self._about = ""
        self._text = Excerpt()
        self._is_known = self._is_ended = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if _BEGUN.match(line):
            self._is_known = True
        elif count := _COUNT.match(line):
            self._end_detail()
            self._said[count[2]] += int(count[1])
            self._list = _LISTS.get(count[2])
            self._is_ended = self._is_ended or self._is_known
        elif self._list is not None and (listed := _LISTED.match(line)):
            self._settle(listed[1], self._list)
        elif marked := _MARKED.match(line):
            self._take(marked)
        elif detail := _DETAIL.match(line):
            self._end_detail()
            self._about = _title(detail[1])
        elif self._about and not _RETRY.match(line):
            self._text.add(line.removeprefix("    "))

    def finish(self) -> Findings:
        """Hand over the tests and say what the run was."""
        self._end_detail()
        for title, case in self._tests.items():
            if title in self._crossed:
                outcome = TestOutcome.XFAIL if self._is_ended else TestOutcome.FAILED
                self._tests[title] = msgspec.structs.replace(
                    case, outcome=outcome, message="", traceback=""
                )
        named: Counter[TestOutcome] = Counter()
        for case in self._tests.values():
            named[case.outcome] += 1
            self._emit(case)
        said = self._said
        good = named[TestOutcome.PASSED] + named[TestOutcome.XFAIL]
        missing = {
            TestOutcome.PASSED: said["passed"] + said["flaky"] - good,
            TestOutcome.SKIPPED: said["skipped"] - named[TestOutcome.SKIPPED],
            TestOutcome.FAILED: said["failed"] - named[TestOutcome.FAILED],
            TestOutcome.ERROR: said["interrupted"] - named[TestOutcome.ERROR],
        }
        return Findings(
            is_recognised=self._is_known,
            is_complete=self._is_ended and missing[TestOutcome.PASSED] >= 0,
            says_success=not (said["failed"] or said["interrupted"]) if self._is_ended else None,
            unnamed={outcome: count for outcome, count in missing.items() if count > 0},
            unnamed_not_run=max(0, said["did not run"] - max(0, -missing[TestOutcome.SKIPPED])),
        )

    def _take(self, marked: re.Match[str]) -> None:
        mark, title, time, unit = marked.groups()
        seconds = float(time) * _UNITS[unit] if time else None
        self._note(_title(title), _MARKS.get(mark, TestOutcome.FAILED), seconds)
        (self._crossed.discard if mark in _MARKS else self._crossed.add)(_title(title))

    def _note(self, title: str, outcome: TestOutcome, seconds: float | None) -> None:
        place = _TITLE.match(title)
        if place is None or (title not in self._tests and len(self._tests) >= _MAX_NAMED):
            return
        self._tests[title] = TestCase(
            id=bound(place[3].replace(" \u203a ", " > "), 1000),
            outcome=outcome,
            file=place[1],
            line=int(place[2]),
            duration_seconds=seconds,
        )

    def _settle(self, listed: str, outcome: TestOutcome) -> None:
        """Take a title that the summary names."""
        title = _title(listed)
        if title not in self._tests:
            self._note(title, outcome, None)
        self._crossed.discard(title)
        if case := self._tests.get(title):
            is_good = outcome is TestOutcome.PASSED
            texts = {"message": "", "traceback": ""} if is_good else {}
            self._tests[title] = msgspec.structs.replace(case, outcome=outcome, **texts)

    def _end_detail(self) -> None:
        text, self._text = self._text.text().strip(), Excerpt()
        title, self._about = self._about, ""
        if title and title not in self._tests:
            self._note(title, TestOutcome.FAILED, None)
            self._crossed.add(title)
        if (case := self._tests.get(title)) and text:
            message = re.split(r"\n\s+at |\n\n\s*\d* +\|?", text, maxsplit=1)[0]
            self._tests[title] = msgspec.structs.replace(
                case, message=bound(message.strip()), traceback=bound(text)
            )


def _title(text: str) -> str:
    return re.sub(r" ─+$", "", text)


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what Playwright printed, between other output."""
    text = _Text(emit)
    for line in clean_lines(source):
        text.feed(line)
    return text.finish()


FORMAT = Format(read=read, signature=r"^Running \d+ tests? using \d+ workers?", is_text=True)
