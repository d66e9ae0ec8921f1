"""What `cargo test` leaves."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Findings, ReadContext
from greenlane.report.formats.cargo_text import FORMAT

CRASH = b"""
running 3 tests
test first ... ok
error: test failed, to rerun pass `--lib`

Caused by:
  process didn't exit successfully: `target/debug/deps/b-1` (signal: 11, SIGSEGV)
     Running unittests src/lib.rs (target/debug/deps/c-2)

running 1 test
test works ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


def read(
    text: bytes, *, exit_code: int = 101, timed_out: bool = False
) -> tuple[Findings, dict[str, TestCase]]:
    tests: list[TestCase] = []
    context = ReadContext(exit_code=exit_code, timed_out=timed_out)
    findings = FORMAT.read(io.BytesIO(text), tests.append, context)
    assert len({test.id for test in tests}) == len(tests)
    return findings, {test.id: test for test in tests}


def result(passed: int, failed: int = 0, ignored: int = 0) -> bytes:
    word = "FAILED" if failed else "ok"
    return (
        f"\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; "
        "0 measured; 0 filtered out; finished in 0.01s\n"
    ).encode()


def test_a_dead_binary_does_not_hide_the_next_one() -> None:
    findings, tests = read(CRASH)
    assert findings.status is RunStatus.CRASHED
    assert not findings.is_complete
    assert set(tests) == {"first", "works"}
    assert findings.unnamed == {TestOutcome.ERROR: 1}
    assert findings.unnamed_not_run == 1


def test_the_running_test_is_named_with_one_thread() -> None:
    findings, tests = read(b"running 2 tests\ntest a ... ok\ntest b ... ")
    assert tests["b"].outcome is TestOutcome.ERROR
    assert tests["b"].message == "crash"
    assert findings.running == ["b"]


def test_a_slow_test_is_named_when_time_runs_out() -> None:
    text = b"running 9 tests\ntest slow has been running for over 60 seconds\n"
    findings, tests = read(text, exit_code=-9, timed_out=True)
    assert findings.status is RunStatus.TIMEOUT
    assert tests["slow"].message == "timeout"
    assert findings.unnamed_not_run == 8


def test_output_of_a_test_stands_between_its_name_and_its_result() -> None:
    text = (
        b"running 3 tests\n"
        b"test a ... test phantom ... ok\nmore words\nok\n"
        b"test b ... partialok\n"
        b"test c ... test x ... FAILED\nFAILED\n"
        b"\nfailures:\n\nfailures:\n    c\n" + result(2, 1)
    )
    findings, tests = read(text)
    assert {name: test.outcome.value for name, test in tests.items()} == {
        "a": "passed",
        "b": "passed",
        "c": "failed",
    }
    assert findings.status is None
    assert findings.is_complete


def test_a_test_cannot_end_its_own_details() -> None:
    text = (
        b"running 2 tests\ntest a ... FAILED\ntest b ... FAILED\n\nfailures:\n\n"
        b"---- a stdout ----\n---- fake stdout ----\nfailures:\n\n"
        b"thread 'a' panicked at src/lib.rs:7:9:\nboom\nnote: run with\n\n"
        b'---- b stdout ----\nError: "no"\n\n\nfailures:\n    a\n    b\n' + result(0, 2)
    )
    _, tests = read(text)
    assert set(tests) == {"a", "b"}
    assert (tests["a"].message, tests["a"].file, tests["a"].line) == ("boom", "src/lib.rs", 7)
    assert tests["b"].message == 'Error: "no"'


def test_quiet_runs_count_what_they_do_not_name() -> None:
    text = (
        b"running 4 tests\ni. 2/4\nt::bad --- FAILED\n.\n\nfailures:\n\n"
        b"---- t::bad stdout ----\nError: 1\n\nfailures:\n    t::bad\n" + result(2, 1, 1)
    )
    findings, tests = read(text)
    assert list(tests) == ["t::bad"]
    assert Counter(findings.unnamed) == {TestOutcome.PASSED: 2, TestOutcome.SKIPPED: 1}


