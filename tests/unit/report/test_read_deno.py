"""What `deno test` prints: the lines of its pretty reporter, its dots, and a terminal's escapes."""

from __future__ import annotations

import io

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats import READERS
from greenlane.report.formats.base import ReadContext
from tests.unit.report.reading import outcomes, read

PRETTY = """
running 4 tests from ./a_test.ts
passes ...
------- output -------
hello
fake ... ok (1ms)
no newline----- output end -----
passes ... ok (3ms)
fails ... FAILED (1m2s)
later ... ignored (0ms)
steps ...
  outer ...
    inner ok ... ok (912\u00b5s)
    inner bad ... FAILED (1ms)
  outer ... FAILED (due to 1 failed step) (4ms)
steps ... FAILED (due to 1 failed step) (8ms)
Uncaught error from ./b_test.ts FAILED
running 1 test from ./c_test.ts
odd ... name (3ms) ... ok (0ms)

 ERRORS

fails => ./a_test.ts:2:6
error: Error: boom
throw new Error("boom");
      ^
    at file:///src/a_test.ts:2:34

steps ... outer ... inner bad => ./a_test.ts:4:168
error: Error: sub
second
    at file:///src/a_test.ts:4:200

./b_test.ts (uncaught error)
error: (in promise) Error: at load
    at file:///src/b_test.ts:2:7
This error was not caught from a test and caused the test runner to fail.

 FAILURES

fails => ./a_test.ts:2:6

FAILED | 2 passed (1 step) | 3 failed (2 steps) | 1 ignored (1s)
"""


def test_pretty() -> None:
    findings, tests = read("deno-text", PRETTY)
    assert outcomes(tests) == {
        "passes": "passed",
        "fails": "failed",
        "later": "skipped",
        "steps > outer > inner ok": "passed",
        "steps > outer > inner bad": "failed",
        "steps > outer": "failed",
        "steps": "failed",
        "b_test.ts": "error",
        "odd ... name (3ms)": "passed",
    }
    by_id = {test.id: test for test in tests}
    assert by_id["passes"].output == "hello\nfake ... ok (1ms)\nno newline"
    fails = by_id["fails"]
    assert (fails.file, fails.line, fails.duration_seconds) == ("a_test.ts", 2, 62)
    assert fails.message == 'Error: boom\nthrow new Error("boom");\n      ^'
    assert by_id["steps > outer > inner bad"].message == "Error: sub\nsecond"
    assert by_id["b_test.ts"].message == "(in promise) Error: at load"
    assert by_id["steps > outer > inner ok"].duration_seconds == pytest.approx(0.000912)
    assert (findings.is_complete, findings.says_success, findings.unnamed) == (True, False, {})


def test_a_terminal_repeats_the_line() -> None:
    lines = [
        "\x1b[0G\x1b[2K\x1b[J\x1b[0m\x1b[38;5;245mrunning 1 test from ./a_test.ts\x1b[0m",
        "fast ...\rfast ... \x1b[0m\x1b[32mok\x1b[0m \x1b[0m\x1b[38;5;245m(1ms)\x1b[0m",
        "\x1b[32mok\x1b[0m | 1 passed | 0 failed \x1b[38;5;245m(1ms)\x1b[0m",
    ]
    findings, tests = read("deno-text", "\r\n".join([*lines, ""]).encode())
    assert outcomes(tests) == {"fast": "passed"}
    assert (findings.is_complete, findings.says_success) == (True, True)


def test_dots_name_what_failed_and_count_the_rest() -> None:
    text = ".\n!\n,\n" + PRETTY[PRETTY.index("\n ERRORS") :]
    findings, tests = read("deno-text", text.encode())
    assert outcomes(tests) == {"fails": "failed", "steps > outer > inner bad": "failed"}
    assert findings.unnamed == {
        TestOutcome.PASSED: 3,
        TestOutcome.FAILED: 3,
        TestOutcome.SKIPPED: 1,
    }


@pytest.mark.parametrize(("timed_out", "message"), [(True, "timeout"), (False, "crash")])
def test_what_was_running_is_named(timed_out: bool, message: str) -> None:
    text = b"running 2 tests from ./a_test.ts\nquick ... ok (1ms)\nouter ...\n  hangs ..."
    findings, tests = read("deno-text", text, timed_out=timed_out)
    assert outcomes(tests) == {"quick": "passed", "outer > hangs": "error"}
    assert (tests[1].message, findings.running) == (message, ["outer > hangs"])
    assert not findings.is_complete


def test_a_file_that_cannot_be_loaded_alone_is_a_build_error() -> None:
    text = b"Uncaught error from ./b_test.ts FAILED\n\nFAILED | 0 passed | 1 failed (3ms)\n"
    findings, tests = read("deno-text", text)
    assert (outcomes(tests), findings.status) == ({"b_test.ts": "error"}, RunStatus.BUILD_ERROR)


def test_a_filter_that_matches_nothing_leaves_no_test() -> None:
    text = b"\nok | 0 passed | 0 failed | 4 filtered out (7ms)\n"
    findings, tests = read("deno-text", text)
    assert (tests, findings.is_complete, findings.unnamed) == ([], True, {})


def test_more_tests_than_were_counted_are_not_believed() -> None:
    text = (
        "running 1 test from ./a.ts\na ... ok (1ms)\nb ... ok (1ms)\nok | 1 passed | 0 failed (1ms)"
    )
    findings, _ = read("deno-text", text.encode())
    assert not findings.is_complete


JUNIT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="0" errors="0" time="0.008">
    <testsuite name="./a_test.ts" tests="3" disabled="2" errors="0" failures="0">
        <testcase name="runs" classname="./a_test.ts" line="1" col="6"></testcase>
        <testcase name="left out" classname="./a_test.ts" line="2"><skipped/></testcase>
        <testcase name="ignored" classname="./a_test.ts" line="3"><skipped/></testcase>
    </testsuite>
</testsuites>
"""


@pytest.mark.parametrize(
    ("printed", "found", "unnamed"),
    [
        ("ok | 1 passed | 0 failed | 2 ignored (1ms)", 3, {}),
        ("ok | 1 passed | 0 failed | 2 filtered out (1ms)", 1, {}),
        ("ok | 1 passed | 0 failed | 1 ignored | 1 filtered out (1ms)", 1, {"skipped": 1}),
    ],
)
def test_junit_has_none_that_a_filter_left_out(
    printed: str, found: int, unnamed: dict[str, int]
) -> None:
    tests: list[TestCase] = []
    context = ReadContext(root="/src", exit_code=0, output=lambda: printed)
    findings = READERS["deno-junit"].read(io.BytesIO(JUNIT.encode()), tests.append, context)
    assert (len(tests), findings.unnamed) == (found, unnamed)
    assert findings.is_complete
