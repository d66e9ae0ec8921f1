"""What Playwright's reporters for people print."""

from __future__ import annotations

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

LIST = """
Running 8 tests using 2 workers

hello
  ✓  1 [web] \u203a tests/a.spec.ts:3:3 \u203a add \u203a passes (51ms)
  ✘  2 [web] \u203a tests/a.spec.ts:4:3 \u203a add \u203a fails (43ms)
  ✘  3 [web] \u203a tests/a.spec.ts:4:3 \u203a add \u203a fails (retry #1) (1.5s)
  -  4 [web] \u203a tests/a.spec.ts:5:8 \u203a add \u203a skipped
  ✘  5 [web] \u203a tests/a.spec.ts:7:3 \u203a add \u203a flaky (24ms)
  ✓  6 [web] \u203a tests/a.spec.ts:7:3 \u203a add \u203a flaky (retry #1) (24ms)
  ✘  7 [web] \u203a tests/a.spec.ts:8:3 \u203a add \u203a expected failure (2ms)
  ✘  8 [web] \u203a tests/a.spec.ts:9:3 \u203a cut off (2ms)
  -  9 [web] \u203a tests/a.spec.ts:10:3 \u203a not reached
"""
SUMMARY = """

  1) [web] \u203a tests/a.spec.ts:4:3 \u203a add \u203a fails ────────────

    Error: expect(received).toBe(expected)

    Expected: 2
    Received: 1

      3 |   test('passes', () => {});
    > 4 |   test('fails', () => { expect(1).toBe(2); });
        at /src/tests/a.spec.ts:4:35

    Retry #1 ────────────

    Error: again

  2) [web] \u203a tests/a.spec.ts:7:3 \u203a add \u203a flaky ────────────

    Error: once

  1 failed
    [web] \u203a tests/a.spec.ts:4:3 \u203a add \u203a fails ────────────
  1 interrupted
    [web] \u203a tests/a.spec.ts:9:3 \u203a cut off ────────────
  1 flaky
    [web] \u203a tests/a.spec.ts:7:3 \u203a add \u203a flaky ────────────
  1 skipped
  1 did not run
  2 passed (58.1s)
"""


def test_list() -> None:
    findings, tests = read("playwright-text", (LIST + SUMMARY).encode())
    assert outcomes(tests) == {
        "add > passes": "passed",
        "add > fails": "failed",
        "add > skipped": "skipped",
        "add > flaky": "passed",
        "add > expected failure": "xfail",
        "cut off": "error",
        "not reached": "skipped",
    }
    fails = tests[1]
    assert (fails.file, fails.line, fails.duration_seconds) == ("tests/a.spec.ts", 4, 1.5)
    assert fails.message == "Error: expect(received).toBe(expected)\n\nExpected: 2\nReceived: 1"
    assert tests[3].message == ""
    assert (findings.is_complete, findings.says_success) == (True, False)
    assert (findings.unnamed, findings.unnamed_not_run) == ({}, 0)


def test_dots_name_what_the_summary_names() -> None:
    text = "Running 8 tests using 2 workers\n·×F°±\n" + SUMMARY
    findings, tests = read("playwright-text", text.encode())
    assert outcomes(tests) == {"add > fails": "failed", "add > flaky": "passed", "cut off": "error"}
    assert findings.unnamed == {TestOutcome.PASSED: 2, TestOutcome.SKIPPED: 1}
    assert findings.unnamed_not_run == 1


def test_cut_short_what_failed_is_red() -> None:
    findings, tests = read("playwright-text", LIST.encode())
    assert (findings.is_complete, findings.says_success) == (False, None)
    assert outcomes(tests)["add > expected failure"] == "failed"


def test_more_passes_than_were_counted_are_not_believed() -> None:
    text = LIST + SUMMARY.replace("2 passed", "1 passed")
    findings, _ = read("playwright-text", text.encode())
    assert not findings.is_complete
