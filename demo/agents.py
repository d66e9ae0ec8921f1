"""Agents: each edits its own worktree, submits, and believes what it is told."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from demo import witness
from demo.server import GREENLANE
from demo.workspace import Lane, break_test

VERDICT_DEADLINE_SECONDS = 180
NO_SERVER, CONNECTION_LOST = 69, 75  # exit codes


class NoServerError(RuntimeError):
    """Nobody answers at this moment."""


class Story(StrEnum):
    """What an agent does."""

    NEW_FILE = "adds an untracked file"
    BREAKS = "breaks a test"
    EDITS_LATE = "breaks a test after submitting"


NAMES = {Story.NEW_FILE: "ada", Story.BREAKS: "ben", Story.EDITS_LATE: "cleo"}


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent, and what became of its work."""

    name: str
    story: Story
    lane: Lane
    worktree: Path
    tree: str = ""  # what it submitted, by our own `git write-tree`
    edited_at: float = 0.0  # when a late edit was made
    exit_code: int | None = None
    verdict: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @property
    def id(self) -> str:
        """The name that it submits under."""
        return f"{self.name}-{self.lane.project.name}"

    @property
    def has_edited(self) -> bool:
        """Say whether it has done all the edits of its story."""
        return self.story is not Story.EDITS_LATE or self.edited_at > 0

    def prepare(self) -> None:
        """Do the edits that come before the submission, and note the tree."""
        match self.story:
            case Story.NEW_FILE:
                (self.worktree / "PLAN.md").write_text("An idea that is not committed yet.\n")
            case Story.BREAKS:
                break_test(self.worktree, self.lane.project)
            case Story.EDITS_LATE:
                with (self.worktree / "README.md").open("a") as readme:
                    readme.write("\nEdited before the submission.\n")
        self.tree = witness.write_tree(self.worktree)

    def work(self, environment: Mapping[str, str], begin: threading.Barrier) -> None:
        """Submit at the same moment as all others, and wait for the verdict."""
        begin.wait()
        try:
            if self.story is Story.EDITS_LATE:
                self._submit_then_edit(environment)
            else:
                self._greenlane(environment, "test", "--agent", self.id)
        except (OSError, ValueError, RuntimeError, subprocess.SubprocessError) as error:
            self.trouble = f"{type(error).__name__}: {error}"

    def _submit_then_edit(self, environment: Mapping[str, str]) -> None:
        self._greenlane(environment, "submit", "--agent", self.id)
        break_test(self.worktree, self.lane.project)
        self.edited_at = time.time()
        job_id, self.verdict = self.verdict["job_id"], {}
        deadline = time.monotonic() + VERDICT_DEADLINE_SECONDS
        while not self.verdict and time.monotonic() < deadline:
            self._wait(environment, job_id)

    def _wait(self, environment: Mapping[str, str], job_id: str) -> None:
        try:
            self._greenlane(environment, "wait", job_id)
        except NoServerError:
            time.sleep(0.1)

    def _greenlane(self, environment: Mapping[str, str], *words: str) -> None:
        done = subprocess.run(
            [GREENLANE, *words, "--json", "--no-autostart"],
            cwd=self.worktree,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=VERDICT_DEADLINE_SECONDS,
        )
        self.exit_code = done.returncode
        if done.returncode in (NO_SERVER, CONNECTION_LOST):
            raise NoServerError(done.stderr)
        self.verdict = json.loads(done.stdout or "{}")
        if "job_id" not in self.verdict:
            raise RuntimeError(f"greenlane {words[0]} ended with {done.returncode}: {done.stderr}")


def hire(lane: Lane) -> list[Agent]:
    """Make one agent for each story, with a worktree each."""
    return [
        Agent(name=name, story=story, lane=lane, worktree=lane.add_worktree(name))
        for story, name in NAMES.items()
    ]
