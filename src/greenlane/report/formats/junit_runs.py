"""Count long runs of test cases and suites in a JUnit report without a parser, many times faster.

Only what is fully understood is counted here: test cases with no child but properties, output
and, as far as is asked for, reasons; no status but a good one; whole suites of such test cases.
All else is left to the parser.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from greenlane.model.report import TestOutcome
from greenlane.report.formats.junit_case import Case, Child, outcome_of
from greenlane.report.formats.junit_plain import ATTRIBUTES, attributes_of
from greenlane.report.formats.tap import FILTERED_OUT

_BEGIN = b"<testcase"
_FILTERED_OUT = FILTERED_OUT.encode()
_MAX_DEPTH = 50  # of suites in a suite
_LEAST = 200  # bytes; a shorter run is not worth it
_HEAD = re.compile(rb"<testcase(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+")
_STATUS = re.compile(rb"\s(?:status|result)\s*=\s*[\"']([^\"']*)")
_GOOD = frozenset({b"run", b"passed", b"pass", b"success", b"successful", b"ok", b"completed"})
_REASON = re.compile(rb"<(failure|error|skipped)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_EMPTY = re.compile(rb"<(?:system-|skipped|failure|error)[^<>]*+(?<=/)>")
_TYPE = re.compile(rb"""\s[\w:.-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+')""")
_SUITE = re.compile(
    rf"<testsuite(?:({ATTRIBUTES})\s*+(/?)>|s?\b)|</testsuite(?:\s*+>|s?\b)".encode()
)


class Reach(IntEnum):
    """Which test cases a run may have."""

    NAMED = -1  # none: each is to be named
    SKIPPED = 1  # and passed
    ALL = 2


@dataclass(frozen=True, slots=True)
class Suite:
    """A whole suite of a run: its attributes and the suites in it."""

    attributes: dict[str, str]
    suites: list[Suite]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of plain test cases and suites."""

    end: int  # where it ends
    counts: Counter[TestOutcome]
    suites: list[Suite]


def _other(reasons: str) -> re.Pattern[bytes]:
    texts = "|".join(["system-(?:out|err)", "propert(?:y|ies)", *reasons.split()])
    return re.compile(
        rf"<(?!testcase[\s/>]|/testcase\s*>|/?testsuite[\s/>]|(?:{texts})[\s/>]|/(?:{texts})\s*>"
        r"|!\[CDATA\[)".encode()
    )


_OTHER = {Reach.SKIPPED: _other("skipped"), Reach.ALL: _other("skipped failure error")}


def find_run(data: bytes, start: int, reach: Reach, *, limit: int) -> Run | None:
    """Count the run of test cases and whole suites that begins at `start`, if there is one.

    It is searched for in `limit` bytes.
    The run ends before its last test case, which what follows may belong to, unless that is a
    suite.
    """
    limit = min(len(data), start + limit)
    other = _OTHER[reach].search(data, start, limit)
    end = other.start() if other else limit
    if end - start < _LEAST:
        return None
    markup = _without_cdata(data[start:end])
    suites, size = _take_suites(markup)
    markup = markup[:size]
    if size < _LEAST or not _are_closed(markup) or not _is_good(markup):
        return None
    return Run(start + size, _count_outcomes(markup), suites)


def _without_cdata(markup: bytes) -> bytes:
    """Blank what stands in CDATA; one that is cut off is left out."""
    if (opening := markup.find(b"<![CDATA[")) < 0:
        return markup
    parts: list[bytes] = []
    position = 0
    while opening >= 0:
        closing = markup.find(b"]]>", opening)
        parts.append(markup[position:opening])
        if closing < 0:
            return b"".join(parts)
        position = closing + 3
        parts.append(b" " * (position - opening))
        opening = markup.find(b"<![CDATA[", position)
    parts.append(markup[position:])
    return b"".join(parts)


def _take_suites(markup: bytes) -> tuple[list[Suite], int]:
    """Return the whole suites, and how far they and the test cases around them go."""
    suites: list[Suite] = []
    open_suites: list[Suite] = []
    size = 0
    for tag in _SUITE.finditer(markup):
        is_end = tag[0].startswith(b"</")
        if not open_suites:
            size = tag.start()
        attributes = _plain_attributes(tag)
        if attributes is None or (is_end and not open_suites):
            break
        if not is_end:
            suite = Suite(attributes, [])
            (open_suites[-1].suites if open_suites else suites).append(suite)
            open_suites.append(suite)
        if is_end or tag[2]:
            open_suites.pop()
            size = size if open_suites else tag.end()
        if len(open_suites) > _MAX_DEPTH:
            break
    else:
        size = size if open_suites else max(size, markup.rfind(_BEGIN, size))
    return suites[:-1] if open_suites else suites, size


def _plain_attributes(tag: re.Match[bytes]) -> dict[str, str] | None:
    """Return the attributes of a suite's tag; None where the tag is not plain."""
    if tag[1] is None:
        return {} if tag[0].endswith(b">") else None
    try:
        attributes = attributes_of(tag[1].decode("utf-8", "replace"))
    except ValueError:
        return None
    return None if attributes.get("name") == "jest tests" else attributes


def _count_outcomes(markup: bytes) -> Counter[TestOutcome]:
    """Count the test cases by outcome."""
    total = markup.count(_BEGIN)
    counts: Counter[TestOutcome] = Counter()
    following = 0
    reasons: list[tuple[bytes, bytes]] = []
    for reason in _REASON.finditer(markup):
        if reason.start() >= following:
            if reasons:
                counts[_outcome(tuple(reasons))] += 1
            reasons = []
            following = markup.find(_BEGIN, reason.end())
            following = len(markup) if following < 0 else following
        reasons.append((reason[1], _type(reason[2])))
    if reasons:
        counts[_outcome(tuple(reasons))] += 1
    counts[TestOutcome.PASSED] += total - counts.total()
    return counts


def _type(attributes: bytes) -> bytes:
    if b"type" not in attributes:
        return b""
    for attribute in _TYPE.findall(attributes):
        name, _, value = attribute.partition(b"=")
        if name.strip() == b"type":
            return bytes(value.strip()[1:-1])
    return b""


@lru_cache(maxsize=4096)
def _outcome(reasons: tuple[tuple[bytes, bytes], ...]) -> TestOutcome:
    children = [Child(kind.decode(), told.decode("utf-8", "replace")) for kind, told in reasons]
    return outcome_of(Case({}, children))


def _are_closed(markup: bytes) -> bool:
    """Tell whether each child that may have a text has its end: else what follows is text."""
    opened = closed = 0
    for name in (b"system-", b"skipped", b"failure", b"error"):
        if count := markup.count(b"<" + name):
            opened += count
            closed += markup.count(b"</" + name)
    return opened == closed or opened == closed + len(_EMPTY.findall(markup))


def _is_good(markup: bytes) -> bool:
    """Tell whether no attribute of a test case says more than its children do."""
    has_parts = b".py" in markup and b"timestamp" in markup
    has_status = b"status" in markup or b"result" in markup
    if b"failed on teardown" in markup or _FILTERED_OUT in markup or b'name="[' in markup:
        return False  # pytest: a part of the test before; node:test, Ginkgo: perhaps no test
    if not has_parts and not has_status:
        return True
    heads = b"".join(_HEAD.findall(markup))
    if b".py" in heads and b"timestamp" in heads:
        return False  # unittest-xml-reporting: one case for each subtest
    return _GOOD.issuperset(word.strip().lower() for word in set(_STATUS.findall(heads)))
