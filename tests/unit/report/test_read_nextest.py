"""What `cargo nextest` leaves: its text, its JSON, its listing."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

HEAD = """\
────────────
 Nextest run ID b690900b-73c9-48bb-b7ea-58ba3846132c with nextest profile: default
    Starting 5 tests across 2 binaries (1 test skipped)
"""
RETRIED = (
    HEAD
    + """\
        PASS [   0.294s] (1/5) nx tests::expected
  TRY 1 FAIL [   0.022s] (───) nx tests::fails
  stdout ───

    running 1 test
        PASS [   0.1s] not a line of nextest's
    test tests::fails ... FAILED

  stderr ───
    thread 'tests::fails' (1627) panicked at src/lib.rs:30:9:
    assertion `left == right` failed

  TRY 2 FAIL [   0.012s] (2/5) nx tests::fails
  stderr ───
    thread 'tests::fails' (1628) panicked at src/lib.rs:31:9:
    the second time

  TRY 1 FAIL [   0.195s] (───) nx::seg flaky
  TRY 2 PASS [   0.011s] (3/5) nx::seg flaky
        LEAK [   0.111s] (4/5) nx::seg leak
        SLOW [>  1.000s] (───) nx::seg slow
 TERMINATING [>  2.000s] (───) nx::seg slow
     TIMEOUT [   2.004s] (5/5) nx::seg slow
────────────
     Summary [   4.714s] 5 tests run: 3 passed (1 flaky, 1 leaky), 1 failed, 1 timed out, 1 skipped
   FLAKY 2/2 [   0.011s] (3/5) nx::seg flaky
  TRY 2 FAIL [   0.012s] (2/5) nx tests::fails
     TIMEOUT [   2.004s] (5/5) nx::seg slow
