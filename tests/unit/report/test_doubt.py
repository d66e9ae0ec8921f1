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
