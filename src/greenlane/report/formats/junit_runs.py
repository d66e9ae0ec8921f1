"""Read long runs of test cases in a JUnit report without a parser, many times faster.

Only what is fully understood is read here: test cases with no child but properties, output and,
where they are only counted, reasons; plain attributes; no status but a good one. All else is
left to the parser.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import IntEnum
from functools import lru_cache

from greenlane.model.report import TestOutcome
from greenlane.report.formats.junit_case import Case, Child, outcome_of

_BEGIN = b"<testcase"
_SUITES = (b"<testsuite", b"</testsuite")
_LEAST = 200  # bytes; a shorter run is not worth it
_STATUS = re.compile(rb"\s(?:status|result)\s*=\s*[\"']([^\"']*)")
_GOOD = frozenset({b"run", b"passed", b"pass", b"success", b"successful", b"ok", b"completed"})
_CASE = re.compile(r'<testcase((?:\s+[\w:.-]+="[^"<\r\n\t]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r'([\w:.-]+)="([^"]*)"')
_REASON = re.compile(rb"<(failure|error|skipped)\b([^<>]*)")
_TYPE = re.compile(rb'\stype="([^"]*)"')


class Reach(IntEnum):
    """Which test cases a run may have."""

    PASSED = 0
    SKIPPED = 1  # and passed
    ALL = 2


def _other(reasons: str) -> re.Pattern[bytes]:
    texts = "|".join(["system-(?:out|err)", "propert(?:y|ies)", *reasons.split()])
    return re.compile(
        rf"<(?!testcase[\s/>]|/testcase\s*>|(?:{texts})[\s/>]|/(?:{texts})\s*>|!\[CDATA\[)".encode()
    )


_OTHER = {
    Reach.PASSED: _other(""),
    Reach.SKIPPED: _other("skipped"),
    Reach.ALL: _other("skipped failure error"),
}


def find_run(data: bytes, start: int, reach: Reach) -> tuple[bytes, int]:
    """Return the markup of a run of test cases that begins at `start`, and where it ends.

    CDATA is left out of the markup. The run ends before its last test case, which what follows
    may belong to, unless that is a suite. Where there is no run the markup is empty.
    """
    if not data.startswith(_BEGIN, start):
        return b"", start
    other = _OTHER[reach].search(data, start)
    end = other.start() if other else len(data)
    if end - start < _LEAST:
        return b"", start
    has_all = other is not None and data.startswith(_SUITES, end)
    markup, end = _markup(data, start, end, has_all=has_all)
    return (markup, end) if markup and _is_good(markup) else (b"", start)


def attributes_of(markup: bytes) -> list[dict[str, str]]:
    """Return the attributes of each test case; nothing where one is not plain."""
    if not markup.isascii() or b"&" in markup:
        return []
    cases = _CASE.findall(markup.decode("ascii"))
    if len(cases) != markup.count(_BEGIN):
        return []
    return [dict(_ATTRIBUTE.findall(one)) for one in cases]


def count_outcomes(markup: bytes) -> Counter[TestOutcome]:
    """Count the test cases by outcome."""
    if b"<skipped" not in markup and b"<failure" not in markup and b"<error" not in markup:
        return Counter({TestOutcome.PASSED: markup.count(_BEGIN)})
    return Counter(
        _outcome(tuple((kind, _type(told)) for kind, told in _REASON.findall(piece)))
        for piece in markup.split(_BEGIN)[1:]
    )


def _type(attributes: bytes) -> bytes:
    match = _TYPE.search(attributes)
    return match[1] if match else b""


@lru_cache(maxsize=4096)
def _outcome(reasons: tuple[tuple[bytes, bytes], ...]) -> TestOutcome:
    if not reasons:
        return TestOutcome.PASSED
    children = [Child(kind.decode(), told.decode("utf-8", "replace")) for kind, told in reasons]
    return outcome_of(Case({}, children))


def _markup(data: bytes, start: int, end: int, *, has_all: bool) -> tuple[bytes, int]:
    """Return what stands outside of CDATA up to the last test case, and where that begins."""
    parts: list[bytes] = []
    offsets: list[int] = []
    position = start
    while position < end:
        opening = data.find(b"<![CDATA[", position, end)
        parts.append(data[position : opening if opening >= 0 else end])
        offsets.append(position)
        closing = data.find(b"]]>", opening, end) if opening >= 0 else -1
        if closing < 0:
            has_all = has_all and opening < 0
            break
        position = closing + 3
    if has_all:
        return b"".join(parts), end
    while parts:
        last = parts[-1].rfind(_BEGIN)
        if last >= 0:
            parts[-1] = parts[-1][:last]
            return b"".join(parts), offsets[-1] + last
        del parts[-1], offsets[-1]
    return b"", start


def _is_good(markup: bytes) -> bool:
    if b".py" in markup and b"timestamp" in markup:
        return False  # unittest-xml-reporting: one case for each subtest
    if b"status" not in markup and b"result" not in markup:
        return True
    return _GOOD.issuperset(word.strip().lower() for word in set(_STATUS.findall(markup)))