error: test run failed
"""
)


def test_each_test_counts_once_however_often_it_was_tried() -> None:
    findings, tests = read("nextest-text", RETRIED)
    assert outcomes(tests) == {
        "tests::expected": "passed",
        "tests::fails": "failed",
        "flaky": "passed",
        "leak": "passed",
        "slow": "failed",
    }
    assert findings.unnamed == {TestOutcome.SKIPPED: 1}
    assert (findings.is_complete, findings.says_success, findings.problems) == (True, False, [])
    fails = next(one for one in tests if one.id == "tests::fails")
    assert (fails.file, fails.line, fails.message) == ("src/lib.rs", 31, "the second time")
    assert next(one for one in tests if one.id == "slow").message == "timed out"


def test_older_versions_have_no_counter() -> None:
    text = """
        Starting 2 tests across 1 binaries (1 skipped)
      TRY 1 FAIL [   0.3s] a tests::one
    --- TRY 1 STDOUT: a tests::one ---
    anything
      TRY 2 FAIL [   0.351s] a tests::one
            PASS [   0.018s] a::bin/x tests::two
         Summary [   0.435s]    2 tests run: 1 passed, 1 failed, 1 skipped
            FAIL [   0.351s] a tests::one
    """
    findings, tests = read("nextest-text", text)
    assert outcomes(tests) == {"tests::one": "failed", "tests::two": "passed"}
    assert findings.is_complete


@pytest.mark.parametrize("timed_out", [True, False])
def test_what_was_cut_off_leaves_somebody_running(timed_out: bool) -> None:
    text = HEAD + "        PASS [   0.294s] (1/5) nx tests::expected\n"
    findings, tests = read("nextest-text", text, timed_out=timed_out)
    assert not findings.is_complete
    assert outcomes(tests) == {"tests::expected": "passed"}
    assert (findings.unnamed[TestOutcome.ERROR], findings.unnamed_not_run) == (1, 3)
    text += "        SLOW [> 60.000s] (───) nx::seg slow\n"
    findings, tests = read("nextest-text", text, timed_out=timed_out)
    assert findings.running == ["slow"]
    assert tests[-1].message == ("timeout" if timed_out else "crash")
    assert TestOutcome.ERROR not in findings.unnamed


def test_a_test_that_our_time_limit_ended_was_running() -> None:
    text = """
        Starting 2 tests across 1 binary
            PASS [   0.294s] (1/2) nx tests::expected
      Cancelling due to signal: 1 test still running
         SIGTERM [  14.000s] (2/2) nx tests::hangs
         Summary [  14.000s] 2 tests run: 1 passed, 1 failed, 0 skipped
         SIGTERM [  14.000s] (2/2) nx tests::hangs
    error: test run failed
    """
    findings, tests = read("nextest-text", text, timed_out=True)
    assert outcomes(tests) == {"tests::expected": "passed", "tests::hangs": "error"}
    assert (findings.running, tests[-1].message) == (["tests::hangs"], "timeout")
    assert outcomes(read("nextest-text", text)[1])["tests::hangs"] == "failed"


def test_a_run_that_stops_at_the_first_failure_says_how_many_never_ran() -> None:
    text = """
        Starting 11 tests across 3 binaries
            FAIL [   0.012s] ( 1/11) nx tests::err
      Cancelling due to test failure: 1 test still running
            PASS [   0.294s] ( 2/11) nx tests::expected
         Summary [   0.300s] 2/11 tests run: 1 passed, 1 failed, 0 skipped
            FAIL [   0.012s] ( 1/11) nx tests::err
    warning: 9/11 tests were not run due to test failure (run with --no-fail-fast to run all tests)
    error: test run failed
    """
    findings, tests = read("nextest-text", text)
    assert outcomes(tests) == {"tests::err": "failed", "tests::expected": "passed"}
    assert (findings.unnamed_not_run, findings.is_complete) == (9, True)


def test_what_only_the_summary_counts_is_counted() -> None:
    text = (
        HEAD
        + "     Summary [   1.000s] 5 tests run: 3 passed, 1 failed, 1 exec failed, 1 skipped\n"
    )
    findings, tests = read("nextest-text", text)
    assert tests == []
    assert findings.unnamed == {
        TestOutcome.PASSED: 3,
        TestOutcome.FAILED: 2,
        TestOutcome.SKIPPED: 1,
    }


def test_no_test_that_fits_a_filter_is_no_skipped_test() -> None:
    text = """
        Starting 0 tests across 3 binaries (12 tests skipped)
         Summary [   0.000s] 0 tests run: 0 passed, 12 skipped
    error: no tests to run
    """
    findings, tests = read("nextest-text", text)
    assert (tests, findings.unnamed) == ([], {})


def test_a_failed_setup_script_is_a_problem() -> None:
    text = (
        HEAD + "  SETUP FAIL [   0.010s] 1/1 db: ./start\n     Summary [   0.1s] 0/5 tests run: \n"
    )
    findings, _ = read("nextest-text", text)
    assert findings.problems
    assert findings.unnamed_not_run == 5


JSON = """\
{"type":"suite","event":"started","test_count":2,"nextest":{"crate":"a","test_binary":"a"}}
{"type":"test","event":"started","name":"a::a$tests::one"}
{"type":"test","event":"started","name":"a::a$tests::two"}
{"type":"test","event":"ignored","name":"a::a$tests::two"}
{"type":"test","event":"failed","name":"a::a$tests::one#2","stdout":"Error: \\"bad\\"\\n"}
{"type":"suite","event":"failed","passed":0,"failed":1,"ignored":1}
"""


def test_the_events_of_a_run() -> None:
    findings, tests = read("nextest-json", JSON)
    assert outcomes(tests) == {"tests::two": "skipped", "tests::one": "failed"}
    assert (findings.is_complete, findings.says_success) == (True, False)
    assert tests[-1].message == 'Error: "bad"'
    findings, tests = read(
        "nextest-json", JSON[: JSON.index('{"type":"test","event":"ign')], timed_out=True
    )
    assert findings.running == ["tests::one", "tests::two"]
    assert not findings.is_complete


def test_a_listing_is_no_run() -> None:
    text = '{"rust-build-meta":{},"rust-suites":{"a":{"testcases":{"tests::one":{"kind":"test"}}}}}'
    _, tests = read("nextest-list", text)
    assert tests == []  # a listing that failed
    assert not read("nextest-list", '{"rust-build-meta":{')[0].is_complete


def test_what_does_not_build_is_a_build_error() -> None:
    findings, tests = read("nextest-text", "error: could not compile `a` (lib test)\n")
    assert (findings.status, tests) == (RunStatus.BUILD_ERROR, [])


@pytest.mark.parametrize("name", ["nextest-text", "nextest-json", "nextest-list"])
def test_garbage_says_nothing(name: str) -> None:
    for text in (b"", b"\xff\x00[", b"{}\n[]\n", b"PASS PASS PASS [", b'{"type":"test"}\n' * 3):
        findings, tests = read(name, text)
        assert not findings.is_recognised
        assert tests == []


def test_hostile_lines_are_read_in_linear_time() -> None:
    lines = ["PASS [" + " " * 60_000, "PASS [ 1s] (" + " " * 60_000, " " * 60_000 + "["]
    lines += ["     Summary [" + "." * 60_000, "    Starting 1 test across " + "1" * 60_000]
    assert not read("nextest-text", "\n".join(lines))[0].is_recognised
