"""What PHPUnit 6 to 12 prints: tests in its lists of problems are named, the others are counted."""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_GREEN = re.compile(r"^OK \((\d{1,9}) tests?, \d+ assertions?\)$")
_COUNTED = re.compile(r"^Tests: (\d{1,9}), Assertions: \d+(.*)\.$")
_COUNT = re.compile(r", (Errors|Failures|Skipped|Incomplete): (\d{1,9})")
_NOTHING = re.compile(r"^No tests executed!$")
_LIST = re.compile(
    r"^There (?:was|were) \d{1,9} (?:(PHPUnit error|error|failure|skipped test|incomplete test)s?"
    r"|[\w ]+):$"
)
_ENTRY = re.compile(r"^\d{1,9}\) ([\w\\]+::.{1,2000})$")
_DATA = re.compile(r'( with data set (?:#\d+|"[^"]*"|".*?"(?= \(|$))).*$')
_FRAME = re.compile(r"^(/?[^\s:]+\.php):(\d{1,7})$")
_END_OF_LIST = re.compile(r"^--$")
_OUTCOMES = {
    "Errors": TestOutcome.ERROR,
    "Failures": TestOutcome.FAILED,
    "Skipped": TestOutcome.SKIPPED,
    "Incomplete": TestOutcome.SKIPPED,
    "PHPUnit error": TestOutcome.ERROR,
    "error": TestOutcome.ERROR,
    "failure": TestOutcome.FAILED,
    "skipped test": TestOutcome.SKIPPED,
    "incomplete test": TestOutcome.SKIPPED,
}
_MAX_NAMED = 100_000


class _Run:
    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self.named: dict[str, TestCase] = {}
        self.said: Counter[TestOutcome] = Counter()
        self.ends = 0
        self._list: TestOutcome | None = None
        self._about = ""
        self._text = Excerpt()

    def feed(self, line: str) -> None:
        """Take the next line."""
        if self._end(line):
            self.ends += 1
            self._end_entry()
            self._list = None
        elif heading := _LIST.match(line):
            self._end_entry()
            self._list = _OUTCOMES.get(heading[1] or "")
        elif _END_OF_LIST.match(line):
            self._end_entry()
        elif self._list and (entry := _ENTRY.match(line)):
            self._end_entry()
            self._begin_entry(entry[1], self._list)
        elif self._about:
            self._text.add(line)

    def _end(self, line: str) -> bool:
        """Take a line that sums up."""
        if green := _GREEN.match(line):
            self.said[TestOutcome.PASSED] += int(green[1])
        elif counted := _COUNTED.match(line):
            others = [(word, int(number)) for word, number in _COUNT.findall(counted[2])]
            for word, number in others:
                self.said[_OUTCOMES[word]] += number
            passed = int(counted[1]) - sum(number for _, number in others)
            self.said[TestOutcome.PASSED] += max(0, passed)
        else:
            return bool(_NOTHING.match(line))
        return True

    def _begin_entry(self, title: str, outcome: TestOutcome) -> None:
        name = bound(_DATA.sub(r"\1", title), 1000)
        if name not in self.named and len(self.named) < _MAX_NAMED:
            self.named[name] = TestCase(id=name, outcome=outcome)
            self._about = name

    def _end_entry(self) -> None:
        name, self._about = self._about, ""
        text, self._text = self._text.text().strip(), Excerpt()
        case = self.named.get(name)
        if case is None:
            return
        said = text.split("\n")
        frames = [found for line in said if (found := _FRAME.match(line))]
        message = "\n".join(line for line in said if not _FRAME.match(line)).strip()
        self.named[name] = msgspec.structs.replace(
            case,
            message=bound(message),
            traceback=bound(text) if case.outcome in RED else "",
            file=relative(frames[0][1], self._context.root) if frames else "",
            line=int(frames[0][2]) if frames else 0,
        )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what `phpunit` printed, between other output."""
    run = _Run(context)
    for line in clean_lines(source):
        run.feed(line)
    for case in run.named.values():
        emit(case)
    named = Counter(case.outcome for case in run.named.values())
    unnamed = {one: count - named[one] for one, count in run.said.items() if count > named[one]}
    return Findings(is_recognised=run.ends > 0, is_complete=run.ends > 0, unnamed=unnamed)


FORMAT = Format(
    read=read,
    signature=(
        r"^(?:OK \(\d+ tests?, \d+ assertions?\)|Tests: \d+, Assertions: \d+.*\."
        r"|No tests executed!)$"
    ),
    is_text=True,
)