def test_names_of_modes_are_the_same_as_in_json() -> None:
    text = (
        b"running 3 tests\ntest t::sp - should panic ... ok\n"
        b"test src/lib.rs - f (line 5) - compile fail ... ok\n"
        b"test t::ign ... ignored, not today\n" + result(2, 0, 1)
    )
    _, tests = read(text, exit_code=0)
    assert set(tests) == {"t::sp", "src/lib.rs - f (line 5)", "t::ign"}
    assert tests["src/lib.rs - f (line 5)"].line == 5
    assert tests["t::ign"].message == "not today"


def test_json_events_between_build_messages_and_text() -> None:
    text = (
        b'{"reason":"compiler-artifact","package_id":"x"}\n{"reason":"build-finished","success":true}\n'
        b'{ "type": "suite", "event": "started", "test_count": 3 }\n'
        b'noise{ "type": "test", "event": "started", "name": "a" }\n'
        b'{ "type": "test", "name": "a", "event": "failed", "exec_time": 1.5, "stdout": "x" }\n'
        b'{ "type": "test", "event": "started", "name": "b" }\n'
        b'{ "type": "test", "event": "started", "name": "c" }\n'
        b'{ "type": "test", "name": "b", "event": "ok" }\n'
        b"\nrunning 1 test\ntest src/lib.rs - d (line 2) ... ok\n" + result(1)
    )
    findings, tests = read(text)
    assert {name: test.outcome.value for name, test in tests.items()} == {
        "a": "failed",
        "b": "passed",
        "c": "error",
        "src/lib.rs - d (line 2)": "passed",
    }
    assert tests["a"].duration_seconds == 1.5
    assert findings.status is RunStatus.CRASHED


def test_a_json_event_that_is_far_too_long_still_counts() -> None:
    text = (
        b'{ "type": "suite", "event": "started", "test_count": 1 }\n'
        b'{ "type": "test", "name": "loud", "event": "failed", "stdout": "'
        + b"x"
        * 2_000_000
        + b'" }\n'
        b'{ "type": "suite", "event": "failed", "passed": 0, "failed": 1 }\n'
    )
    findings, tests = read(text)
    assert tests["loud"].outcome is TestOutcome.FAILED
    assert len(tests["loud"].traceback) < 5000
    assert findings.is_complete


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"error: could not compile `x` (lib) due to 1 previous error", RunStatus.BUILD_ERROR),
        (b"error: failed to run custom build command for `x v1`", RunStatus.BUILD_ERROR),
        (b'{"reason":"build-finished","success":false}', RunStatus.BUILD_ERROR),
        (b"error: no test target named `nope`", RunStatus.USAGE_ERROR),
        (b"error: Unrecognized option: 'bogus'", RunStatus.USAGE_ERROR),
    ],
)
def test_what_a_line_proves(line: bytes, status: RunStatus) -> None:
    findings, tests = read(line + b"\n")
    assert findings.status is status
    assert not tests


def test_a_red_test_outweighs_words_about_the_build() -> None:
    text = (
        b"running 1 test\ntest ui ... FAILED\n\nfailures:\n\n---- ui stdout ----\n"
        b"error: could not compile `sample`\n\nfailures:\n    ui\n" + result(0, 1)
    )
    findings, _ = read(text)
    assert findings.status is None


def test_a_test_may_run_cargo_itself() -> None:
    text = (
        b"running 2 tests\n   Compiling sample v0.1.0\n     Running `target/debug/sample`\n"
        b"test a ... ok\n   Doc-tests sample\ntest b ... ok\n" + result(2)
    )
    findings, tests = read(text, exit_code=0)
    assert findings.status is None
    assert findings.is_complete
    assert set(tests) == {"a", "b"}


