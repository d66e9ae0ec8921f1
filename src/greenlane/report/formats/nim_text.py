"""What Nim's `unittest` prints (ConsoleOutputFormatter in lib/pure/unittest.nim).

`[OK]`, `[FAILED]` or `[SKIPPED]` and the name of the test, indented below the `[Suite]`; what is
wrong stands before it. There is no summary: only a run that ended by itself is complete.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, relative
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_SUITE = re.compile(r"^\[Suite\] (.+)$")
_RESULT = re.compile(r"^(?:  )?\[(OK|FAILED|SKIPPED)\] (\S.*?)(?: \((\d+(?:\.\d+)?)s\))?$")
_CHECK = re.compile(r"^ {4}(\S+\.nim)\((\d{1,7}), \d+\): ")
_OUTCOMES = {
    "OK": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "SKIPPED": TestOutcome.SKIPPED,
}


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what the tests of a Nim program printed, between other output."""
    tests = Counted(emit)
    suite, text, place = "", Excerpt(), ("", 0)
    for line in clean_lines(source):
        if result := _RESULT.match(line):
            word, name, seconds = result.groups()
            is_red = word == "FAILED"
            tests.send(
                tests.name(suite if line.startswith("  ") else "", name),
                _OUTCOMES[word],
                text.text() if is_red else "",
                file=place[0] if is_red else "",
                line=place[1] if is_red else 0,
                seconds=float(seconds) if seconds else None,
            )
            text, place = Excerpt(), ("", 0)
        elif named := _SUITE.match(line):
            suite, text, place = named[1], Excerpt(), ("", 0)
        elif line.startswith("    "):
            check = _CHECK.match(line)
            if check and not place[0]:
                place = (relative(check[1], context.root), int(check[2]))
            text.add(line[4:])
    code = context.exit_code
    return Findings(
        is_recognised=tests.total > 0,
        is_complete=tests.total > 0 and not context.timed_out and code is not None and code >= 0,
    )


FORMAT = Format(
    read=read,
    signature=r"^\[Suite\] \S|^  \[(?:OK|FAILED|SKIPPED)\] \S",
    is_text=True,
)
