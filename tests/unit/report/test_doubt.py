"""A green report is held against whatever else the run left."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import RunStatus
from greenlane.report.collect import Leavings, read_leavings
from greenlane.report.sources import Document

GREEN_JUNIT = b'<testsuite tests="1"><testcase classname="a" name="b"/></testsuite>'
RED_UNITTEST = b"""\
FAIL: test_b (__main__.T.test_b)
----------------------------------------------------------------------
Traceback (most recent call last):
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 1 test in 0.000s

FAILED (failures=1)
"""


@pytest.mark.parametrize(
    ("preset", "status"), [("custom", RunStatus.FAILED), ("pytest", RunStatus.PASSED)]
)
def test_a_red_framework_behind_a_green_report(
    preset: str, status: RunStatus, tmp_path: Path
) -> None:
    """Only a preset that reads any format takes the output for a second framework's."""
    leavings = Leavings(
        preset=Catalogue().get(preset),
        exit_code=0,
        timed_out=False,
        outputs=[Document(name="log", open=lambda: io.BytesIO(RED_UNITTEST))],
        reports=[Document(name="junit.xml", open=lambda: io.BytesIO(GREEN_JUNIT))],
    )
    summary = read_leavings(leavings, tmp_path / "tests.jsonl")
    assert summary.status is status
    assert "red" in summary.because or status is RunStatus.PASSED


EMPTY = b'{"e": "begin", "framework": "unittest", "root": "/src"}\n{"e": "finish", "ok": null}\n'
GREEN_UNITTEST = b"test_a (m.T.test_a) ... ok\n\nRan 5 tests in 0.001s\n\nOK\n"


@pytest.mark.parametrize(
    ("preset", "total", "status"),
    [("unittest", 0, RunStatus.NO_TESTS), ("custom", 5, RunStatus.PASSED)],
)
def test_printed_tests_of_a_run_that_our_reporter_saw_without_any(
    preset: str, total: int, status: RunStatus, tmp_path: Path
) -> None:
    """A configuration that prints what a test run prints makes no run without tests green."""
    leavings = Leavings(
        preset=Catalogue().get(preset),
        exit_code=0,
        outputs=[Document(name="log", open=lambda: io.BytesIO(GREEN_UNITTEST))],
        reports=[Document(name="stream-1.jsonl", open=lambda: io.BytesIO(EMPTY))],
    )
    summary = read_leavings(leavings, tmp_path / "tests.jsonl")
    assert (summary.status, summary.totals.total) == (status, total)


def test_a_stream_that_was_cut_short_leaves_the_text_its_word(tmp_path: Path) -> None:
    leavings = Leavings(
        preset=Catalogue().get("unittest"),
        exit_code=0,
        outputs=[Document(name="log", open=lambda: io.BytesIO(GREEN_UNITTEST))],
        reports=[Document(name="s.jsonl", open=lambda: io.BytesIO(EMPTY.splitlines()[0]))],
    )
    summary = read_leavings(leavings, tmp_path / "tests.jsonl")
    assert (summary.status, summary.totals.total) == (RunStatus.CRASHED, 5)


def test_a_report_that_quotes_another_format_is_of_its_own(tmp_path: Path) -> None:
    """PHPUnit's TeamCity file holds what tests print, as it is."""
    printed = b"##teamcity[testCount count='1']\n" + GREEN_JUNIT + b"\n"
    leavings = Leavings(
        preset=Catalogue().get("phpunit"),
        exit_code=0,
        reports=[Document(name="out/teamcity.txt", open=lambda: io.BytesIO(printed))],
    )
    summary = read_leavings(leavings, tmp_path / "tests.jsonl")
    assert summary.status is not RunStatus.PASSED
    assert summary.totals.passed == 0
