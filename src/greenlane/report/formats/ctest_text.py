"""What CTest prints: a line for each test as it ends, then the counts."""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.text import clean_lines

_RESULT = re.compile(
    r"^ *\d+/\d+ Test +#\d+: (.+?) (?:\.+ *)?(Passed|\*\*\*.+?) +(\d+\.\d+) sec(?:\s.*)?$"
)
_LINE_LIMIT = 4096  # characters; no line of a result is longer
_SUMMARY = re.compile(r"^\d+% tests passed, (\d{1,9}) tests? failed out of (\d{1,9})$")


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read the lines of results; what a test printed may stand between them."""
    count = red = said_red = summaries = 0
    for line in clean_lines(source):
        if result := _RESULT.match(line) if len(line) <= _LINE_LIMIT else None:
            case = _case(result)
            count += 1
            red += case.outcome in RED
            emit(case)
        elif summary := _SUMMARY.match(line):
            summaries += 1
            said_red += int(summary[1])
    return Findings(
        is_recognised=count > 0 or summaries > 0,
        is_complete=summaries > 0,
        says_success=said_red == 0 if summaries else None,
        unnamed={TestOutcome.FAILED: said_red - red} if said_red > red else {},
    )


def _case(result: re.Match[str]) -> TestCase:
    name, told, seconds = result.groups()
    said = told.removeprefix("***").strip()
    outcome = _outcome(said)
    return TestCase(
        id=bound(name.strip(), 1000),
        outcome=outcome,
        duration_seconds=float(seconds),
        message=bound(said) if outcome is not TestOutcome.PASSED else "",
    )


def _outcome(said: str) -> TestOutcome:
    if said == "Passed":
        return TestOutcome.PASSED
    if said == "Skipped" or said.endswith("(Disabled)"):
        return TestOutcome.SKIPPED
    if said.startswith("Not Run"):
        return TestOutcome.ERROR  # the executable is missing, or what it needs failed
    return TestOutcome.FAILED


FORMAT = Format(
    read=read,
    signature=r"^\d+% tests passed, \d+ tests? failed out of \d+$",
    is_text=True,
)
