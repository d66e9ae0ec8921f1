from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.cli.progress import describe_wait
from greenlane.cli.queue import format_queue
from greenlane.cli.status import format_row, format_status
from greenlane.cli.summary import MOST_LINES, format_failure_in_full, format_summary

TOTALS = {
    "passed": 0, "failed": 0, "error": 0, "skipped": 0, "xfail": 0, "not_run": 0, "total": 0,
}  # fmt: skip


def plain(text: str, _colour: str) -> str:
    return text


def make_status(**changes: Any) -> Any:
    return {
        "job_id": "j1", "project": "shop", "suite": "default", "agent": "ada", "task": "",
        "tree": "4f2a1b9c" * 5, "status": "complete", "result": "passed", "because": "",
        "queue_position": None, "waiting_for": "", "estimated_wait_seconds": None, "attempts": 1,
        "submitted_at": "2026-01-01T00:00:00.000+00:00",
        "started_at": "2026-01-01T00:00:00.000+00:00",
        "ended_at": "2026-01-01T00:00:01.000+00:00", "queued_seconds": 0.01, "run_seconds": 0.84,
        **changes,
    }  # fmt: skip


def make_results(**changes: Any) -> Any:
    return {
        **make_status(), "summary": "", "totals": TOTALS, "failures": [], "exit_code": 0,
        "cpu_seconds": 0.1, "peak_memory_bytes": 1, "log_bytes": 1, "artifacts": [], **changes,
    }  # fmt: skip


def make_failure(number: int = 1, **changes: Any) -> Any:
    return {
        "id": f"test_shop.py::test_{number}", "outcome": "failed", "file": "test_shop.py",
        "line": 12, "message": "assert 1 == 2", **changes,
    }  # fmt: skip


def test_green_is_one_line() -> None:
    totals = {**TOTALS, "passed": 31, "skipped": 2, "total": 33}
    assert format_summary(make_results(totals=totals), plain) == [
        "PASSED · 31 passed, 2 skipped · ran 0.84 s · tree 4f2a1b9c4f2a · job j1"
    ]


def test_a_wait_worth_mentioning_is_mentioned() -> None:
    assert "waited 12 s" in format_summary(make_results(queued_seconds=12.2), plain)[0]


def test_red_names_test_place_and_message() -> None:
    totals = {**TOTALS, "failed": 1, "passed": 1, "total": 2}
    failures = [make_failure(message="assert 1 == 2\n\nmore\neven more")]
    lines = format_summary(make_results(result="failed", totals=totals, failures=failures), plain)
    assert lines[0].startswith("FAILED · 1 failed, 1 passed")
    assert lines[1:] == [
        "  test_shop.py::test_1  (test_shop.py:12)",
        "      assert 1 == 2",
        "      ",
        "      more",
    ]


def test_what_is_not_green_for_another_reason_says_why() -> None:
    lines = format_summary(make_results(result="no_tests", because="none was collected"), plain)
    assert lines[0].startswith("NO TESTS")
    assert lines[1] == "  none was collected"


@settings(deadline=None)
@given(
    st.integers(min_value=1, max_value=500),
    st.text(max_size=400),
    st.integers(min_value=0, max_value=2000),
)
def test_the_summary_is_short_and_counts_the_rest(shown: int, message: str, hidden: int) -> None:
    red = shown + hidden
    failures = [make_failure(number, message=message) for number in range(shown)]
    totals = {**TOTALS, "failed": red, "total": red}
    lines = format_summary(make_results(result="failed", totals=totals, failures=failures), plain)
    named = sum("::test_" in line for line in lines)
    assert len(lines) <= MOST_LINES
    assert named >= 1
    if named < red:
        assert lines[-1] == f"  … and {red - named} more: greenlane results j1"
    assert all(len(line) <= 200 for line in lines)


def test_hostile_names_stay_in_their_line() -> None:
    failure = make_failure(id="a\x1b[2J\nb\r", message="\x1b]0;owned\x07bad\u202e")
    lines = format_summary(make_results(result="failed", failures=[failure]), plain)
    assert lines[1:] == ["  a b  (test_shop.py:12)", "      bad"]


def test_a_failure_in_full_has_all_that_is_known() -> None:
    failure = make_failure(traceback="Traceback:\n  line 12", output="printed\x07")
    text = "\n".join(format_failure_in_full(failure))
    assert "test_shop.py:12" in text
    assert "      line 12" in text
    assert "    printed" in text


def test_a_wait_is_told_in_a_line() -> None:
    status = make_status(
        status="queued", queue_position=2, waiting_for="lane shop", estimated_wait_seconds=40.0
    )
    line = describe_wait(status, now=0.0)
    assert line.startswith("queued · 2 jobs ahead · lane shop · starts in about 40 s (")
    one = make_status(queue_position=1, estimated_wait_seconds=None)
    assert describe_wait(one, now=0.0) == "queued · 1 job ahead"
    first = make_status(queue_position=0, estimated_wait_seconds=0.0)
    assert describe_wait(first, now=0.0) == "queued · next"


def test_a_queue_in_columns() -> None:
    running = make_status(status="running", result=None, ended_at=None)
    queued = make_status(
        job_id="j2", status="queued", result=None, run_seconds=None, queued_seconds=3.0,
        waiting_for="lane shop", estimated_wait_seconds=7.0,
    )  # fmt: skip
    lines = format_queue(
        {"running": [running], "queued": [queued], "queued_total": 1, "lanes": 1, "limit": 9}
    )
    assert lines[0] == "1 running, 1 queued of at most 9"
    assert lines[1].split() == [
        "job", "project/suite", "agent", "status", "time", "waits", "for", "starts", "in",
    ]  # fmt: skip
    assert lines[2].split()[:4] == ["j1", "shop/default", "ada", "running"]
    assert lines[3].endswith("queued   3.0 s   lane shop  7.0 s")


def test_an_empty_queue_is_one_line() -> None:
    queue: Any = {"running": [], "queued": [], "queued_total": 0, "lanes": 0, "limit": 9}
    assert format_queue(queue) == ["0 running, 0 queued of at most 9"]


def test_a_status_leaves_out_what_is_empty() -> None:
    text = "\n".join(format_status(make_status()))
    assert "result     passed" in text
    assert "task" not in text
    assert "waits for" not in text
    assert "passed" in format_row(make_status())
