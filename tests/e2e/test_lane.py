"""Agents in worktrees, one lane, and for each a verdict on exactly what it submitted."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.instance import Instance, wait_until

AGENTS = ("ada", "bob", "cyd")

TEST_FILE = """\
import os, time, pathlib

PROOFS = pathlib.Path({proofs!r})


def test_alone():
    mark = PROOFS / "running"
    os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    time.sleep(0.5)
    mark.unlink()


def test_agent():
    assert pathlib.Path("name.txt").read_text() == {agent!r}
"""


@pytest.fixture
def worktrees(tmp_path: Path) -> dict[str, Path]:
    main = tmp_path / "repo"
    proofs = tmp_path / "proofs"
    main.mkdir()
    proofs.mkdir()
    (main / "greenlane.toml").write_text('[suite.default]\npreset = "pytest"\n')
    (main / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    git(main, "init", "-q")
    git(main, "add", "-A")
    git(main, "commit", "-q", "-m", "empty")
    made = {}
    for agent in AGENTS:
        made[agent] = tmp_path / agent
        git(main, "worktree", "add", "-q", "-b", agent, str(made[agent]))
        (made[agent] / "name.txt").write_text(agent)
        text = TEST_FILE.format(proofs=str(proofs), agent=agent)
        (made[agent] / "test_it.py").write_text(text)
    return made


def test_three_agents_one_lane(instance: Instance, worktrees: dict[str, Path]) -> None:
    trees = {agent: write_tree(folder) for agent, folder in worktrees.items()}
    clients = {
        agent: instance.start("test", "--json", "--agent", agent, cwd=folder)
        for agent, folder in worktrees.items()
    }
    for folder in worktrees.values():
        wait_until(lambda: len(jobs(instance)) == len(AGENTS), "all three are submitted")
        (folder / "name.txt").write_text("edited after the submit")
    answers = {agent: json.loads(client.communicate()[0]) for agent, client in clients.items()}

    for agent, answer in answers.items():
        assert answer["result"] == "passed", answer
        assert answer["totals"]["passed"] == 2
        assert answer["tree"] == trees[agent]
        assert clients[agent].returncode == 0
    assert len({answer["project"] for answer in answers.values()}) == 1
    runs = sorted((job["started_at"], job["ended_at"]) for job in jobs(instance))
    for (_, end), (start, _) in pairwise(runs):
        assert end <= start, "two runs of one lane overlap"


def test_a_red_agent_does_not_redden_the_others(
    instance: Instance, worktrees: dict[str, Path]
) -> None:
    (worktrees["bob"] / "name.txt").write_text("somebody else")
    clients = {
        agent: instance.start("test", "--json", "--agent", agent, cwd=folder)
        for agent, folder in worktrees.items()
    }
    answers = {agent: json.loads(client.communicate()[0]) for agent, client in clients.items()}
    assert {agent: answer["result"] for agent, answer in answers.items()} == {
        "ada": "passed",
        "bob": "failed",
        "cyd": "passed",
    }
    (failure,) = answers["bob"]["failures"]
    assert failure["id"].endswith("::test_agent")
    assert failure["file"] == "test_it.py"
    assert clients["bob"].returncode == 1


def test_a_clone_of_the_same_origin_shares_the_lane(
    instance: Instance, worktrees: dict[str, Path], tmp_path: Path
) -> None:
    origin = "https://forge.example/team/repo.git"
    git(worktrees["ada"], "remote", "add", "origin", origin)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(worktrees["ada"]), str(clone))
    git(clone, "remote", "set-url", "origin", "git@forge.example:team/repo")
    answers = [
        json.loads(instance.run("run", "--json", "--", "true", cwd=folder).stdout)
        for folder in (worktrees["ada"], clone)
    ]
    assert answers[0]["project"] == answers[1]["project"]


def jobs(instance: Instance) -> list[dict[str, Any]]:
    listed = instance.run("status", "--json", cwd=Path.cwd())
    return list(json.loads(listed.stdout)["jobs"])


def git(folder: Path, *words: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_DIR")}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True, env=env
    )
    return done.stdout.strip()


def write_tree(folder: Path) -> str:
    """Ask git what it makes of the working tree, through an index of our own."""
    index = folder.parent / f"{folder.name}.index"
    env = {**os.environ, "GIT_INDEX_FILE": str(index)}
    for words in (["read-tree", "HEAD"], ["add", "-A"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True, env=env)
    done = subprocess.run(
        ["git", "-C", str(folder), "write-tree"],
        check=True,
        env=env,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
