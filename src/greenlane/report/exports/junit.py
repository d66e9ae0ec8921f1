"""JUnit XML, as Jenkins, GitLab and GitHub actions read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from greenlane.model.report import RED, ReportSummary, TestCase, TestOutcome
from greenlane.report.exports.verdict_case import verdict_case

# What XML 1.0 cannot hold, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def write_junit(summary: ReportSummary, tests: Iterable[TestCase]) -> Iterator[bytes]:
    """Write one suite with all tests."""
    totals, verdict = summary.totals, verdict_case(summary)
    counts = (
        f' tests="{totals.total + (verdict is not None)}" failures="{totals.failed}"'
        f' errors="{totals.error + (verdict is not None)}"'
        f' skipped="{totals.skipped + totals.xfail + totals.not_run}"'
    )
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="greenlane"{counts}>\n'.encode()
    yield f'<testsuite name="greenlane"{counts}>\n'.encode()
    for case in tests:
        yield _element(case).encode()
    if verdict:
        yield _element(verdict).encode()
    yield b"</testsuite>\n</testsuites>\n"


def _element(case: TestCase) -> str:
    attributes = {"classname": case.file or case.id, "name": case.id}
    if case.duration_seconds is not None:
        attributes["time"] = f"{case.duration_seconds:.6f}"
    if case.file:
        attributes["file"] = case.file
    if case.line:
        attributes["line"] = str(case.line)
    start = "<testcase" + _attributes(attributes)
    body = _body(case)
    return f"{start}>{body}</testcase>\n" if body else f"{start}/>\n"


def _body(case: TestCase) -> str:
    parts = []
    if case.outcome in RED:
        tag = "failure" if case.outcome is TestOutcome.FAILED else "error"
        attributes = {"message": case.message.partition("\n")[0], "type": case.outcome.value}
        text = case.traceback or case.message
        parts.append(f"<{tag}{_attributes(attributes)}>{_text(text)}</{tag}>")
    elif case.outcome is not TestOutcome.PASSED:
        attributes = {"type": case.outcome.value, "message": case.message or case.outcome.value}
        parts.append(f"<skipped{_attributes(attributes)}/>")
    if case.output:
        parts.append(f"<system-out>{_text(case.output)}</system-out>")
    return "".join(parts)


def _attributes(values: dict[str, str]) -> str:
    return "".join(
        f" {name}={quoteattr(_FORBIDDEN.sub('', value), _LINE_ENDS)}"
        for name, value in values.items()
    )


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("", value), {"\r": "&#13;"})
