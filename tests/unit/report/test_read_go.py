"""What `go test` leaves."""

from __future__ import annotations

import io
import json

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Findings, ReadContext
from greenlane.report.formats.go_text import FORMAT


def read(
    text: str, *, exit_code: int = 1, timed_out: bool = False
) -> tuple[Findings, dict[str, TestCase]]:
    tests: list[TestCase] = []
    context = ReadContext(exit_code=exit_code, timed_out=timed_out)
    findings = FORMAT.read(io.BytesIO(text.encode()), tests.append, context)
    assert len({test.id for test in tests}) == len(tests)
    return findings, {test.id: test for test in tests}


def event(action: str, package: str = "m/p", **fields: object) -> str:
    return json.dumps({"Action": action, "Package": package, **fields}) + "\n"


def outcomes(tests: dict[str, TestCase]) -> dict[str, str]:
    return {name: test.outcome.value for name, test in tests.items()}


VERBOSE = """\
=== RUN   TestTable
=== RUN   TestTable/a_b
=== PAUSE TestTable/a_b
=== CONT  TestTable/a_b
    c_test.go:6: no
        second line
--- FAIL: TestTable (0.00s)
    --- FAIL: TestTable/a_b (0.25s)
=== RUN   TestQuiet
partial--- PASS: TestQuiet (0.00s)
=== RUN   TestFakes
--- FAIL: TestPhantom (0.00s)
--- PASS: TestFakes (0.00s)
=== RUN   TestSkip
    c_test.go:5: later
--- SKIP: TestSkip (0.00s)
FAIL
FAIL\tm/p\t0.004s
FAIL
"""


def test_verbose_text() -> None:
    findings, tests = read(VERBOSE)
    assert outcomes(tests) == {
        "m/p.TestTable": "failed",
        "m/p.TestTable/a_b": "failed",
        "m/p.TestQuiet": "passed",
        "m/p.TestFakes": "passed",
        "m/p.TestSkip": "skipped",
    }
    red = tests["m/p.TestTable/a_b"]
    assert (red.file, red.line, red.message) == ("c_test.go", 6, "no\nsecond line")
    assert red.duration_seconds == 0.25
    assert findings.is_complete
    assert findings.status is None


def test_text_names_only_red_tests_and_green_packages() -> None:
    text = (
        "--- FAIL: TestA (0.00s)\n    a_test.go:3: boom\nFAIL\nFAIL\tm/a\t0.01s\n"
        "ok  \tm/b\t(cached)\nok  \tm/c\t0.01s [no tests to run]\n"
        "?   \tm/d\t[no test files]\nFAIL\n"
    )
    _, tests = read(text)
    assert outcomes(tests) == {"m/a.TestA": "failed", "m/b": "passed"}


def test_build_errors_may_come_before_or_after() -> None:
    said = "# m/broken [m/broken.test]\nbroken/b_test.go:5:40: cannot use\n"
    verdict = "FAIL\tm/broken [build failed]\n"
    for text in (said + verdict, verdict + "FAIL\n" + said):
        findings, tests = read(text)
        assert findings.status is RunStatus.BUILD_ERROR
        assert "cannot use" in tests["m/broken"].message


def test_a_package_that_does_not_build_beside_one_that_runs() -> None:
    text = event("fail", "m/broken", FailedBuild="m/broken") + (
        event("run", Test="TestA") + event("pass", Test="TestA", Elapsed=0) + event("pass")
    )
    findings, tests = read(text)
    assert findings.status is None
    assert outcomes(tests) == {"m/broken": "error", "m/p.TestA": "passed"}


def test_a_package_that_does_not_exist_is_a_slip() -> None:
    findings, tests = read("FAIL\t./nope [setup failed]\n# ./nope\nstat /x/nope: not found\n")
    assert findings.status is RunStatus.USAGE_ERROR
    assert not tests


def test_panic_and_what_was_running() -> None:
    text = (
        event("run", Test="TestA")
        + event("run", Test="TestPar")
        + event("pause", Test="TestPar")
        + event("output", Test="TestA", Output="panic: oh\n")
        + event("output", Test="TestA", Output="goroutine 7 [running]:\n")
        + event("fail")
    )
    findings, tests = read(text)
    assert findings.status is RunStatus.CRASHED
    assert outcomes(tests) == {"m/p.TestA": "error", "m/p.TestPar": "not_run"}
    assert findings.running == ["m/p.TestA"]


def test_a_word_like_panic_is_no_crash() -> None:
    text = (
        event("run", Test="TestA")
        + event("output", Test="TestA", Output="panic: only a log line\n")
        + event("fail", Test="TestA", Elapsed=0)
        + event("fail")
    )
    findings, tests = read(text)
    assert findings.status is None
    assert outcomes(tests) == {"m/p.TestA": "failed"}


def test_go_stops_a_test_by_its_own_limit() -> None:
    text = (
        event("run", Test="TestHang")
        + event("output", Test="TestHang", Output="panic: test timed out after 2s\n")
        + event("fail")
    )
    _, tests = read(text)
    assert tests["m/p.TestHang"].message == "timeout"


