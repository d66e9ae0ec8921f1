"""Cucumber's legacy JSON, read feature by feature: of cucumber-js, -jvm, -ruby, godog and behave.

A scenario is a test, and so is each row of an outline. Its outcome is the worst of its steps, its
hooks and the background before it. Times are in nanoseconds; behave has seconds, and a status of
the scenario itself. Source: https://github.com/cucumber/cucumber-json-schema, and behave's
behave/formatter/json.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RED, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    relative,
)
from greenlane.report.formats.cucumber_steps import (
    Names,
    outcome_of_scenario,
    outcome_of_step,
    scenario_case,
)
from greenlane.report.formats.json_document import object_of, objects_of
from greenlane.report.formats.json_items import JsonItems
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import strip_escapes

_HEAD_BYTES = 128 * 1024
_KEYS = "comments|description|elements|id|keyword|line|location|name|status|tags|uri"
_SIGNATURE = rf'^\[\s*\{{\s*"(?:{_KEYS})"\s*:[^\x00]{{0,3000}}?"(?:elements|keyword)"\s*:'
_START = re.compile(_SIGNATURE.encode(), re.MULTILINE)
_ROW = re.compile(r" -- @[\d.]+ *$")  # behave: the row of an outline's examples
_PLACE = re.compile(r"^(.*):(\d{1,9})$", re.DOTALL)

Step = tuple[TestOutcome, float, str]  # its outcome, seconds, and error


class _Array:
    """The bytes of the array, as the value of the one key of an object."""

    def __init__(self, source: BinaryIO) -> None:
        head = source.read(_HEAD_BYTES)
        start = _START.search(head)
        self.is_found = start is not None
        self._rest = b'{"features":' + head[start.start() :] if start else b""
        self._source = source
        self._is_over = False

    def read(self, size: int, /) -> bytes:
        """Read on; the object is closed where the bytes end."""
        data, self._rest = self._rest or self._source.read(size), b""
        if not data and not self._is_over:
            self._is_over = True
            return b"}"
        return data


class _Features:
    """Emit the scenarios of features."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._names = Names()
        self.red = 0

    def take(self, feature: Mapping[str, Any]) -> None:
        """Take a feature."""
        uri = _path(text_of(feature, "uri"), self._context.root)
        before: list[Step] = []  # steps of the background that came last
        for element in objects_of(feature.get("elements")):
            kind = text_of(element, "type") or text_of(element, "keyword")
            steps = list(self._steps(element))
            if kind.lower() == "background":
                before = steps
            else:
                self._send(element, [*before, *steps], uri)
                before = []

    def _send(self, element: Mapping[str, Any], steps: list[Step], uri: str) -> None:
        status = text_of(element, "status")  # behave
        outcomes = [outcome for outcome, _, _ in steps]
        outcome = outcome_of_scenario(
            [outcome_of_step(status, self._context)] if status else outcomes
        )
        if status == "failed" and TestOutcome.FAILED not in outcomes:
            outcome = TestOutcome.ERROR  # a hook, or a step that is not there
        self.red += outcome in RED
        file, line = uri, int(number_of(element, "line"))
        if place := _PLACE.match(text_of(element, "location")):
            file, line = _path(place[1], self._context.root), int(place[2])
        name = _ROW.sub("", text_of(element, "name"))
        error = next((said for one, _, said in steps if one in RED and said), "")
        self._emit(
            scenario_case(
                self._names.name(name, file, line),
                outcome,
                (file, max(0, line)),
                sum(seconds for _, seconds, _ in steps),
                error if outcome in RED else "",
            )
        )

    def _steps(self, element: Mapping[str, Any]) -> Iterator[Step]:
        unit = 1.0 if isinstance(element.get("location"), str) else 1e-9
        for step in (
            *objects_of(element.get("before")),
            *objects_of(element.get("steps")),
            *objects_of(element.get("after")),
        ):
            is_hook = "name" not in step or step.get("hidden") is True
            for one in (*objects_of(step.get("before")), step, *objects_of(step.get("after"))):
                result = one.get("result")
                if isinstance(result, dict):
                    yield self._step(one, result, unit, is_hook=is_hook or one is not step)

    def _step(
        self, step: Mapping[str, Any], result: Mapping[str, Any], unit: float, *, is_hook: bool
    ) -> Step:
        status = text_of(result, "status").lower()
        said = result.get("error_message")
        lines = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
        error = "\n".join(lines) or text_of(result, "error_message")
        if not error and status != "failed":
            error = f"{status}: {text_of(step, 'keyword').strip()} {text_of(step, 'name')}"
        outcome = outcome_of_step(status, self._context, is_hook=is_hook)
        seconds = max(0.0, number_of(result, "duration")) * unit
        return outcome, seconds, strip_escapes(error)


def _path(uri: str, root: str) -> str:
    path = uri.removeprefix("file://").removeprefix("file:").removeprefix("classpath:")
    return relative(path, root).removeprefix("./")


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read a report; what the run printed before it is skipped."""
    array = _Array(source)
    if not array.is_found:
        return UNRECOGNISED
    features = _Features(emit, context)
    items = JsonItems(array, "features")
    is_whole = True
    for item in items:
        feature = _decode(item)
        is_whole = is_whole and bool(feature)
        features.take(feature)
    is_complete = items.is_complete and is_whole
    return Findings(
        is_recognised=True,
        is_complete=is_complete,
        says_success=not features.red if is_complete else None,
    )


def _decode(data: bytes) -> dict[str, Any]:
    try:
        return object_of(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


FORMAT = Format(read=read, signature=_SIGNATURE)
