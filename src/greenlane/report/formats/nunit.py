"""NUnit's XML, 3 (`<test-run>`, which Unity writes too) and 2 (`<test-results>`).

Sources: docs.nunit.org, "Test Result XML Format"; NUnit 2.6's Results.xsd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.xml_documents import signature_of, xml_reader
from greenlane.report.formats.xml_target import (
    ElementTarget,
    count_of,
    place_in_trace,
    seconds_of,
)

_TEXTS = ("message", "stack-trace", "output")
_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "success": TestOutcome.PASSED,
    "warning": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "failure": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "cancelled": TestOutcome.ERROR,
    "notrunnable": TestOutcome.ERROR,
    "invalid": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
    "ignored": TestOutcome.SKIPPED,
    "explicit": TestOutcome.SKIPPED,
    "inconclusive": TestOutcome.SKIPPED,
}
_BROKEN_LABELS = frozenset({"error", "invalid", "cancelled"})
_OWN_SITES = frozenset({"setup", "teardown"})


@dataclass
class _Node:
    """An open `<test-suite>` or `<test-case>`."""

    attributes: Mapping[str, str]
    is_case: bool
    texts: dict[str, str] = field(default_factory=dict)
    red_before: int = 0

    def attribute(self, name: str) -> str:
        return self.attributes.get(name, "").strip().lower()


class _Results(ElementTarget):
    hears = frozenset(_TEXTS)

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        super().__init__(emit, context)
        self._nodes: list[_Node] = []
        self._red = 0
        self._root: Mapping[str, str] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in {"test-suite", "test-case"}:
            self._nodes.append(_Node(dict(attributes), name == "test-case", {}, self._red))
        elif self.depth == 1:
            self._root = dict(attributes)

    def closed(self, name: str, text: str) -> None:
        if name in _TEXTS and self._nodes:
            self._nodes[-1].texts.setdefault(name, text)
        elif name in {"test-suite", "test-case"} and self._nodes:
            node = self._nodes.pop()
            if node.is_case:
                self._take_case(node)
            else:
                self._take_suite(node)

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        result = self._root.get("result", "").partition(":")[0].lower()
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            declared_total=count_of(self._root.get("total")),
            says_success=False if _OUTCOMES.get(result) in RED and not self._red else None,
            problems=self.problems,
        )

    def _take_case(self, node: _Node) -> None:
        outcome = _outcome(node)
        self._red += outcome in RED
        trace = node.texts.get("stack-trace", "")
        file, line = place_in_trace(trace, self.context.root)
        name = node.attributes.get("fullname") or node.attributes.get("name") or "(no name)"
        is_red = outcome in RED
        self.emit(
            TestCase(
                id=bound(name, 1000),
                outcome=outcome,
                file=file,
                line=line,
                duration_seconds=seconds_of(
                    node.attributes.get("duration") or node.attributes.get("time") or ""
                ),
                message=bound(node.texts.get("message", "")),
                traceback=bound(trace) if is_red else "",
                output=bound(node.texts.get("output", "")) if is_red else "",
            )
        )

    def _take_suite(self, node: _Node) -> None:
        """Note a suite that broke by itself: its tear-down, or before any test of it."""
        if _outcome(node) not in RED:
            return
        is_own = node.attribute("site") in _OWN_SITES
        if is_own or self._red == node.red_before:
            name = node.attributes.get("fullname") or node.attributes.get("name") or "a suite"
            said = node.texts.get("message", "") or node.attributes.get("result", "")
            if self._red == node.red_before:
                self._red += 1
            self.problem(f"{name[:200]}: {said}")


def _outcome(node: _Node) -> TestOutcome:
    result, _, behind = node.attribute("result").partition(":")
    label = node.attribute("label") or behind
    if not result:  # up to NUnit 2.4
        if node.attribute("executed") == "false":
            return TestOutcome.SKIPPED
        is_good = node.attribute("success") == "true"
        return TestOutcome.PASSED if is_good else TestOutcome.FAILED
    outcome = _OUTCOMES.get(result, TestOutcome.ERROR)
    if outcome is TestOutcome.FAILED and label in _BROKEN_LABELS:
        return TestOutcome.ERROR
    if outcome is TestOutcome.SKIPPED and label == "invalid":
        return TestOutcome.ERROR
    return outcome


FORMAT = Format(
    read=xml_reader(_Results, ("test-run", "test-results"), _TEXTS),
    signature=signature_of("test-run test-results"),
)
