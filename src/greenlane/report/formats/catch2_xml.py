"""The XML of Catch2 (`-r xml`, v2 and v3) and of doctest (`-r=xml`).

Sources: Catch2's and doctest's reporters `xml`. A test case is one test, its sections and
assertions are parts of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.xml_documents import signature_of, xml_reader
from greenlane.report.formats.xml_target import ElementTarget, count_of, seconds_of

_TEXTS = (
    "Original",
    "Expanded",
    "Message",
    "Text",
    "Info",
    "Failure",
    "Exception",
    "FatalErrorCondition",
)
_BROKEN = frozenset({"Exception", "FatalErrorCondition"})
_MAX_TEXTS = 40


class _Run(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._case: Mapping[str, str] | None = None
        self._result: Mapping[str, str] = {}
        self._said: list[str] = []
        self._is_broken_case = False
        self._failed = 0  # expressions that failed

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "TestCase":
            self._case, self._result, self._said = dict(attributes), {}, []
            self._is_broken_case, self._failed = False, 0
        elif name in {"OverallResult", "OverallResultsAsserts"}:
            self._result = dict(attributes)
        elif name == "Expression" and attributes.get("success") == "false":
            self._failed += 1
            if len(self._said) < _MAX_TEXTS:
                self._said.append(f"{attributes.get('filename', '')}:{attributes.get('line', '')}")
        elif name in _BROKEN:
            self._is_broken_case = True

    def closed(self, name: str, text: str) -> None:
        if name in _TEXTS and text and len(self._said) < _MAX_TEXTS:
            self._said.append(text)
        elif name == "TestCase" and self._case is not None:
            self._take(self._case)
            self._case = None

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was; a test that was open when it broke off was running."""
        running: list[str] = []
        if not is_complete and self._case is not None:
            self._result = {"success": "false"}
            self._said = ["timeout" if self.context.timed_out else "crash"]
            self._is_broken_case = True
            running = [self._take(self._case)]
        return Findings(is_recognised=True, is_complete=is_complete, running=running)

    def _take(self, case: Mapping[str, str]) -> str:
        outcome = self._outcome(case)
        name = bound(case.get("name") or "(no name)", 1000)
        said = "\n".join(self._said) if outcome in RED else ""
        self.emit(
            TestCase(
                id=name,
                outcome=outcome,
                file=relative(case.get("filename", ""), self.context.root),
                line=count_of(case.get("line")) or 0,
                duration_seconds=seconds_of(
                    self._result.get("durationInSeconds") or self._result.get("duration") or ""
                ),
                message=bound(said.partition("\n")[2].partition("\n")[0] or said),
                traceback=bound(said),
            )
        )
        return name

    def _outcome(self, case: Mapping[str, str]) -> TestOutcome:
        result = self._result
        if case.get("skipped") == "true":
            return TestOutcome.SKIPPED
        if not result:
            return TestOutcome.NOT_RUN if not self._said else TestOutcome.ERROR
        told = result.get("success") or result.get("test_case_success")
        is_good = told == "true" if told else not count_of(result.get("failures"))
        if is_good:
            skips = count_of(result.get("skips"))
            return TestOutcome.SKIPPED if skips else TestOutcome.PASSED
        return TestOutcome.ERROR if self._is_broken_case else TestOutcome.FAILED


FORMAT = Format(
    read=xml_reader(_Run, ("Catch2TestRun", "Catch", "doctest"), _TEXTS),
    signature=signature_of("Catch2TestRun Catch doctest"),
)
