"""What `zig test` and `zig build test` print."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

FILE = """\
1/5 main.test.adds...OK
2/5 main.test.fails...expected 4, found 3
FAIL (TestExpectedEqual)
/opt/zig/lib/std/testing.zig:93:17: 0x1254c14 in expectEqualInner__func_962 (std.zig)
                return error.NOT_OK
/src/src/main.zig:4:16: 0x1254ce2 in test.fails (main.zig)
3/5 main.test.skips...SKIP
4/5 main.test.says ... a lot...OK
5/5 main.test_0...first words
OK
"""
BUILD = """\
test
+- run test 5/7 passed, 1 skipped, 1 failed
error: 'main.test.fails' failed: expected 4, found 3
/src/src/main.zig:4:16: 0x1254ce2 in test.fails (main.zig)
"""


def test_each_test_of_a_file() -> None:
    findings, tests = read("zig-text", FILE + "3 passed; 1 skipped; 1 failed.\n")
    assert outcomes(tests) == {
        "main.test.adds": "passed",
        "main.test.fails": "failed",
        "main.test.skips": "skipped",
        "main.test.says ... a lot": "passed",
        "main.test_0": "passed",
    }
    assert (findings.is_complete, findings.says_success, findings.unnamed) == (True, False, {})
    assert (tests[1].file, tests[1].line) == ("src/main.zig", 4)
    assert tests[1].message == "expected 4, found 3"


def test_a_test_that_dies_was_running() -> None:
    text = "1/3 a.test.one...OK\n2/3 a.test.two...thread 30119 panic: boom\n"
    text += "error: the following test command terminated with signal ABRT:\n/o/test --seed=0x1\n"
    findings, tests = read("zig-text", text)
    assert outcomes(tests) == {"a.test.one": "passed", "a.test.two": "error"}
    assert (findings.running, findings.unnamed_not_run) == (["a.test.two"], 1)
    assert not findings.is_complete
    findings, tests = read("zig-text", "1/3 a.test.one...\n", timed_out=True)
    assert (tests[0].message, findings.unnamed_not_run) == ("timeout", 2)


def test_leaked_memory_is_a_problem() -> None:
    text = "1/1 a.test.one...OK\nAll 1 tests passed.\n1 tests leaked memory.\n"
    findings, tests = read("zig-text", text)
    assert outcomes(tests) == {"a.test.one": "passed"}
    assert (findings.problems, findings.says_success) == (["1 tests leaked memory."], False)


@pytest.mark.parametrize(
    "summary",
    [
        "Build Summary: 1/3 steps succeeded; 1 failed; 5/7 tests passed; 1 skipped; 1 failed\n",
        "Build Summary: 1/3 steps succeeded (1 failed); 5/7 tests passed (1 skipped, 1 failed)\n",
    ],
)
def test_what_zig_build_only_counts_is_counted(summary: str) -> None:
    findings, tests = read("zig-text", BUILD + summary)
    assert outcomes(tests) == {"main.test.fails": "failed"}
    assert findings.unnamed == {TestOutcome.PASSED: 5, TestOutcome.SKIPPED: 1}
    assert (findings.is_complete, findings.says_success) == (True, False)
    assert (tests[0].line, tests[0].message) == (4, "expected 4, found 3")


def test_a_test_that_crashes_below_zig_build() -> None:
    text = """
    error: while executing test 'a.test.two', the following command terminated with signal 6:
    /o/test --seed=0x1 --listen=-
    error: 'a.test.slow' timed out after 2s
    Build Summary: 1/3 steps succeeded (1 failed); 1/3 tests passed (1 crashed, 1 timed out)
    """
    findings, tests = read("zig-text", text)
    assert outcomes(tests) == {"a.test.two": "error", "a.test.slow": "failed"}
    assert (findings.running, findings.unnamed) == (["a.test.two"], {TestOutcome.PASSED: 1})


def test_what_zig_build_quotes_is_indented() -> None:
    text = """
    error: 'main.test.fails' failed:
           expected 4, found 3
           /src/src/main.zig:4:16: 0x1254ce2 in test.fails (main.zig)
    error: 'main.test.dies' terminated with signal ABRT with stderr:
           thread 27474 panic: boom
    failed command: ./test --listen=-
    Build Summary: 2/5 steps succeeded (2 failed); 6/8 tests passed (1 failed, 1 crashed)
    """
    findings, tests = read("zig-text", text)
    assert outcomes(tests) == {"main.test.fails": "failed", "main.test.dies": "error"}
    assert (tests[0].message, tests[0].file, tests[0].line) == (
        "expected 4, found 3",
        "src/main.zig",
        4,
    )
    assert (findings.running, findings.unnamed) == (["main.test.dies"], {TestOutcome.PASSED: 6})


def test_a_cached_step_has_passed() -> None:
    text = "Build Summary: 3/3 steps succeeded\ntest cached\n└─ run test cached\n   └─ zig test\n"
    findings, tests = read("zig-text", text)
    assert outcomes(tests) == {"run test": "passed"}
    assert findings.says_success


def test_what_does_not_compile_is_a_build_error() -> None:
    error = "src/main.zig:4:5: error: expected type 'i32'\n"
    findings, tests = read("zig-text", error + "error: the following command failed\n")
    assert (findings.status, tests) == (RunStatus.BUILD_ERROR, [])
    summary = "Build Summary: 1/5 steps succeeded; 1 failed; 2/2 tests passed\n"
    findings, _ = read("zig-text", error + summary)
    assert findings.status is RunStatus.BUILD_ERROR


def test_garbage_says_nothing() -> None:
    for text in (b"", b"\xff\x00", b"1/2\n", b"error: 'x'\n", b"FAIL (x)\nOK\n"):
        findings, tests = read("zig-text", text)
        assert (findings.is_recognised, tests) == (False, [])


def test_hostile_lines_are_read_in_linear_time() -> None:
    lines = ["1/2 " + "..." * 20_000, "error: '" + "' " * 30_000, "1/2 a..." + "FAIL (" * 10_000]
    assert not read("zig-text", "\n".join(lines))[0].is_complete
