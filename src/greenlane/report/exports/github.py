"""Annotations for GitHub Actions: one workflow command a line for each red test.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from greenlane.model.report import RED, ReportSummary, TestCase
from greenlane.report.exports.verdict_case import verdict_case

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def write_github(summary: ReportSummary, tests: Iterable[TestCase]) -> Iterator[bytes]:
    """Write an error for each red test, and one for a run that is not green without any."""
    for case in tests:
        if case.outcome in RED:
            yield _command(case)
    if verdict := verdict_case(summary):
        yield _command(verdict)


def _command(case: TestCase) -> bytes:
    properties = {"title": case.id}
    if case.file and not case.file.startswith("/"):  # GitHub knows paths below the checkout only
        properties = {"file": case.file, **properties}
        if case.line:
            properties["line"] = str(case.line)
    written = ",".join(
        f"{name}={_CONTROL.sub('', value).translate(_PROPERTY)}"
        for name, value in properties.items()
    )
    message = _CONTROL.sub("", case.message or case.outcome.value).translate(_MESSAGE)
    return f"::error {written}::{message}\n".encode()
