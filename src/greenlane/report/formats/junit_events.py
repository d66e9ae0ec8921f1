"""Follow the events of a JUnit document: suites open and close, test cases are emitted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import TEXT_LIMIT, Emit, Findings, ReadContext, bound
from greenlane.report.formats.junit_case import Case, Child, outcome_of
from greenlane.report.formats.junit_ids import (
    file_of,
    generator_of,
    is_suite_node,
    name_test,
    namespace_of,
    number,
    parent_of_subtest,
)
from greenlane.report.formats.junit_plain import read_case
from greenlane.report.formats.junit_runs import Reach, Suite, find_run
from greenlane.report.formats.tap import FILTERED_OUT

_REASONS = {
    "failure": "failure",
    "error": "error",
    "skipped": "skipped",
    "warning": "warning",  # PHPUnit
    "incomplete": "skipped",
}
_OF_SUITES = frozenset({"failure", "error", "skipped"})  # and may stand outside of a test case
_RERUNS = frozenset({"rerunFailure", "rerunError"})
_OUTPUTS = frozenset({"system-out", "system-err"})
_TEXT_MAX = 4 * TEXT_LIMIT  # characters kept of one element while it is read
_MAX_CHILDREN = 50
_NAMED_MAX = 100_000  # tests; of more the passed and skipped ones are only counted
_RED_NAMED_MAX = 20_000  # red tests; of more all tests are only counted
_MAX_STEP = 4096  # bytes that are parsed before it is asked again whether a run of tests begins
_COUNT_ASSERTIONS = frozenset({"catch2", "qunit"})  # as `tests`; doctest too
_LEAST_WINDOW = 8 * 1024  # bytes that are searched for a run of tests
_MAX_WINDOW = 256 * 1024
_PHPUNIT = re.compile(r"^PHPUnit (\d{1,4})\.\d", re.MULTILINE)
_NODE_FILES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


@dataclass
class _Suite:
    """An open `<testsuite>` or `<testsuites>`."""

    name: str
    declared: int | None
    declared_red: int
    is_nameless: bool  # `<testsuites>`: its name is no part of an id
    namespace: str  # clojure.test writes nothing else of a suite
    declared_below: int = 0


class Suites:
    """The target of the XML parser: start, end and text of each element."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._depth = 0
        self._suites: list[_Suite] = []
        self._case: Case | None = None
        self._child: Child | None = None
        self._text: list[str] | None = None
        self._text_size = 0
        self._held: TestCase | None = None
        self._generator = ""
        self._declared: int | None = None
        self._declared_red = 0
        self._cases = self._red = self._merged = 0
        self._forgiven = 0  # tests that passed although the report counts an error: risky ones
        self._executed = self._uncollected = 0
        self._owners: dict[str, str] = {}
        self._problems: list[str] = []
        self._unnamed: Counter[TestOutcome] = Counter()
        self._step = 0
        self._window = 2 * _LEAST_WINDOW
        self._may_skip = True
        self.is_closed = False
        self.is_broken = False
        self.is_utf8 = True

    def skip(self, data: bytes, start: int) -> int:
        """Read the plain test cases and suites from `start` on without the parser."""
        if self._case is not None or not self._may_skip or not data.startswith(b"<test", start):
            return start
        position, before = start, -1
        while position != before:
            before = position
            position = self._skip_run(data, position)
            position = self._skip_cases(data, position)
        if position > start:
            self._step = 0
        elif self._reach() is not Reach.NAMED or data.startswith(b"<testcase", start):
            self._step = min(2 * self._step + 64, _MAX_STEP)
        return position

    def next_skip(self, data: bytes, start: int) -> int:
        """Return where the next test case or suite begins that is worth asking for."""
        return data.find(b"<test", start + 1 + self._step) if self._may_skip else -1

    def _reach(self) -> Reach:
        if self._red >= _RED_NAMED_MAX:
            return Reach.ALL
        return Reach.NAMED if self._cases < _NAMED_MAX else Reach.SKIPPED

    def _skip_run(self, data: bytes, start: int) -> int:
        """Count a run of tests that are too many to be named."""
        reach = self._reach()
        if reach is Reach.NAMED or not data.startswith(b"<test", start):
            return start
        run = find_run(data, start, reach, limit=self._window)
        if run is None:
            self._window = max(_LEAST_WINDOW, self._window // 2)
            return start
        self._window = min(_MAX_WINDOW, 2 * self._window)
        self._unnamed += run.counts
        count = run.counts.total()
        self._cases += count
        self._red += run.counts[TestOutcome.FAILED] + run.counts[TestOutcome.ERROR]
        self._executed += count - run.counts[TestOutcome.SKIPPED]
        for suite in run.suites:
            self._take_suite(suite)
        return run.end

    def _take_suite(self, suite: Suite) -> None:
        self._open_suite("testsuite", suite.attributes)
        for below in suite.suites:
            self._take_suite(below)
        self._close_suite()

    def _skip_cases(self, data: bytes, start: int) -> int:
        """Take plain test cases one by one: all that are named, of too many up to a red one."""
        position = start
        while data.startswith(b"<testcase", position):
            case, end = read_case(data, position, is_utf8=self.is_utf8)
            if case is None:
                return position
            self._recognise(case.attributes)
            self._case = case
            reds = self._red
            self._end_case()
            position = end
            if (self._red > reds or not case.children) and self._reach() is not Reach.NAMED:
                return position
        return position

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        self._depth += 1
        name = tag.rpartition("}")[2]
        if name == "testcase":
            self._recognise(attributes)
            self._case = Case(dict(attributes))
        elif name in {"testsuite", "testsuites"}:
            self._open_suite(name, attributes)
        elif name in _OF_SUITES or (name in _REASONS and self._case is not None):
            said = attributes.get("message", "")
            self._child = Child(_REASONS[name], attributes.get("type", ""), said)
            self._listen()
        elif name in _RERUNS and self._case is not None:
            self._case.is_rerun = True
        elif name in _OUTPUTS and self._case is not None:
            self._listen()

    def data(self, text: str) -> None:
        """Take a piece of text; what goes beyond the limit is dropped."""
        if self._text is not None and self._text_size < _TEXT_MAX:
            self._text.append(text[: _TEXT_MAX - self._text_size])
            self._text_size += len(text)

    def end(self, tag: str) -> None:
        """Close an element."""
        self._depth -= 1
        name = tag.rpartition("}")[2]
        if name == "testcase":
            self._end_case()
        elif name in {"testsuite", "testsuites"}:
            self._close_suite()
        elif name in _REASONS:
            self._end_child()
        elif name in _OUTPUTS and self._case is not None:
            self._case.output += self._heard()[:TEXT_LIMIT]
        if self._depth == 0:
            self.is_closed = True

    def comment(self, text: str) -> None:
        """Ignore a comment."""

    def close(self) -> None:
        """End the document, as the parser demands."""

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""
        self._release()
        is_build_error = self._uncollected > 0 and self._executed == self._uncollected
        contradicts = self._declared_red > self._forgiven and not self._red
        return Findings(
            is_recognised=True,
            is_complete=is_complete,
            declared_total=self._believed_total(),
            says_success=False if contradicts else None,
            status=RunStatus.BUILD_ERROR if is_build_error else None,
            problems=self._problems[:20],
            unnamed=dict(self._unnamed),
        )

    def _believed_total(self) -> int | None:
        """Return the declared count, less what was merged; None where assertions are counted."""
        if self._declared is None or self._generator in _COUNT_ASSERTIONS:
            return None
        return max(0, self._declared - self._merged)

    def _recognise(self, attributes: Mapping[str, str]) -> None:
        """Find out who wrote the report, if that is not yet known."""
        if self._generator:
            return
        self._generator = generator_of("testcase", attributes)
        namespace = self._suites[-1].namespace if self._suites else ""
        if namespace and list(attributes.items())[1:] == [("classname", namespace)]:
            self._generator = "clojure"

    def _open_suite(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._generator = self._generator or generator_of(tag, attributes)
        self._may_skip = self._may_skip and attributes.get("name") != "jest tests"
        if self._window > _LEAST_WINDOW:
            self._step = 0  # else runs were asked for in vain
        tests = attributes.get("tests", "")
        self._suites.append(
            _Suite(
                name=attributes.get("name", ""),
                declared=number(tests) if tests.isdecimal() else None,
                declared_red=number(attributes.get("failures", ""))
                + number(attributes.get("errors", "")),
                is_nameless=tag == "testsuites",
                namespace=namespace_of(attributes),
            )
        )

    def _close_suite(self) -> None:
        if not self._suites:
            return
        suite = self._suites.pop()
        declared = max(suite.declared or 0, suite.declared_below)
        if self._suites:
            parent = self._suites[-1]
            parent.declared_below += declared
            parent.declared_red = max(parent.declared_red, suite.declared_red)
            return
        self._declared_red = suite.declared_red
        if suite.declared is not None or suite.declared_below:
            self._declared = declared

    def _listen(self) -> None:
        self._text, self._text_size = [], 0

    def _heard(self) -> str:
        text, self._text = "".join(self._text or ()), None
        return text

    def _end_child(self) -> None:
        child, self._child = self._child, None
        text = self._heard()
        if child is None:
            return
        child.text = text
        if self._case is None:
            if child.kind != "skipped":
                self._problems.append(bound(child.message or text.strip() or child.kind, 500))
        elif len(self._case.children) < _MAX_CHILDREN:
            self._case.children.append(child)

    def _end_case(self) -> None:
        case, self._case, self._child, self._text = self._case, None, None, None
        if case is None:
            return
        self._cases += 1
        outcome = self._of_warning(case) if case.is_warned else outcome_of(case)
        is_filtered = bool(case.children) and case.children[0].message == FILTERED_OUT
        if is_filtered or (outcome not in RED and is_suite_node(case.attributes)):
            self._merged += 1
            return
        if self._generator == "node" and outcome in RED and _is_node_file(case):
            outcome = TestOutcome.ERROR  # the file's process died
        self._count(case, outcome)
        self._hold(self._test_case(case, outcome))

    def _of_warning(self, case: Case) -> TestOutcome:
        """Weigh a PHPUnit warning: up to version 8 the run ends with 1, as for a failure."""
        if case.attributes.get("name") == "Warning" and "class" not in case.attributes:
            return TestOutcome.SKIPPED  # it stands for a class without tests
        version = None if self._context.exit_code == 0 else _PHPUNIT.search(self._context.output())
        is_harmless = int(version[1]) >= 9 if version else self._context.exit_code == 0
        return TestOutcome.PASSED if is_harmless else TestOutcome.FAILED

    def _count(self, case: Case, outcome: TestOutcome) -> None:
        self._red += outcome in RED
        self._forgiven += outcome is TestOutcome.PASSED and case.first("error") is not None
        self._executed += outcome in EXECUTED
        children = case.children
        if children and self._generator == "pytest" and children[0].message == "collection failure":
            self._uncollected += 1

    def _test_case(self, case: Case, outcome: TestOutcome) -> TestCase:
        attributes = case.attributes
        if parent := parent_of_subtest(attributes):
            attributes["name"] = parent
        suites = [one.name for one in self._suites if one.name and not one.is_nameless]
        file, line = file_of(attributes, self._context.root)
        if self._generator == "pytest" and line:
            line += 1  # xunit1 counts from 0
        cause = case.cause if case.children else None
        is_red = outcome in RED
        return TestCase(
            id=self._name(attributes, suites),
            outcome=outcome,
            file=file,
            line=line,
            duration_seconds=_seconds(attributes.get("time") or attributes.get("duration") or ""),
            message=bound(_message(cause)) if cause else "",
            traceback=bound(cause.text.strip()) if cause and is_red else "",
            output=bound(case.output.strip()) if is_red else "",
        )

    def _name(self, attributes: dict[str, str], suites: list[str]) -> str:
        name = name_test(attributes, suites, self._generator, self._context.root)
        if self._generator == "clojure" and len(self._owners) < _NAMED_MAX:
            namespace = attributes.get("classname", "")
            if self._owners.setdefault(name, namespace) != namespace:
                return bound(f"{namespace} {name}", 1000)
        return name

    def _hold(self, case: TestCase) -> None:
        """Keep a case back until the next shows that it is not a part of the same test.

        pytest writes a second case for a broken teardown; unittest-xml-reporting one a subtest.
        """
        held = self._held
        is_part = (
            held is not None
            and held.id == case.id
            and (
                case.message.startswith("failed on teardown")
                or bool(self._generator == "" and case.file.endswith(".py"))
            )
        )
        if held is None or not is_part:
            self._release()
            self._held = case
            return
        self._merged += 1
        if case.outcome in RED and held.outcome not in RED:
            self._held = case

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._emit(held)


def _is_node_file(case: Case) -> bool:
    name = case.attributes.get("name", "")
    is_file = name.startswith("/") and name.endswith(_NODE_FILES)
    return is_file and not any(child.type == "testTimeoutFailure" for child in case.children)


def _message(cause: Child) -> str:
    first = next((line.strip() for line in cause.text.splitlines() if line.strip()), "")
    return cause.message.strip() or first


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None
