"""TestNG's `testng-results.xml`. Source: its XMLReporter; configuration methods are no tests."""

from __future__ import annotations

from collections.abc import Mapping

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.xml_documents import signature_of, xml_reader
from greenlane.report.formats.xml_target import ElementTarget, count_of

_TEXTS = ("message", "full-stacktrace", "short-stacktrace", "value", "line")
_OUTCOMES = {
    "PASS": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "SKIP": TestOutcome.SKIPPED,
    "SUCCESS_PERCENTAGE_FAILURE": TestOutcome.PASSED,
    "STARTED": TestOutcome.ERROR,
    "CREATED": TestOutcome.NOT_RUN,
}


class _Results(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._class = ""
        self._method: Mapping[str, str] | None = None
        self._texts: dict[str, str] = {}
        self._values: list[str] = []
        self._declared_red = self._red = 0
        self._declared: int | None = None

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "testng-results":
            self._declared_red = count_of(attributes.get("failed")) or 0
            if (total := count_of(attributes.get("total"))) is not None:
                unlisted = ("ignored", "retried")
                total -= sum(count_of(attributes.get(name)) or 0 for name in unlisted)
                self._declared = max(0, total)
        elif name == "class" and self._method is None:
            self._class = attributes.get("name", "")
        elif name == "test-method":
            self._method, self._texts, self._values = dict(attributes), {}, []

    def closed(self, name: str, text: str) -> None:
        if name == "value":
            self._values.append(text[:200])
        elif name in _TEXTS:
            self._texts.setdefault(name, text)
        elif name == "test-method" and self._method is not None:
            self._take(self._method)
            self._method = None

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        contradicts = self._declared_red > 0 and not self._red
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            declared_total=self._declared,
            says_success=False if contradicts else None,
            problems=self.problems,
        )

    def _take(self, method: Mapping[str, str]) -> None:
        outcome = _OUTCOMES.get(method.get("status", "").upper(), TestOutcome.ERROR)
        trace = self._texts.get("full-stacktrace") or self._texts.get("short-stacktrace", "")
        message = self._texts.get("message", "") or trace.partition("\n")[0]
        name = f"{self._class}.{method.get('name', '(no name)')}"
        if method.get("is-config") == "true":
            if outcome in RED:
                self.problem(f"{name[:200]}: {message}")
            return
        if method.get("retried") == "true":
            return  # it was run again
        self._red += outcome in RED
        milliseconds = count_of(method.get("duration-ms"))
        self.emit(
            TestCase(
                id=bound(f"{name}({', '.join(self._values)})" if self._values else name, 1000),
                outcome=outcome,
                duration_seconds=None if milliseconds is None else milliseconds / 1000,
                message=bound(message),
                traceback=bound(trace) if outcome in RED else "",
            )
        )


FORMAT = Format(
    read=xml_reader(_Results, ("testng-results",), _TEXTS),
    signature=signature_of("testng-results"),
)
