"""One test case of a JUnit report: what its children and attributes say together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from greenlane.model.report import TestOutcome

_SKIP_WORDS = frozenset(
    {
        "notrun",
        "not_run",
        "not run",
        "notexecuted",
        "disabled",
        "suppressed",
        "skipped",
        "skip",
        "pending",
        "todo",
        "ignored",
        "incomplete",
        "inconclusive",
        "untested",
    }
)
_RED_WORDS = {
    "fail": TestOutcome.FAILED,
    "failed": TestOutcome.FAILED,
    "failure": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "errored": TestOutcome.ERROR,
    "aborted": TestOutcome.ERROR,
    "timeout": TestOutcome.ERROR,
    "timedout": TestOutcome.ERROR,
    "timed_out": TestOutcome.ERROR,
    "interrupted": TestOutcome.ERROR,
    "panicked": TestOutcome.ERROR,
    "crashed": TestOutcome.ERROR,
    "broken": TestOutcome.ERROR,
    "invalid": TestOutcome.ERROR,
    "cancelled": TestOutcome.ERROR,
    "canceled": TestOutcome.ERROR,
    "undefined": TestOutcome.ERROR,
    "ambiguous": TestOutcome.ERROR,
}
_JAVA_CLASS = re.compile(r"^[a-z]\w*(?:\.\w+)+(?:Exception|Error)$")
_ASSERTION = re.compile(
    r"Assert|Comparison|MultipleFailures|Expectation|TestFailed|FailException|NotSatisfied"
)
_NEVER_STARTED = re.compile(
    r"unable to find executable|could not find|not found|fixture dependency|working directory",
    re.IGNORECASE,
)


@dataclass
class Child:
    """A `<failure>`, `<error>`, `<skipped>` or `<warning>` of a test case."""

    kind: str
    type: str = ""
    message: str = ""
    text: str = ""


@dataclass
class Case:
    """A test case while it is read."""

    attributes: dict[str, str]
    children: list[Child] = field(default_factory=list)
    output: str = ""
    is_rerun: bool = False  # Surefire: and each time it was red; what passed then is `flaky`

    def first(self, kind: str) -> Child | None:
        """Return the first child of a kind."""
        return next((child for child in self.children if child.kind == kind), None)

    @property
    def cause(self) -> Child | None:
        """The child that explains the outcome."""
        if not self.children:
            return None
        kinds = ("failure", "error", "skipped", "warning")
        return next((child for kind in kinds if (child := self.first(kind))), None)

    @property
    def is_warned(self) -> bool:
        """Say whether a warning is all that was said of it."""
        return bool(self.children) and all(child.kind == "warning" for child in self.children)


def outcome_of(case: Case) -> TestOutcome:
    """Weigh the children and the status of a test case."""
    if not case.children:
        return TestOutcome.FAILED if case.is_rerun else _by_status(case)
    failure, error, skipped = case.first("failure"), case.first("error"), case.first("skipped")
    if skipped and (failure or error) and skipped.type == "todo":
        return TestOutcome.XFAIL  # node:test: a failing todo
    if error:
        return _error(error)
    if failure:
        return _failure(failure)
    if skipped:
        return _skipped(case, skipped)
    return _by_status(case)


def _error(error: Child) -> TestOutcome:
    if error.type == "UnexpectedSuccess":
        return TestOutcome.FAILED
    if error.type.endswith("RiskyTestError") or error.type.endswith("RiskyTest"):
        return TestOutcome.PASSED  # PHPUnit: no assertion was made
    return TestOutcome.ERROR


def _failure(failure: Child) -> TestOutcome:
    if _JAVA_CLASS.match(failure.type) and not _ASSERTION.search(failure.type):
        return TestOutcome.ERROR  # Gradle: an exception
    return TestOutcome.FAILED


def _skipped(case: Case, skipped: Child) -> TestOutcome:
    kind = skipped.type.lower()
    if "xfail" in kind or "expectedfailure" in kind:
        return TestOutcome.XFAIL
    is_not_run = case.attributes.get("status") == "notrun"
    if is_not_run and _NEVER_STARTED.search(skipped.message):
        return TestOutcome.ERROR  # CTest: the executable is missing, or what it needs failed
    return TestOutcome.SKIPPED


def _by_status(case: Case) -> TestOutcome:
    for key in ("result", "status"):
        if key not in case.attributes:
            continue
        word = case.attributes[key].strip().lower()
        if word in _SKIP_WORDS:
            return TestOutcome.SKIPPED
        if word in _RED_WORDS:
            return _RED_WORDS[word]
    return TestOutcome.PASSED
