"""The one question asked of every capture: is it exact, and unseen?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.snapshot.repos import Repo, Take, Taken, listing, make_repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = make_repo(tmp_path / "work")
    made.write("kept.txt", "kept\n")
    made.write("src/edited.py", "one = 1\n")
    made.write("src/removed.py", "two = 2\n")
    made.write(".gitignore", "*.log\nbuild/\n")
    made.commit("first")
    return made


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    return path


@pytest.fixture
def take(bare: Path) -> Take:
    """Capture and publish; check that the user's folder is untouched and the server's is whole."""

    def take(repo: Repo, *, watched: Path | None = None, bases: tuple[str, ...] = ()) -> Taken:
        before = listing(watched or repo.root)
        with repo.capture(bases) as snapshot:
            snapshot.publish_to_path(str(bare))
        assert listing(watched or repo.root) == before
        command = ["git", "--git-dir", str(bare), "fsck", "--full", "--strict", "--no-dangling"]
        subprocess.run(command, check=True, capture_output=True, env={"PATH": os.environ["PATH"]})
        return Taken(snapshot, bare)

    return take
