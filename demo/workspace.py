"""The folders of the demo: example projects as repositories, a worktree for each agent."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from demo import witness
from demo.projects import EXAMPLES, Project

WHO = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")


class Lane:
    """One project of the demo: its repository, its worktrees, what its runs noted."""

    def __init__(self, project: Project, scratch: Path) -> None:
        self.project = project
        self.repository = scratch / "repositories" / project.name
        self.notes = scratch / "notes" / project.name
        self._worktrees = scratch / "worktrees" / project.name

    def make(self) -> None:
        """Copy the example, add a `greenlane.toml`, commit it all."""
        self.notes.mkdir(parents=True)
        shutil.copytree(EXAMPLES / self.project.name, self.repository, ignore=_left_by_runs)
        (self.repository / "greenlane.toml").write_text(self._settings())
        witness.git(self.repository, "init", "--quiet", "--initial-branch=main")
        witness.git(self.repository, "add", "--all")
        witness.git(self.repository, *WHO, "commit", "--quiet", "--message=start")

    def add_worktree(self, agent: str) -> Path:
        """Give an agent a working tree and a branch of its own."""
        path = self._worktrees / agent
        witness.git(self.repository, "worktree", "add", "--quiet", "-b", agent, str(path))
        return path

    def open_gate(self) -> None:
        """Let the runs go."""
        (self.notes / "gate").touch()

    def refs(self) -> str:
        """Give all refs and stashes: a test server has no business there."""
        return witness.git(self.repository, "for-each-ref")

    def stamps(self) -> list[dict[str, object]]:
        """Give what the runs noted so far, in order."""
        try:
            lines = (self.notes / "stamps").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def _settings(self) -> str:
        before = (sys.executable, str(Path(witness.__file__)), str(self.notes), "--")
        return (
            f"[project]\nname = {json.dumps(self.project.name)}\n\n"
            f"[suite.default]\npreset = {json.dumps(self.project.preset)}\n"
            f"command = {json.dumps([*before, *self.project.command])}\n\n"
            "[suite.default.env]\n"
        ) + "".join(f"{name} = {json.dumps(text)}\n" for name, text in self.project.env.items())


def break_test(worktree: Path, project: Project) -> None:
    """Make the edit that turns one test red."""
    path = worktree / project.file
    text = path.read_text()
    if project.old not in text:
        raise RuntimeError(f"{path} does not hold {project.old!r}")
    path.write_text(text.replace(project.old, project.new))


def _left_by_runs(_: str, names: list[str]) -> set[str]:
    return set(names) & {"target", "node_modules", "__pycache__", ".pytest_cache", "db.sqlite3"}
