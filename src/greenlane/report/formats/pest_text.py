"""What Pest prints, and Laravel's `artisan test`, which Collision makes look the same.

Each test has a line with a sign below its class; the last lines count them. Pest 1 to 4:
https://github.com/nunomaduro/collision, Adapters/Phpunit/Style.php.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_CLASS = re.compile(r"^ {1,4}(?:PASS|FAIL|WARN|TODO|DEPR|NOTI|RISK) +([A-Z][\w\\]*)(?: |$)")
_TEST = re.compile(r"^ {1,4}([✓\u2a2f✕↓!…\-]) (\S.{0,1000}?)(?: +(\d{1,9}\.\d\d)s)? *$")
_REASON = re.compile(r" → .*$")
_FAILED = re.compile(r"^ {1,4}FAILED +([A-Z][\w\\]*) > (\S.{0,1000}?)(?:  +\S+)? *$")
_RULE = re.compile(r"^ *─{10}")
_SUMMARY = re.compile(r"^ {1,4}Tests: +((?:\d{1,9} \w+, )*\d{1,9} \w+)(?: \(\d+ assertions?\))?$")
_COUNT = re.compile(r"(\d{1,9}) (\w+)")
_SIGNS = {
    "✓": TestOutcome.PASSED,
    "\u2a2f": TestOutcome.FAILED,
    "✕": TestOutcome.FAILED,
    "-": TestOutcome.SKIPPED,
    "↓": TestOutcome.SKIPPED,
    "…": TestOutcome.SKIPPED,
    "!": TestOutcome.PASSED,  # risky, deprecated or with a warning: it ran and nothing failed
}
_WITH_REASON = frozenset("-↓…!")
_WORDS = {
    "failed": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
    "todos": TestOutcome.SKIPPED,
    "incomplete": TestOutcome.SKIPPED,
}
_MAX_NAMED = 100_000


class _Run:
    def __init__(self) -> None:
        self.named: dict[str, TestCase] = {}
        self.said: Counter[TestOutcome] = Counter()
        self.ends = 0
        self._class = ""
        self._about = ""
        self._text = Excerpt()

    def feed(self, line: str) -> None:
        """Take the next line."""
        if summary := _SUMMARY.match(line):
            self._end_failure()
            self.ends += 1
            for number, word in _COUNT.findall(summary[1]):
                self.said[_WORDS.get(word, TestOutcome.PASSED)] += int(number)
        elif failed := _FAILED.match(line):
            self._end_failure()
            self._about = bound(f"{failed[1]}::{failed[2]}", 1000)
        elif _RULE.match(line):
            self._end_failure()
        elif self._about:
            self._text.add(line.removeprefix("  "))
        elif heading := _CLASS.match(line):
            self._class = heading[1]
        elif self._class and (test := _TEST.match(line)):
            self._take(test)

    def _take(self, test: re.Match[str]) -> None:
        sign, title, seconds = test.groups()
        outcome = _SIGNS[sign]
        name = _REASON.sub("", title) if sign in _WITH_REASON else title
        if len(self.named) < _MAX_NAMED:
            test_id = bound(f"{self._class}::{name.strip()}", 1000)
            self.named[test_id] = TestCase(
                id=test_id, outcome=outcome, duration_seconds=float(seconds) if seconds else None
            )

    def _end_failure(self) -> None:
        name, self._about = self._about, ""
        text, self._text = self._text.text().strip(), Excerpt()
        case = self.named.get(name)
        if case and case.outcome in RED and text:
            message = text.partition("\n\n")[0]
            self.named[name] = msgspec.structs.replace(
                case, message=bound(message), traceback=bound(text)
            )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what Pest printed, between other output."""
    run = _Run()
    for line in clean_lines(source):
        run.feed(line)
    for case in run.named.values():
        emit(case)
    named = Counter(case.outcome for case in run.named.values())
    unnamed = {one: count - named[one] for one, count in run.said.items() if count > named[one]}
    return Findings(is_recognised=run.ends > 0, is_complete=run.ends > 0, unnamed=unnamed)


FORMAT = Format(
    read=read,
    signature=r"^ {1,4}Tests: +(?:\d+ \w+, )*\d+ \w+ \(\d+ assertions?\)$",
    is_text=True,
)
