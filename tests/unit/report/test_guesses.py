"""Text that a preset did not name: what is believed of it, whole and cut short."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus
from greenlane.report.collect import Leavings, open_files, read_leavings

GTEST = (
    "[==========] Running 2 tests from 1 test suite.\n[ RUN      ] A.a\n[       OK ] A.a (0 ms)\n"
)
PARSE_ERROR = (
    " ---  Gut  ---\nGUT version:  7.2.0\n"
    "SCRIPT ERROR: GDScript::reload: Parse Error: Expected.\n   At: res://test/test_b.gd:3.\n"
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def judge(
    catalogue: Catalogue, folder: Path, text: str, *, exit_code: int, timed_out: bool = False
) -> ReportSummary:
    log = folder / "log"
    log.write_text(text)
    leavings = Leavings(
        preset=catalogue.get("custom"),
        exit_code=exit_code,
        timed_out=timed_out,
        outputs=open_files([log]),
    )
    return read_leavings(leavings, folder / "tests.jsonl")


def test_a_run_that_was_stopped_keeps_the_tests_that_ended(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    summary = judge(catalogue, tmp_path, GTEST, exit_code=-9, timed_out=True)
    assert summary.status is RunStatus.TIMEOUT
    assert (summary.totals.passed, summary.totals.not_run) == (1, 1)


def test_a_run_that_ended_by_itself_does_not_believe_half_a_text(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    summary = judge(catalogue, tmp_path, GTEST, exit_code=0)
    assert summary.status is not RunStatus.PASSED
    assert summary.totals.executed == 0


def test_what_a_text_proves_is_believed_although_it_hung(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    summary = judge(catalogue, tmp_path, PARSE_ERROR, exit_code=-9, timed_out=True)
    assert summary.status is RunStatus.BUILD_ERROR
    assert "test_b.gd:3" in summary.because


@pytest.mark.parametrize(
    ("text", "exit_code", "status"),
    [
        ("ERROR: start: Can't load script: run.gd\n", 0, RunStatus.USAGE_ERROR),
        ("[ERROR]:  The path [res://nope] does not exist.\nNo tests ran\n", 1,
         RunStatus.USAGE_ERROR),
        ("src/a.ts:1:6 - TS2322: Type 'string' is not assignable.\n", 1, RunStatus.BUILD_ERROR),
        ("Assets/A.cs(3,4): error CS1002: ; expected\n", 1, RunStatus.BUILD_ERROR),
        ("Total: 7 tests in 2 files\n", 0, RunStatus.LISTED),
        ("all is well\n", 0, RunStatus.NO_TESTS),
    ],
)  # fmt: skip
def test_a_run_without_tests_is_named_by_its_words(
    text: str, exit_code: int, status: RunStatus, catalogue: Catalogue, tmp_path: Path
) -> None:
    assert judge(catalogue, tmp_path, text, exit_code=exit_code).status is status
