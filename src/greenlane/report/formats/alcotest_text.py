"""What Alcotest (OCaml) prints: a line for each test, then the counts.

Source: alcotest-engine's pp.ml. The excerpts of failures repeat a line inside a box.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.text import clean_lines

_TEST = re.compile(r"^[> ] \[(OK|FAIL|SKIP|TODO)\] +\S.{0,500}? +\d{1,6}   (.{1,1000})$")
_OVER = re.compile(
    r"^(?:Test Successful|(\d{1,9}) failures?!) in [\d.]+s\. (\d{1,9}) tests? run\.$"
)
_OUTCOMES = {
    "OK": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "SKIP": TestOutcome.SKIPPED,
    "TODO": TestOutcome.SKIPPED,
}
_LINE_LIMIT = 2000  # characters; no line of a result is longer


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read the output of one test program or of several."""
    count = red = overs = said_red = 0
    for line in clean_lines(source):
        if len(line) > _LINE_LIMIT:
            continue
        if test := _TEST.match(line):
            outcome = _OUTCOMES[test[1]]
            count += 1
            red += outcome in RED
            emit(TestCase(id=bound(test[2].strip().removesuffix("."), 1000), outcome=outcome))
        elif over := _OVER.match(line):
            overs += 1
            said_red += int(over[1] or 0)
    return Findings(
        is_recognised=count > 0 or overs > 0,
        is_complete=overs > 0,
        says_success=said_red == 0 if overs else None,
        unnamed={TestOutcome.FAILED: said_red - red} if said_red > red else {},
    )


FORMAT = Format(
    read=read,
    signature=r"^Testing [`'].+'\.$|^[> ] \[(?:OK|FAIL|SKIP|TODO)\] +\S.*? +\d+   ",
    is_text=True,
)