def test_a_listing_runs_nothing() -> None:
    findings, tests = read(b"a::b: test\nsrc/lib.rs - f (line 1): test\n", exit_code=0)
    assert findings.status is RunStatus.LISTED
    assert {test.outcome for test in tests.values()} == {TestOutcome.NOT_RUN}


def test_words_like_a_listing_after_tests_are_output() -> None:
    text = b"running 1 test\ntest a ... ok\n" + result(1) + b"custom: test\n"
    findings, tests = read(text, exit_code=0)
    assert list(tests) == ["a"]
    assert findings.status is None


@pytest.mark.parametrize(
    "words",
    [
        b"thread 'deep::b' (4711) has overflowed its stack\nfatal runtime error: stack overflow",
        b"thread 'deep::b' panicked at src/lib.rs:5:9:\nboom\nthread caused non-unwinding panic.",
    ],
)
def test_the_last_words_of_a_dying_binary_name_the_test(words: bytes) -> None:
    early = b"thread 'c' panicked at src/lib.rs:1:1:\ntest c - should panic ... ok\n"
    text = b"running 4 tests\ntest a ... ok\n" + early + words + b"\nerror: test failed, to rerun"
    findings, tests = read(text + b" pass `--lib`\n")
    assert {name: one.outcome.value for name, one in tests.items()} == {
        "a": "passed",
        "c": "passed",
        "deep::b": "error",
    }
    assert (findings.running, findings.unnamed_not_run) == (["deep::b"], 1)


def test_what_passing_tests_printed_is_no_failure() -> None:
    shown = b"""
running 2 tests
test a - should panic ... ok
test b ... FAILED

successes:

---- a stdout ----
thread 'a' panicked at src/lib.rs:1:1:
test other ... FAILED

---- c stdout ----
more

successes:
    a

failures:

---- b stdout ----
thread 'b' panicked at src/lib.rs:30:9:
bad

failures:
    b
"""
    for text in (shown, shown.replace(b"test a - should panic ... ok\ntest b ... FAILED", b".F")):
        findings, tests = read(text + result(1, 1))
        assert [one.id for one in tests.values() if one.outcome is TestOutcome.FAILED] == ["b"]
        assert tests["b"].message == "bad"
        counts = Counter(one.outcome for one in tests.values()) + Counter(findings.unnamed)
        assert counts == {TestOutcome.PASSED: 1, TestOutcome.FAILED: 1}


QUOTED = b"""
running 2 tests
test outer ... FAILED
test other ... ok

failures:

---- outer stdout ----

running 2 tests
test inner ... ok
test second ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 5 tests
test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
{ "type": "test", "event": "ok", "name": "forged" }


failures:
    outer

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s

error: test failed, to rerun pass `--test a`
"""


def test_what_a_red_test_printed_is_no_run_of_its_own() -> None:
    findings, tests = read(QUOTED)
    assert {name: test.outcome for name, test in tests.items()} == {
        "outer": TestOutcome.FAILED,
        "other": TestOutcome.PASSED,
    }
    assert findings.is_complete
    assert findings.status is None


@pytest.mark.parametrize("word", ["ok. 7 passed; 0 failed", "FAILED. 5 passed; 1 failed"])
def test_a_summary_that_does_not_fit_the_binary_is_output(word: str) -> None:
    fake = f"test result: {word}; 0 ignored; 0 measured; 0 filtered out\n".encode()
    text = b"\nrunning 2 tests\n" + fake + b"test a ... ok\ntest b ... ok\n\n" + result(2)
    findings, tests = read(text, exit_code=0)
    assert set(tests) == {"a", "b"}
    assert findings.is_complete and findings.says_success is True


def test_a_binary_that_stopped_at_its_first_red_test_has_its_summary() -> None:
    findings, tests = read(b"\nrunning 3 tests\ntest a ... FAILED\n\n" + result(0, 1))
    assert findings.is_complete
    assert tests["a"].outcome is TestOutcome.FAILED
