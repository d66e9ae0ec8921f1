"""The XML of xUnit.net, v1 to v3: `<assemblies>`, or a lone `<assembly>`.

Source: xunit.net, "Format XML v2"; v1 has `<class>` in the place of `<collection>`.
"""

from __future__ import annotations

from collections.abc import Mapping

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.xml_documents import xml_reader
from greenlane.report.formats.xml_target import (
    ElementTarget,
    count_of,
    place_in_trace,
    seconds_of,
)

_TEXTS = ("message", "stack-trace", "output", "reason")
_OUTCOMES = {
    "pass": TestOutcome.PASSED,
    "fail": TestOutcome.FAILED,
    "skip": TestOutcome.SKIPPED,
    "notrun": TestOutcome.NOT_RUN,
}


class _Assemblies(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._test: Mapping[str, str] | None = None
        self._error: Mapping[str, str] | None = None
        self._texts: dict[str, str] = {}
        self._declared: int | None = None
        self._declared_red = self._red = 0

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "assembly":
            total = count_of(attributes.get("total"))
            if total is not None:
                self._declared = (self._declared or 0) + total
            for key in ("failed", "errors"):
                self._declared_red += count_of(attributes.get(key)) or 0
        elif name == "test":
            self._test, self._texts = dict(attributes), {}
        elif name == "error" and self._test is None:
            self._error, self._texts = dict(attributes), {}

    def closed(self, name: str, text: str) -> None:
        if name in _TEXTS:
            self._texts.setdefault(name, text)
        elif name == "test" and self._test is not None:
            self._take(self._test)
            self._test = None
        elif name == "error" and self._error is not None:
            where = self._error.get("name") or self._error.get("type") or "error"
            self.problem(f"{where[:200]}: {self._texts.get('message', '')}")
            self._error = None

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

    def _take(self, test: Mapping[str, str]) -> None:
        outcome = _OUTCOMES.get(test.get("result", "").lower(), TestOutcome.ERROR)
        is_red = outcome in RED
        self._red += is_red
        trace = self._texts.get("stack-trace", "")
        file, line = place_in_trace(trace, self.context.root)
        if source := test.get("source-file", ""):
            file, line = relative(source, self.context.root), count_of(test.get("source-line")) or 0
        name, kind = test.get("name") or test.get("method") or "(no name)", test.get("type", "")
        self.emit(
            TestCase(
                id=bound(name if name.startswith(kind) else f"{kind}.{name}", 1000),
                outcome=outcome,
                file=file,
                line=line,
                duration_seconds=seconds_of(test.get("time", "")),
                message=bound(self._texts.get("message") or self._texts.get("reason") or ""),
                traceback=bound(trace) if is_red else "",
                output=bound(self._texts.get("output", "")) if is_red else "",
            )
        )


FORMAT = Format(
    read=xml_reader(_Assemblies, ("assemblies", "assembly"), _TEXTS),
    signature=r"<assemblies[\s/>]|<assembly\s[^>]*\b(?:run-date|test-framework)=",
)
