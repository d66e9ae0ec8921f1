"""Visual Studio's test results (`--logger trx`), which MSTest, NUnit and xUnit.net write alike.

Source: vstst.xsd of Visual Studio (TeamTest/2010) and vstest's TrxLogger. The counter
`notExecuted` is always 0; what did not run is told by the results. A result without an outcome is
an error: that is the value which the writer leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.xml_documents import xml_reader
from greenlane.report.formats.xml_target import (
    ElementTarget,
    count_of,
    place_in_trace,
    seconds_of,
)

_TEXTS = ("Message", "StackTrace", "StdOut", "StdErr", "DebugTrace", "Text")
_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "passedbutrunaborted": TestOutcome.PASSED,
    "warning": TestOutcome.PASSED,
    "completed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "notexecuted": TestOutcome.SKIPPED,
    "inconclusive": TestOutcome.SKIPPED,
    "pending": TestOutcome.NOT_RUN,
    "inprogress": TestOutcome.ERROR,
}
_BAD = frozenset({"failed", "error", "aborted", "timeout", "disconnected"})
_DEFINITION = re.compile(
    rb"<(?:[\w.-]+:)?UnitTest\s[^>]*?\bid=\"([^\"]{1,64})\""
    rb"|<(?:[\w.-]+:)?TestMethod\s[^>]*?\bclassName=\"([^\"]{1,1000})\""
)
_CHUNK = 1024 * 1024
_OVERLAP = 4096
_MAX_CLASSES = 200_000


@dataclass
class _Result:
    """An open `<UnitTestResult>`; a data-driven one has inner results, which are the tests."""

    attributes: Mapping[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    inner: int = 0


class _Run(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext, classes: Mapping[str, str]) -> None:
        super().__init__(emit, context)
        self._classes = classes
        self._results: list[_Result] = []
        self._red = self._parents = 0
        self._declared: int | None = None
        self._outcome = ""
        self._info = ""

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name.endswith("TestResult") or name == "TestResultAggregation":
            self._results.append(_Result(dict(attributes)))
        elif name == "ResultSummary":
            self._outcome = attributes.get("outcome", "").lower()
        elif name == "Counters":
            self._declared = count_of(attributes.get("total"))
        elif name == "RunInfo":
            self._info = attributes.get("outcome", "").lower()

    def closed(self, name: str, text: str) -> None:
        if name == "Text":
            if self._info in _BAD and not self._results:
                self.problem(text)
        elif name in _TEXTS:
            if self._results:
                self._results[-1].texts.setdefault(name, text)
        elif (name.endswith("TestResult") or name == "TestResultAggregation") and self._results:
            self._take(self._results.pop())

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        declared = None if self._declared is None else max(0, self._declared - self._parents)
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            declared_total=declared,
            says_success=False if self._outcome in _BAD and not self._red else None,
            status=RunStatus.CRASHED if self._outcome in {"aborted", "disconnected"} else None,
            problems=self.problems,
        )

    def _take(self, result: _Result) -> None:
        if self._results:
            self._results[-1].inner += 1
        if result.inner:
            self._parents += 1
            return
        attributes, texts = result.attributes, result.texts
        outcome = _OUTCOMES.get(attributes.get("outcome", "").lower(), TestOutcome.ERROR)
        is_red = outcome in RED
        self._red += is_red
        file, line = place_in_trace(texts.get("StackTrace", ""), self.context.root)
        printed = [texts[key] for key in ("StdOut", "StdErr", "DebugTrace") if texts.get(key)]
        self.emit(
            TestCase(
                id=bound(self._name(attributes), 1000),
                outcome=outcome,
                file=file,
                line=line,
                duration_seconds=seconds_of(attributes.get("duration", "")),
                message=bound(texts.get("Message", "")),
                traceback=bound(texts.get("StackTrace", "")) if is_red else "",
                output=bound("\n".join(printed)) if is_red else "",
            )
        )

    def _name(self, attributes: Mapping[str, str]) -> str:
        name = attributes.get("testName") or "(no name)"
        kind = self._classes.get(attributes.get("testId", ""), "")
        return name if not kind or name.startswith(f"{kind}.") else f"{kind}.{name}"


def _classes_in(source: BinaryIO) -> dict[str, str]:
    """Return the class of each test by its id; they stand behind the results in the file."""
    classes: dict[str, str] = {}
    names: dict[bytes, str] = {}
    test_id, rest = "", b""
    while (chunk := source.read(_CHUNK)) and len(classes) < _MAX_CLASSES:
        data = (rest + chunk).replace(b"\0", b"")
        for found in _DEFINITION.finditer(data):
            if found[1]:
                test_id = found[1].decode("utf-8", "replace")
            elif test_id:
                kind = found[2].partition(b",")[0].strip()
                classes[test_id] = names.setdefault(kind, kind.decode("utf-8", "replace"))
        rest = data[-_OVERLAP:]
    return classes


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report: first the definitions of its tests, then their results."""
    classes: dict[str, str] = {}
    if source.seekable():
        classes = _classes_in(source)
        source.seek(0)
    reader = xml_reader(lambda emit, context: _Run(emit, context, classes), ("TestRun",), _TEXTS)
    return reader(source, emit, context)


FORMAT = Format(
    read=read,
    signature=r"<(?:[\w.-]+:)?TestRun\s|<\0T\0e\0s\0t\0R\0u\0n\0 \0",
)
