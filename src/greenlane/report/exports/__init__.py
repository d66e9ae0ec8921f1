"""A report in the shapes that other tools read. Writers stream: memory does not grow with tests.

Every export fails closed: a run that is not green without any red test of its own (a build error,
a crash, no tests) gets one entry that is red and says why, so that no reader takes it for a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from greenlane.model.report import ReportSummary, TestCase
from greenlane.report.exports.agent import write_agent
from greenlane.report.exports.ctrf import write_ctrf
from greenlane.report.exports.github import write_github
from greenlane.report.exports.json_object import write_json
from greenlane.report.exports.junit import write_junit

Write = Callable[[ReportSummary, Iterable[TestCase]], Iterator[bytes]]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A shape: how it is written, and what it is called in HTTP."""

    write: Write
    media_type: str


EXPORTS: dict[str, Export] = {
    "json": Export(write=write_json, media_type="application/json"),
    "ctrf": Export(write=write_ctrf, media_type="application/json"),
    "junit": Export(write=write_junit, media_type="application/xml"),
    "github": Export(write=write_github, media_type="text/plain; charset=utf-8"),
    "agent": Export(write=write_agent, media_type="text/plain; charset=utf-8"),
}
