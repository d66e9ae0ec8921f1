"""Cucumber messages, one JSON object a line, as `--format message` writes them.

A pickle (a scenario, or a row of an outline) is a test. Its outcome is the worst of its steps; of
one that was tried again the last try counts. Source: https://github.com/cucumber/messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from greenlane.model.report import RED, RunStatus, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.cucumber_steps import (
    Names,
    outcome_of_scenario,
    outcome_of_step,
    scenario_case,
)
from greenlane.report.formats.json_document import object_of, objects_of
from greenlane.report.formats.json_lines import json_lines, number_of, text_of
from greenlane.report.formats.text import strip_escapes

_MAX_NAMED = 100_000
_MAX_PROBLEMS = 20
_MAX_NODES = 1_000_000


@dataclass
class _Pickle:
    name: str
    file: str
    line: int


@dataclass
class _Try:
    """One run of a test case."""

    case: str
    outcomes: set[TestOutcome] = field(default_factory=set)
    seconds: float = 0.0
    error: str = ""
    is_retried: bool = False


class _Messages:
    """Follow the messages of a run."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._names = Names()
        self._lines: dict[str, int] = {}  # of scenarios and rows, by the id of their node
        self._pickles: dict[str, _Pickle] = {}
        self._cases: dict[str, str] = {}  # the pickle of each test case that did not end
        self._hooks: set[str] = set()  # test steps that are hooks
        self._tries: dict[str, _Try] = {}
        self._problems: list[str] = []
        self._is_known = self._is_ended = self._is_broken = False
        self._executed = 0
        self._is_success: bool | None = None
        self._takers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "meta": self._begin,
            "testRunStarted": self._begin,
            "gherkinDocument": self._take_document,
            "pickle": self._take_pickle,
            "testCase": self._take_case,
            "testCaseStarted": self._start_case,
            "testStepFinished": self._take_step,
            "testCaseFinished": self._end_case,
            "parseError": self._take_parse_error,
            "testRunHookFinished": self._take_hook,
            "testRunFinished": self._end,
        }

    def take(self, message: Mapping[str, Any]) -> None:
        """Take the next message: an object with one key, its kind."""
        kind, value = next(iter(message.items()), ("", None))
        if taker := self._takers.get(kind):
            taker(object_of(value))

    def finish(self) -> Findings:
        """Hand over what was running or never ran, and say what the run was."""
        if not self._is_known:
            return UNRECOGNISED
        word = "timeout" if self._context.timed_out else "crash"
        running = []
        for one in self._tries.values():
            pickle = self._pickles.get(self._cases.pop(one.case, ""))
            if pickle and not one.is_retried:
                running.append(self._send(pickle, TestOutcome.ERROR, one.seconds, word))
        for pickle_id in self._cases.values():
            if pickle := self._pickles.get(pickle_id):
                self._send(pickle, TestOutcome.NOT_RUN, 0.0, "")
        return Findings(
            is_recognised=True,
            is_complete=self._is_ended and not running,
            says_success=self._is_success,
            status=RunStatus.BUILD_ERROR if self._is_broken and not self._executed else None,
            problems=self._problems,
            running=running[:_MAX_PROBLEMS],
        )

    def _begin(self, _: Mapping[str, Any]) -> None:
        self._is_known = True

    def _take_document(self, told: Mapping[str, Any]) -> None:
        self._is_known = True
        self._locate(object_of(told.get("feature")))

    def _start_case(self, told: Mapping[str, Any]) -> None:
        if len(self._tries) < _MAX_NAMED:
            self._tries[text_of(told, "id")] = _Try(text_of(told, "testCaseId"))

    def _take_parse_error(self, told: Mapping[str, Any]) -> None:
        self._is_broken = True
        self._note(text_of(told, "message"))

    def _locate(self, node: Mapping[str, Any]) -> None:
        """Note the lines of the scenarios and rows of a feature or rule."""
        for child in objects_of(node.get("children")):
            scenario = object_of(child.get("scenario"))
            self._note_line(scenario)
            for examples in objects_of(scenario.get("examples")):
                for row in objects_of(examples.get("tableBody")):
                    self._note_line(row)
            for inner in objects_of(object_of(child.get("rule")).get("children")):
                self._note_line(object_of(inner.get("scenario")))

    def _note_line(self, node: Mapping[str, Any]) -> None:
        if len(self._lines) < _MAX_NODES and (name := text_of(node, "id")):
            self._lines[name] = int(number_of(object_of(node.get("location")), "line"))

    def _take_pickle(self, told: Mapping[str, Any]) -> None:
        self._is_known = True
        if len(self._pickles) >= _MAX_NAMED:
            return
        nodes = told.get("astNodeIds")
        last = nodes[-1] if isinstance(nodes, list) and nodes else ""
        line = int(number_of(object_of(told.get("location")), "line"))
        if not line and isinstance(last, str):
            line = self._lines.get(last, 0)
        uri = text_of(told, "uri").removeprefix("file://").removeprefix("classpath:")
        file = relative(uri, self._context.root).removeprefix("./")
        self._pickles[text_of(told, "id")] = _Pickle(text_of(told, "name"), file, max(0, line))

    def _take_case(self, told: Mapping[str, Any]) -> None:
        if len(self._cases) >= _MAX_NAMED:
            return
        self._cases[text_of(told, "id")] = text_of(told, "pickleId")
        for step in objects_of(told.get("testSteps")):
            if text_of(step, "hookId") and len(self._hooks) < _MAX_NODES:
                self._hooks.add(text_of(step, "id"))

    def _take_step(self, told: Mapping[str, Any]) -> None:
        one = self._tries.get(text_of(told, "testCaseStartedId"))
        if one is None:
            return
        result = object_of(told.get("testStepResult") or told.get("testResult"))
        status = text_of(result, "status").lower()
        is_hook = text_of(told, "testStepId") in self._hooks
        outcome = outcome_of_step(status, self._context, is_hook=is_hook)
        one.outcomes.add(outcome)
        time = object_of(result.get("duration"))
        one.seconds += number_of(time, "seconds") + number_of(time, "nanos") / 1e9
        one.is_retried = one.is_retried or result.get("willBeRetried") is True
        if outcome in RED and not one.error:
            one.error = bound(strip_escapes(text_of(result, "message"))) or f"a step is {status}"

    def _end_case(self, told: Mapping[str, Any]) -> None:
        one = self._tries.pop(text_of(told, "testCaseStartedId"), None)
        if one is None or one.is_retried or told.get("willBeRetried") is True:
            return
        pickle = self._pickles.get(self._cases.pop(one.case, ""))
        if pickle:
            self._executed += 1
            self._send(pickle, outcome_of_scenario(one.outcomes), one.seconds, one.error)

    def _send(self, pickle: _Pickle, outcome: TestOutcome, seconds: float, error: str) -> str:
        name = self._names.name(pickle.name, pickle.file, pickle.line)
        place = (pickle.file, pickle.line)
        self._emit(scenario_case(name, outcome, place, seconds, error if outcome in RED else ""))
        return name

    def _take_hook(self, told: Mapping[str, Any]) -> None:
        result = object_of(told.get("result"))
        if text_of(result, "status").lower() not in {"passed", "skipped"}:
            self._note(text_of(result, "message") or "a hook of the run failed")

    def _end(self, told: Mapping[str, Any]) -> None:
        self._is_ended = True
        if isinstance(success := told.get("success"), bool):
            self._is_success = success
        if text := text_of(told, "message"):
            self._note(text)

    def _note(self, text: str) -> None:
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(strip_escapes(text), 500))


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the messages of a run, whole or cut off anywhere."""
    messages = _Messages(emit, context)
    for message in json_lines(source):
        messages.take(message)
    return messages.finish()


_KINDS = "gherkinDocument|pickle|source|testCase|testRunStarted"
FORMAT = Format(
    read=read,
    signature=rf'^\{{"(?:meta": ?\{{"(?:protocolVersion|implementation)"|(?:{_KINDS})": ?\{{")',
)