def test_os_exit_in_test_main_is_red_without_any_test() -> None:
    text = event("start") + event("output", Output="setup failed\n") + event("fail")
    findings, tests = read(text)
    assert findings.status is RunStatus.CRASHED
    assert tests["m/p"].message == "setup failed"


def test_a_data_race_outside_of_tests_is_a_failure() -> None:
    text = event("output", Output="Found 1 data race(s)\n") + event("fail")
    findings, tests = read(text)
    assert findings.status is None
    assert tests["m/p"].outcome is TestOutcome.ERROR


def test_benchmarks_have_no_end_of_their_own() -> None:
    lines = event("run", Test="BenchmarkB") + event("pass")
    text = "BenchmarkC-2   \t1000000000\t         0.4174 ns/op\nPASS\nok  \tm/q\t0.462s\n"
    _, tests = read(lines + text, exit_code=0)
    assert outcomes(tests) == {"m/p.BenchmarkB": "passed", "m/q.BenchmarkC": "passed"}


def test_a_listing_runs_nothing() -> None:
    findings, tests = read("TestA\nExampleB\nok  \tm/p\t0.003s\n", exit_code=0)
    assert findings.status is RunStatus.LISTED
    assert not tests


@pytest.mark.parametrize(
    "said",
    [
        "flag provided but not defined: -bogus",
        'testing: invalid regexp for element 0 of -test.run ("["): missing ]',
    ],
)
def test_a_slip_that_reaches_the_test_binary(said: str) -> None:
    for text in (event("output", Output=f"{said}\n") + event("fail"), f"{said}\nFAIL\tm/p\t0.1s\n"):
        findings, tests = read(text)
        assert findings.status is RunStatus.USAGE_ERROR
        assert not tests


@pytest.mark.parametrize("text", [event("run", Test="TestA"), "=== RUN   TestA\n"])
def test_a_run_that_was_stopped_names_what_it_was_at(text: str) -> None:
    findings, tests = read(text, exit_code=-9, timed_out=True)
    assert findings.status is RunStatus.TIMEOUT
    assert not findings.is_complete
    assert [test.message for test in tests.values()] == ["timeout"]


def test_a_time_limit_of_gos_own_names_what_was_running() -> None:
    text = (
        "panic: test timed out after 3s\n\trunning tests:\n\t\tTestHang (3s)\n"
        "\t\tTestHang/sub (3s)\n\ngoroutine 17 [running]:\nFAIL\tm/p\t3.004s\nFAIL\n"
    )
    findings, tests = read(text)
    assert findings.running == ["m/p.TestHang", "m/p.TestHang/sub"]
    assert {test.message for test in tests.values()} == {"timeout"}
    begun = event("run", Test="TestHang") + event("run", Test="TestHang/sub")
    said = event("output", Test="TestHang/sub", Output="panic: test timed out after 3s\n")
    findings, tests = read(begun + said + event("fail"))
    assert {name: test.message for name, test in tests.items()} == {
        "m/p.TestHang": "timeout",
        "m/p.TestHang/sub": "timeout",
    }


def test_a_message_has_all_that_was_logged() -> None:
    log = "=== RUN   TestA\n    a_test.go:4: in 1\n    a_test.go:5: bad\n        more\n"
    _, tests = read(log + "--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tm/p\t0.01s\n")
    assert (tests["m/p.TestA"].message, tests["m/p.TestA"].line) == ("in 1\nbad\nmore", 4)


def test_a_test_that_passed_when_it_was_run_again_has_passed() -> None:
    first = event("run", Test="TestA") + event("fail", Test="TestA") + event("fail")
    again = event("run", Test="TestA") + event("pass", Test="TestA") + event("pass")
    findings, tests = read(first + again, exit_code=0)
    assert outcomes(tests) == {"m/p.TestA": "passed"}
    assert findings.says_success
    findings, tests = read(first + first, exit_code=0)
    assert outcomes(tests) == {"m/p.TestA": "failed"}
    assert findings.says_success is False
    twice = event("fail", Test="TestA") + event("pass", Test="TestA") + event("fail")  # -count=2
    cases: list[TestCase] = []
    FORMAT.read(io.BytesIO(twice.encode()), cases.append, ReadContext(exit_code=0))
    assert [one.outcome for one in cases] == [TestOutcome.PASSED, TestOutcome.FAILED]


@pytest.mark.parametrize("words", [("PASS", "FAIL"), ("FAIL", "PASS")])
def test_a_test_that_fails_once_of_several_times_has_failed(words: tuple[str, str]) -> None:
    rounds = "".join(f"=== RUN   TestA\n--- {word}: TestA (0.00s)\n" for word in words)
    _, tests = read(f"{rounds}FAIL\nFAIL\tm/p\t0.01s\n")
    assert outcomes(tests) == {"m/p.TestA": "failed"}
