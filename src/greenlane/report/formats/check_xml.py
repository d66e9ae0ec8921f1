"""The XML of the C library `check` (CK_XML_LOG_FILE_NAME), which calls its root `testsuites` too.

Source: check's `xml_lfun`. A test is named by its case and its function: `core:parses`.
"""

from __future__ import annotations

from collections.abc import Mapping

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.xml_documents import xml_reader
from greenlane.report.formats.xml_target import ElementTarget, count_of, seconds_of

_TEXTS = ("path", "fn", "id", "iteration", "duration", "description", "message")
_OUTCOMES = {"success": TestOutcome.PASSED, "failure": TestOutcome.FAILED}


class _Suites(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._result: str | None = None
        self._texts: dict[str, str] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "test":
            self._result, self._texts = attributes.get("result", ""), {}

    def closed(self, name: str, text: str) -> None:
        if name in _TEXTS:
            self._texts[name] = text
        elif name == "test" and self._result is not None:
            self._take(self._result)
            self._result = None

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        return Findings(is_recognised=True, is_complete=is_complete)

    def _take(self, result: str) -> None:
        texts = self._texts
        outcome = _OUTCOMES.get(result, TestOutcome.ERROR)
        name, case = texts.get("id", "") or "(no name)", texts.get("description", "")
        turn = count_of(texts.get("iteration"))
        name = f"{case}:{name}" if case else name
        file, _, line = texts.get("fn", "").rpartition(":")
        self.emit(
            TestCase(
                id=bound(f"{name}[{turn}]" if turn else name, 1000),
                outcome=outcome,
                file=relative(file, self.context.root),
                line=count_of(line) or 0,
                duration_seconds=seconds_of(texts.get("duration", "")),
                message=bound(texts.get("message", "")) if outcome in RED else "",
            )
        )


FORMAT = Format(
    read=xml_reader(_Suites, ("testsuites",), _TEXTS),
    signature=r'<testsuites\s+xmlns="http://check\.sourceforge\.net',
)
