"""Which job `--failed` takes when none is named."""

from __future__ import annotations

import pytest

from greenlane.model.errors import NothingToRunError
from greenlane.model.job import CommitId, JobId, LaneId, Outcome, Phase, Priority, ProjectId, RunId
from greenlane.model.job import TreeId as Tree
from greenlane.model.records import Job
from greenlane.model.report import Totals
from greenlane.model.suite import Mode
from greenlane.server.operations.reruns import latest_red


def job(name: str, outcome: Outcome, *, agent: str = "ada", partial: str = "", red: int = 0) -> Job:
    not_run = 2 if outcome in {Outcome.TIMED_OUT, Outcome.CANCELLED} else 0
    has_tests = outcome is not Outcome.BUILD_ERROR
    return Job(
        id=JobId(name),
        seq=1,
        project=ProjectId("shop"),
        lane=LaneId("shop"),
        suite="unit",
        agent=agent,
        task="",
        priority=Priority.NORMAL,
        mode=Mode.SNAPSHOT,
        tree=Tree("t"),
        commit=CommitId("c"),
        folder="",
        callback_url="",
        partial=partial,
        phase=Phase.ENDED,
        outcome=outcome,
        because="",
        attempts=1,
        spec_hash="",
        submitted_at=1.0,
        started_at=2.0,
        ended_at=3.0,
        totals=Totals(failed=red, not_run=not_run, total=5) if has_tests else None,
        run=RunId(name),
    )


def test_the_newest_with_red_tests_whatever_came_to_no_verdict_since() -> None:
    ended = [
        job("4", Outcome.BUILD_ERROR),
        job("3", Outcome.CANCELLED),
        job("2", Outcome.FAILED, red=1),
        job("1", Outcome.FAILED, red=3),
    ]
    assert latest_red(ended, "unit", "ada").id == "2"


def test_a_run_that_was_cut_short_owes_what_it_did_not_run() -> None:
    ended = [job("2", Outcome.TIMED_OUT), job("1", Outcome.FAILED, red=3)]
    assert latest_red(ended, "unit", "ada").id == "2"


def test_ones_own_come_first() -> None:
    ended = [
        job("3", Outcome.FAILED, agent="bob", red=1),
        job("2", Outcome.PASSED, agent="bob"),
        job("1", Outcome.FAILED, red=3),
    ]
    assert latest_red(ended, "unit", "ada").id == "1"
    assert latest_red(ended, "unit", "eve").id == "3"


def test_a_whole_green_settles_it_and_a_part_does_not() -> None:
    red = job("1", Outcome.FAILED, red=3)
    part = job("2", Outcome.PASSED, partial="1 selected test")
    assert latest_red([part, red], "unit", "ada").id == "1"
    with pytest.raises(NothingToRunError, match="passed in job 3"):
        latest_red([job("3", Outcome.PASSED), red], "unit", "ada")
    with pytest.raises(NothingToRunError, match="no job of suite 'unit'"):
        latest_red([], "unit", "ada")
