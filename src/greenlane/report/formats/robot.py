"""Robot Framework's `output.xml`, versions 2 to 7.

Source: the schema `result.xsd` in Robot Framework's documentation. Tests are named by their
suites below the outermost, whose name is that of the file or folder that was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.xml_documents import signature_of, xml_reader
from greenlane.report.formats.xml_target import ElementTarget, count_of, seconds_of

_OUTCOMES = {
    "PASS": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "SKIP": TestOutcome.SKIPPED,
    "NOT RUN": TestOutcome.NOT_RUN,
    "NOT_RUN": TestOutcome.NOT_RUN,
}


class _Output(ElementTarget):
    hears = frozenset({"status"})

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._suites: list[Mapping[str, str]] = []
        self._test: Mapping[str, str] = {}
        self._test_depth = 0  # 0: in no test
        self._status: Mapping[str, str] = {}
        self._own: tuple[Mapping[str, str], str] = ({}, "")  # the status of the test itself
        self._red = self._said_red = 0

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in {"test", "task"} and not self._test_depth:
            self._test, self._test_depth, self._own = dict(attributes), self.depth, ({}, "")
        elif name == "suite" and "name" in attributes and not self._test_depth:
            self._suites.append({**attributes, "depth": str(self.depth)})
        elif name == "status":
            self._status = dict(attributes)
        elif name == "stat" and not self._test_depth:
            self._said_red = max(self._said_red, count_of(attributes.get("fail")) or 0)

    def closed(self, name: str, text: str) -> None:
        if name == "status":
            self._take_status(text)
        elif self.depth == self._test_depth:
            self._take_test()
            self._test_depth = 0
        elif self._suites and self._suites[-1]["depth"] == str(self.depth):
            self._suites.pop()

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        contradicts = self.problems or self._said_red
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            says_success=False if contradicts and not self._red else None,
            problems=self.problems,
        )

    def _take_status(self, text: str) -> None:
        if self._test_depth:
            if self.depth == self._test_depth + 1:
                self._own = (self._status, text)
        elif self._status.get("status") == "FAIL" and "teardown failed" in text.lower():
            self.problem(text)
        elif self._status.get("status") == "FAIL" and not self._red:
            self._said_red += 1

    def _take_test(self) -> None:
        status, text = self._own
        outcome = _OUTCOMES.get(status.get("status", "").upper(), TestOutcome.ERROR)
        self._red += outcome in RED
        names = [one["name"] for one in self._suites[1:]]
        source = next((one["source"] for one in reversed(self._suites) if one.get("source")), "")
        self.emit(
            TestCase(
                id=bound(".".join([*names, self._test.get("name") or "(no name)"]), 1000),
                outcome=outcome,
                file=relative(source, self.context.root),
                line=count_of(self._test.get("line")) or 0,
                duration_seconds=_duration(status),
                message=bound(text),
            )
        )


def _duration(status: Mapping[str, str]) -> float | None:
    if "elapsed" in status:
        return seconds_of(status["elapsed"])
    form = "%Y%m%d %H:%M:%S.%f"
    try:
        begun = datetime.strptime(status.get("starttime", ""), form)  # noqa: DTZ007
        ended = datetime.strptime(status.get("endtime", ""), form)  # noqa: DTZ007
    except ValueError:
        return None
    return max(0.0, (ended - begun).total_seconds())


FORMAT = Format(
    read=xml_reader(_Output, ("robot",), ("msg", "arg", "doc", "status", "var")),
    signature=signature_of("robot"),
)
