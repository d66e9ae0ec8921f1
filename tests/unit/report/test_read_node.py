"""What node:test leaves: our stream and the spec reporter's text."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from greenlane.model.report import RunStatus, TestCase
from greenlane.report.formats import node_stream, node_text, tap
from greenlane.report.formats.base import Findings, Format, ReadContext

FILE = "/r/test/a.test.mjs"
START = {"e": "start", "node": "v20.0.0"}


def read(
    form: Format, text: str, *, timed_out: bool = False, root: str = "/r"
) -> tuple[Findings, list[TestCase]]:
    tests: list[TestCase] = []
    context = ReadContext(root=root, exit_code=1, timed_out=timed_out)
    return form.read(io.BytesIO(text.encode()), tests.append, context), tests


def outcomes(tests: list[TestCase]) -> dict[str, str]:
    return {test.id: test.outcome.value for test in tests}


def happen(event: str, name: str, depth: int = 0, line: int = 1, **fields: Any) -> dict[str, Any]:
    return {"e": event, "name": name, "depth": depth, "file": FILE, "line": line, **fields}


def stream(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in (START, *events))


def suite(name: str, *inside: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    return [happen("report", name), *inside, happen("result", name, **fields)]


def sub(name: str, **fields: Any) -> dict[str, Any]:
    return happen("result", name, depth=1, line=3, **fields)


END = {"e": "end"}
RED = {"ok": False, "kind": "testCodeFailure", "message": "no", "stack": "Error: no\n  at x"}


def test_stream_suites_count_only_where_they_fail_by_themselves() -> None:
    text = stream(
        *suite("green", sub("a", ok=True, ms=5), sub("b", ok=True), ok=True, type="suite"),
        *suite("red below", sub("a", **RED), ok=False, kind="subtestsFailed", type="suite"),
        *suite("after hook", sub("a", ok=True), ok=False, kind="hookFailed", type="suite"),
        *suite("parent", sub("a", ok=True), **RED),
        *suite("empty", ok=True, type="suite"),
        END,
    )
    findings, tests = read(node_stream.FORMAT, text)
    assert outcomes(tests) == {
        "green > a": "passed",
        "green > b": "passed",
        "red below > a": "failed",
        "after hook > a": "passed",
        "after hook": "failed",
        "parent > a": "passed",
        "parent": "failed",
    }
    assert findings.is_complete
    assert (tests[0].file, tests[0].line, tests[0].duration_seconds) == (
        "test/a.test.mjs",
        3,
        0.005,
    )


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"ok": True, "skip": True}, "skipped"),
        ({"ok": True, "skip": "why"}, "skipped"),
        ({"ok": True, "todo": True}, "passed"),
        ({**RED, "todo": "why"}, "xfail"),
        ({**RED, "kind": "cancelledByParent"}, "failed"),
        ({**RED, "kind": "testTimeoutFailure"}, "failed"),
    ],
)
def test_stream_outcomes(fields: dict[str, Any], outcome: str) -> None:
    _, tests = read(node_stream.FORMAT, stream(*suite("x", **fields), END))
    assert outcomes(tests) == {"x": outcome}


def test_stream_a_file_whose_process_died_is_an_error() -> None:
    text = stream(happen("result", FILE, ok=False, kind="testCodeFailure", exit=7), END)
    _, tests = read(node_stream.FORMAT, text)
    assert outcomes(tests) == {"test/a.test.mjs": "error"}


def test_stream_leaves_out_what_a_pattern_left_out() -> None:
    left_out = sub("a", ok=True, skip="test name does not match pattern")
    text = stream(*suite("s", left_out, ok=True, type="suite"), END)
    findings, tests = read(node_stream.FORMAT, text)
    assert not tests
    assert findings.is_complete


def test_stream_that_broke_off_names_what_was_running() -> None:
    text = stream(
        happen("begin", FILE),
        happen("begin", "s", line=2),
        happen("begin", "fast", depth=1, line=3),
        happen("complete", "fast", depth=1, line=3, ok=True),
        happen("begin", "hang", depth=1, line=4),
    )
    findings, tests = read(node_stream.FORMAT, text, timed_out=True)
    assert outcomes(tests) == {"s > fast": "passed", "s > hang": "error"}
    assert tests[1].message == "timeout"
    assert findings.running == ["s > hang"]
    assert not findings.is_complete


def test_stream_a_file_that_hangs_at_its_import_is_named() -> None:
    _, tests = read(node_stream.FORMAT, stream(happen("begin", FILE)), timed_out=True)
    assert outcomes(tests) == {"test/a.test.mjs": "error"}


SPEC = """\
▶ suite
  ✔ ok (1.5ms)
  ▶ inner
    ✖ bad (1.6ms)
      AssertionError [ERR_ASSERTION]: msg
          at TestContext.<anonymous> (file:///r/a.test.mjs:5:54)

    ﹣ sk (0.2ms) # SKIP
    ✖ todo bad (0.2ms) # TODO
      Error: x

  ✖ inner (12.0ms)
✖ suite (15.6ms)
▶ afterfail
  ✔ fine (0.3ms)
✖ afterfail (0.8ms)

  Error: after boom

✔ hash # name (0.4ms)
✖ /r/b.test.mjs (571.7ms)
  'test failed'

ℹ tests 7
ℹ pass 3
✖ failing tests:

test at a.test.mjs:5:29
✖ bad (1.6ms)
"""  # noqa: RUF001


def test_spec_text() -> None:
    findings, tests = read(node_text.FORMAT, SPEC)
    assert outcomes(tests) == {
        "suite > ok": "passed",
        "suite > inner > bad": "failed",
        "suite > inner > sk": "skipped",
        "suite > inner > todo bad": "xfail",
        "afterfail > fine": "passed",
        "afterfail": "failed",
        "hash # name": "passed",
        "b.test.mjs": "error",
    }
    bad = tests[1]
    assert (bad.message, bad.file, bad.line) == (
        "AssertionError [ERR_ASSERTION]: msg",
        "a.test.mjs",
        5,
    )
    assert findings.is_complete


def test_spec_text_without_its_summary_is_cut_short() -> None:
    findings, _ = read(node_text.FORMAT, SPEC[: SPEC.index("ℹ")])  # noqa: RUF001
    assert not findings.is_complete


def test_spec_text_of_a_run_with_nothing_but_empty_suites() -> None:
    findings, _ = read(node_text.FORMAT, "✔ empty (0.2ms)\n\u2139 tests 0\n\u2139 suites 1\n")
    assert findings.status is RunStatus.NO_TESTS


def test_tap_an_empty_suite_is_no_test() -> None:
    text = "TAP version 13\nok 1 - empty\n  ---\n  type: 'suite'\n  ...\n1..1\n"
    findings, tests = read(tap.FORMAT, text)
    assert findings.is_complete
    assert not tests


DIED: dict[str, Any] = {"ok": False, "kind": "testCodeFailure", "exit": 1, "message": "test failed"}


@pytest.mark.parametrize("name", [FILE, "test/a.test.mjs"])  # since Node 22 below the folder
@pytest.mark.parametrize(
    ("printed", "status"),
    [("SyntaxError: Unexpected token", RunStatus.BUILD_ERROR), ("Aborted", None)],
)
def test_stream_a_file_that_cannot_be_loaded(
    name: str, printed: str, status: RunStatus | None
) -> None:
    tests: list[TestCase] = []
    context = ReadContext(root="/r", exit_code=1, output=lambda: f"x.js:1\n{printed}\n")
    source = io.BytesIO(stream(happen("result", name, **DIED), END).encode())
    findings = node_stream.FORMAT.read(source, tests.append, context)
    assert (outcomes(tests), findings.status) == ({"test/a.test.mjs": "error"}, status)


@pytest.mark.parametrize(("timed_out", "message"), [(True, "timeout"), (False, "crash")])
def test_stream_names_the_test_that_ran_when_the_process_of_its_file_died(
    timed_out: bool, message: str
) -> None:
    text = stream(
        happen("begin", FILE),
        happen("begin", "s", line=2),
        happen("begin", "fast", depth=1, line=3),
        happen("complete", "fast", depth=1, line=3, ok=True),
        happen("begin", "hang", depth=1, line=4),
        happen("result", FILE, **DIED),
        END,
    )
    findings, tests = read(node_stream.FORMAT, text, timed_out=timed_out)
    assert outcomes(tests) == {"s > fast": "passed", "s > hang": "error"}
    assert tests[1].message == message
    assert findings.running == (["s > hang"] if timed_out else [])


def test_stream_a_limit_of_node_itself_fails_the_test_that_ran() -> None:
    over: dict[str, Any] = {"ok": False, "kind": "testTimeoutFailure"}
    over["message"] = "timed out after 1500ms"
    text = stream(happen("begin", "hang", line=4), happen("result", FILE, exit=None, **over), END)
    _, tests = read(node_stream.FORMAT, text)
    assert (outcomes(tests), tests[0].message) == ({"hang": "failed"}, "timed out after 1500ms")
