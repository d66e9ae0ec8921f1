"""RSpec's `--format json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Findings, Format, ReadContext, bound, relative
from greenlane.report.formats.json_document import Told, document_reader, object_of, objects_of
from greenlane.report.formats.json_lines import number_of, text_of
from greenlane.report.formats.text import strip_escapes

_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "pending": TestOutcome.SKIPPED,
}
_OUTSIDE = re.compile(r"^An error occurred |^\w+(?:::\w+)*Error:$", re.MULTILINE)


def _tell(report: dict[str, Any], context: ReadContext) -> Told | None:
    summary = object_of(report.get("summary"))
    if not isinstance(report.get("examples"), list) or "example_count" not in summary:
        return None
    tests = [_case(one, context) for one in objects_of(report["examples"])]
    outside = int(number_of(summary, "errors_outside_of_examples_count"))
    ran = any(test.outcome is not TestOutcome.SKIPPED for test in tests)
    failed = int(number_of(summary, "failure_count"))
    return tests, Findings(
        is_recognised=True,
        declared_total=int(number_of(summary, "example_count")),
        says_success=outside == 0 and failed == 0,
        status=RunStatus.BUILD_ERROR if outside and not ran else None,
        problems=_problems(report) if outside else [],
    )


def _problems(report: Mapping[str, Any]) -> list[str]:
    """Give what went wrong outside of the examples, one text for each."""
    messages = report.get("messages")
    said = [one for one in messages if isinstance(one, str)] if isinstance(messages, list) else []
    texts = [strip_escapes(one).strip() for one in said if _OUTSIDE.search(one)]
    return [bound(one, 1000) for one in texts[:20]] or ["an error occurred outside of the examples"]


def _case(example: Mapping[str, Any], context: ReadContext) -> TestCase:
    outcome = _OUTCOMES.get(text_of(example, "status"), TestOutcome.NOT_RUN)
    error = object_of(example.get("exception"))
    trace = error.get("backtrace")
    frames = [one for one in trace if isinstance(one, str)] if isinstance(trace, list) else []
    message = strip_escapes(text_of(error, "message")).strip()
    name = text_of(example, "full_description").strip() or text_of(example, "id")
    said = [f"{text_of(error, 'class')}: {message}", *frames[:50]]
    return TestCase(
        id=bound(name, 1000) or "(no name)",
        outcome=outcome,
        file=relative(text_of(example, "file_path"), context.root).removeprefix("./"),
        line=max(0, int(number_of(example, "line_number"))),
        duration_seconds=number_of(example, "run_time"),
        message=bound(message if outcome in RED else text_of(example, "pending_message")),
        traceback=bound("\n".join(said)) if outcome in RED else "",
    )


_START = r'^\{"version":"[^"]*",(?:"seed":\d+,)?(?:"messages":\[|"examples":\[)'
FORMAT = Format(read=document_reader(_START, _tell), signature=_START)
