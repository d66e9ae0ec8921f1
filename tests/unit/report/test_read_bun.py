"""What `bun test` prints."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

TEXT = """
bun test v1.3.0 (b0a6feca)

b.test.ts:

# Unhandled error between tests
-------------------------------
3 | throw new Error("load");
          ^
error: load
      at /src/b.test.ts:3:11
-------------------------------


a.test.ts:
hello
(pass) add > passes [0.05ms]
4 |   test("fails", () => { expect(1).toBe(2); });
                                      ^
error: expect(received).toBe(expected)

Expected: 2
Received: 1

      at <anonymous> (/src/a.test.ts:4:35)
(fail) add > fails [0.17ms]
(skip) add > skipped
(todo) add > todo one
(fail) add > times out [50.47ms]
  ^ this test timed out after 50ms.
✓ top [1.5s]

 2 pass
 1 skip
 1 todo
 2 fail
 1 error
 1 expect() calls
Ran 7 tests across 2 files. [376.00ms]
"""


def test_text() -> None:
    findings, tests = read("bun-text", TEXT)
    assert outcomes(tests) == {
        "b.test.ts": "error",
        "add passes": "passed",
        "add fails": "failed",
        "add skipped": "skipped",
        "add todo one": "skipped",
        "add times out": "failed",
        "top": "passed",
    }
    by_id = {test.id: test for test in tests}
    fails = by_id["add fails"]
    assert (fails.file, fails.line, fails.duration_seconds) == ("a.test.ts", 4, 0.00017)
    assert fails.message.startswith("error: expect(received).toBe(expected)\n\nExpected: 2")
    assert "at " not in fails.message
    assert by_id["add times out"].message == "this test timed out after 50ms."
    assert by_id["b.test.ts"].message == "error: load"
    assert by_id["top"].duration_seconds == 1.5
    assert findings.problems == ["error: load"]
    assert (findings.is_complete, findings.unnamed, findings.status) == (True, {}, None)


def test_failures_that_are_listed_again_are_no_more_tests() -> None:
    again = TEXT.replace("\n 2 pass", "\n2 tests failed:\n(fail) add > fails [1.00ms]\n\n 2 pass")
    assert outcomes(read("bun-text", again)[1]) == outcomes(read("bun-text", TEXT)[1])


def test_what_is_only_counted() -> None:
    text = b"bun test v1.3.0\n..\n\n1 pass\n1 skip\n2 fail\nRan 4 tests across 1 file. [1.00ms]\n"
    findings, tests = read("bun-text", text)
    assert tests == []
    assert findings.unnamed == {
        TestOutcome.PASSED: 1,
        TestOutcome.SKIPPED: 1,
        TestOutcome.FAILED: 2,
    }


def test_only_files_that_cannot_be_loaded_are_a_build_error() -> None:
    text = (
        TEXT[: TEXT.index("\na.test.ts")] + " 0 pass\n 1 error\nRan 1 test across 1 file. [1ms]\n"
    )
    findings, tests = read("bun-text", text)
    assert (outcomes(tests), findings.status) == ({"b.test.ts": "error"}, RunStatus.BUILD_ERROR)


def test_cut_short() -> None:
    findings, tests = read("bun-text", TEXT[: TEXT.index("(skip)")])
    assert not findings.is_complete
    assert outcomes(tests)["add fails"] == "failed"


def test_more_tests_than_were_counted_are_not_believed() -> None:
    findings, _ = read("bun-text", TEXT.replace(" 2 pass", " 1 pass"))
    assert not findings.is_complete


FORGED = """
bun test v1.3.0 (b)

a.test.js:
(pass) forged
 5 pass
 0 fail
Ran 5 tests across 1 file. [1.00ms]
(pass) real [0.10ms]

 {passed} pass
 0 fail
Ran {passed} tests across 1 file. [9.00ms]
"""


@pytest.mark.parametrize("passed", [0, 1, 2])
def test_the_last_summary_of_a_run_counts(passed: int) -> None:
    """A test that prints a summary adds no tests; what does not add up is not complete."""
    findings, tests = read("bun-text", FORGED.replace("{passed}", str(passed)))
    assert not any(findings.unnamed.values())
    assert findings.is_complete is (passed == len(tests))


def test_several_runs_add_up() -> None:
    run = "bun test v1.3.0 (b)\n\n 2 pass\n 0 fail\nRan 2 tests across 1 file. [1.00ms]\n"
    findings, _ = read("bun-text", run * 2)
    assert findings.unnamed == {TestOutcome.PASSED: 4}
