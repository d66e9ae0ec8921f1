"""What a Godot project's own test runner prints: `TS_RESULT {"name": …, "ok": …}` for each test.

A result may also have `message`, `file`, `line`, `seconds` and `skipped`; `ok` is null where the
test never gave an answer, because a script error ended it. `TS_ERROR text` is an error outside of
any test: the runner cannot go on. Godot's script errors stand around them.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.godot_errors import PARSE_ERROR, ScriptErrors
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import clean_lines

_RESULT = re.compile(r"^TS_RESULT (\{.*)$")
_ERROR = re.compile(r"^TS_ERROR\b[ :]*(.*)$")
_MAX_PROBLEMS = 20


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Godot and a runner in it printed.

    There is no end mark: only a run that ended by itself is complete.
    """
    errors = ScriptErrors()
    said: list[str] = []
    count = 0
    for line in clean_lines(source):
        errors.feed(line)
        if result := _RESULT.match(line):
            if case := _case(_decode(result[1]), context.root):
                emit(case)
                count += 1
        elif (error := _ERROR.match(line)) and len(said) < _MAX_PROBLEMS:
            said.append(bound(error[1] or "the runner reported an error", 500))
    errors.finish()
    is_built = not (said or errors.broken)
    problems = [*errors.problems, *said, *errors.runtime]
    code = context.exit_code
    return Findings(
        is_recognised=bool(count or problems),
        is_complete=is_built and not context.timed_out and code is not None and code >= 0,
        status=None if is_built else RunStatus.BUILD_ERROR,
        problems=problems[:_MAX_PROBLEMS],
    )


def _decode(text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _case(event: dict[str, Any], root: str) -> TestCase | None:
    name = text_of(event, "name")
    if not name:
        return None
    outcomes = {True: TestOutcome.PASSED, False: TestOutcome.FAILED}
    ok = event.get("ok")
    outcome = outcomes[ok] if isinstance(ok, bool) else TestOutcome.ERROR
    if event.get("skipped") is True:
        outcome = TestOutcome.SKIPPED
    seconds = event.get("seconds")
    return TestCase(
        id=bound(name, 1000),
        outcome=outcome,
        file=relative(text_of(event, "file").removeprefix("res://"), root),
        line=max(0, int(number_of(event, "line"))),
        duration_seconds=(
            max(0.0, number_of(event, "seconds")) if isinstance(seconds, int | float) else None
        ),
        message=bound(text_of(event, "message")),
    )


FORMAT = Format(read=read, signature=rf"^TS_(?:RESULT|ERROR) |{PARSE_ERROR}", is_text=True)
