"""PHPUnit's last words: the counts of its tests, whatever it printed them as before."""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.text import clean_lines

_GREEN = re.compile(r"^OK \((\d{1,9}) tests?, \d+ assertions?\)$")
_COUNTED = re.compile(r"^Tests: (\d{1,9}), Assertions: \d+(.*)\.$")
_COUNT = re.compile(r", (Errors|Failures|Skipped|Incomplete): (\d{1,9})")
_OUTCOMES = {
    "Errors": TestOutcome.ERROR,
    "Failures": TestOutcome.FAILED,
    "Skipped": TestOutcome.SKIPPED,
    "Incomplete": TestOutcome.SKIPPED,
}


def read(source: BinaryIO, _emit: Emit, _context: ReadContext) -> Findings:
    """Count the tests of all runs; none is named."""
    counts = dict.fromkeys(TestOutcome, 0)
    ends = 0
    for line in clean_lines(source):
        if green := _GREEN.match(line):
            counts[TestOutcome.PASSED] += int(green[1])
        elif counted := _COUNTED.match(line):
            others = [(word, int(number)) for word, number in _COUNT.findall(counted[2])]
            for word, number in others:
                counts[_OUTCOMES[word]] += number
            counts[TestOutcome.PASSED] += max(0, int(counted[1]) - sum(one for _, one in others))
        else:
            continue
        ends += 1
    unnamed = {outcome: count for outcome, count in counts.items() if count}
    return Findings(is_recognised=ends > 0, is_complete=ends > 0, unnamed=unnamed)


FORMAT = Format(
    read=read,
    signature=r"^(?:OK \(\d+ tests?, \d+ assertions?\)|Tests: \d+, Assertions: \d+.*\.)$",
    is_text=True,
)
