"""Rust's libtest in JSON (`--format json`), and what cargo's own JSON says about the build.

The events are not stable (rust-lang/rust#49359); nextest's `libtest-json-plus` is the same with
`binary$` before each name. A test's own output may stand before an event on the same line.
"""

from __future__ import annotations

from typing import Any

import msgspec

from greenlane.model.report import RunStatus, TestOutcome
from greenlane.report.formats.base import bound
from greenlane.report.formats.cargo_run import CargoRun

_EVENT = '{ "type": "'
_DENSE_EVENT = '{"type":"'
_BUILD = '{"reason":"'
_SALVAGE_LIMIT = 32 * 1024
_OUTCOMES = {
    "ok": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "ignored": TestOutcome.SKIPPED,
}

EVENT_PATTERN = r'\{ ?"type": ?"(?:suite|test|bench)", ?"'
BUILD_PATTERN = r'\{"reason":"(?:compiler-|build-)'


def take_json(run: CargoRun, line: str) -> bool:
    """Take a line that holds an event; return whether it did."""
    for mark, take in ((_EVENT, _take_event), (_DENSE_EVENT, _take_event), (_BUILD, _take_build)):
        start = line.find(mark)
        if start >= 0 and (event := _decode(line[start:])) is not None:
            take(run, event)
            return True
    return False


def _decode(text: str) -> dict[str, Any] | None:
    """Decode an object; one whose last text was cut is closed and tried again."""
    for candidate in (text, text[:_SALVAGE_LIMIT].rstrip("\\") + '"}'):
        try:
            event = msgspec.json.decode(candidate)
        except (msgspec.DecodeError, ValueError):
            continue
        return event if isinstance(event, dict) else None
    return None


def _take_event(run: CargoRun, event: dict[str, Any]) -> None:
    kind, what = event.get("type"), event.get("event")
    if kind == "suite":
        _take_suite(run, event)
    elif kind == "bench":
        run.finish_test(_name(event), TestOutcome.PASSED)
    elif kind == "test" and what == "started":
        run.start_test(_name(event))
    elif kind == "test" and isinstance(what, str) and what in _OUTCOMES:
        seconds = event.get("exec_time")
        run.finish_test(
            _name(event),
            _OUTCOMES[what],
            duration=float(seconds) if isinstance(seconds, int | float) else None,
            message=_text(event, "message") or _text(event, "reason"),
            output=_text(event, "stdout"),
        )


def _take_suite(run: CargoRun, event: dict[str, Any]) -> None:
    if event.get("event") == "started":
        count = event.get("test_count")
        run.start_block(count if isinstance(count, int) else 0)
    else:
        run.end_block(is_ok=event.get("event") == "ok")


def _take_build(run: CargoRun, event: dict[str, Any]) -> None:
    if event.get("reason") == "build-finished" and event.get("success") is False:
        run.note_status(RunStatus.BUILD_ERROR)
    message = event.get("message")
    if isinstance(message, dict) and message.get("level") == "error":
        run.note_problem(_text(message, "rendered") or _text(message, "message"))


def _name(event: dict[str, Any]) -> str:
    name = _text(event, "name")
    binary, dollar, test = name.partition("$")
    return test if dollar and test and " " not in binary else name


def _text(event: dict[str, Any], key: str) -> str:
    value = event.get(key)
    return bound(value) if isinstance(value, str) else ""
