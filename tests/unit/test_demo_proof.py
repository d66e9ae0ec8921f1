"""The demo's proof is one: each claim fails when what it claims is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo import proof
from demo.agents import Agent, Story
from demo.projects import PROJECTS
from demo.proof import Kill
from demo.workspace import Lane

PYTEST = PROJECTS[0]
TREE = "a" * 40
OTHER_TREE = "b" * 40


class FakeLane(Lane):
    """A lane whose runs noted what the test says."""

    def __init__(self, *stamps: dict[str, object]) -> None:
        super().__init__(PYTEST, Path("/nowhere"))
        self._stamps = list(stamps)

    def stamps(self) -> list[dict[str, object]]:
        return self._stamps


def run(
    pid: int, begin: float, end: float, *, was_free: bool = True, tree: str = TREE
) -> tuple[dict[str, object], dict[str, object]]:
    seen = {"pid": pid, "tree": tree, "was_free": was_free}
    return {"event": "start", "at": begin, **seen}, {"event": "stop", "at": end, **seen}


def job(begin: int, end: int, **more: Any) -> dict[str, Any]:
    times = {
        key: f"2024-01-01T00:00:{at:02}+00:00"
        for key, at in (("started_at", begin), ("ended_at", end))
    }
    return {
        "agent": "ada-pytest",
        "job_id": str(begin),
        "result": "passed",
        "attempts": 1,
        **times,
    } | more


def agent(lane: Lane, story: Story = Story.NEW_FILE, **more: Any) -> Agent:
    return Agent(name="ada", story=story, lane=lane, worktree=Path("/nowhere"), tree=TREE, **more)


def verdict(**more: Any) -> dict[str, Any]:
    return {"job_id": "1", "tree": TREE, "result": "passed", "totals": {"passed": 3}} | more


def test_runs_one_after_the_other_hold() -> None:
    lane = FakeLane(*run(1, 1.0, 2.0), *run(2, 2.5, 3.0))
    assert proof.no_overlap([lane], [job(1, 2), job(2, 3)]).troubles == []


@pytest.mark.parametrize(
    ("lane", "jobs"),
    [
        (FakeLane(*run(1, 1.0, 2.0), *run(2, 1.9, 3.0)), []),
        (FakeLane(*run(1, 1.0, 2.0), *run(2, 2.1, 3.0, was_free=False)), []),
        (FakeLane(run(1, 1.0, 2.0)[0]), []),
        (FakeLane(), [job(1, 3), job(2, 4)]),
    ],
    ids=["stamps", "lock", "unfinished", "server-times"],
)
def test_an_overlap_is_seen(lane: Lane, jobs: list[dict[str, Any]]) -> None:
    assert proof.no_overlap([lane], jobs).troubles


def test_trees_that_match_hold() -> None:
    lane = FakeLane(*run(1, 1.0, 2.0))
    assert proof.trees_match([agent(lane, verdict=verdict())]).troubles == []


@pytest.mark.parametrize(
    ("ran", "named"),
    [(OTHER_TREE, TREE), (TREE, OTHER_TREE), (TREE, "")],
    ids=["ran", "named", "none"],
)
def test_another_tree_is_seen(ran: str, named: str) -> None:
    lane = FakeLane(*run(1, 1.0, 2.0, tree=ran))
    assert proof.trees_match([agent(lane, verdict=verdict(tree=named))]).troubles


def test_right_verdicts_hold() -> None:
    red = verdict(result="failed", failures=[{"id": f"tests/x.py::{PYTEST.red_test}"}])
    agents = [
        agent(FakeLane(), verdict=verdict(), exit_code=0),
        agent(FakeLane(), Story.BREAKS, verdict=red, exit_code=1),
    ]
    assert proof.verdicts_are_right(agents).troubles == []


@pytest.mark.parametrize(
    ("story", "exit_code", "change"),
    [
        (Story.NEW_FILE, 1, {}),
        (Story.NEW_FILE, 0, {"totals": {"passed": 0}}),
        (Story.BREAKS, 0, {"failures": [{"id": PYTEST.red_test}]}),
        (Story.BREAKS, 1, {"failures": [{"id": "another"}]}),
        (Story.BREAKS, 1, {"failures": []}),
    ],
)
def test_a_wrong_verdict_is_seen(story: Story, exit_code: int, change: dict[str, Any]) -> None:
    wrong = agent(FakeLane(), story, verdict=verdict(**change), exit_code=exit_code)
    assert proof.verdicts_are_right([wrong]).troubles


def test_a_kill_in_the_middle_holds() -> None:
    kill = Kill(pid=1, running=1, queued=1, ended_meanwhile=1)
    agents = [agent(FakeLane(), verdict=verdict(job_id="1"))]
    assert proof.kill_lost_nothing(agents, kill, [job(1, 2)]).troubles == []


@pytest.mark.parametrize(
    ("running", "jobs"),
    [(0, [job(1, 2)]), (1, []), (1, [job(1, 2, result=None)]), (1, [job(1, 2), job(1, 3)])],
    ids=["nothing-ran", "lost", "unfinished", "twice"],
)
def test_a_loss_is_seen(running: int, jobs: list[dict[str, Any]]) -> None:
    kill = Kill(pid=1, running=running, queued=1, ended_meanwhile=0)
    assert proof.kill_lost_nothing([agent(FakeLane(), verdict=verdict())], kill, jobs).troubles
