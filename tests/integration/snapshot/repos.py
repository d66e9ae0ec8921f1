"""Real repositories to capture, and ways to look at them from outside."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from greenlane.snapshot.capture import Snapshot, capture, find_worktree
from greenlane.system import git


class Repo:
    """A user's worktree, worked on with plain git."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            capture_output=True, text=True, input=stdin, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def write(self, path: str | bytes, content: str | bytes = "content\n") -> None:
        target = self.root / os.fsdecode(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "work") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def capture(self, bases: Sequence[str] = (), limit: int = 1_000_000) -> Snapshot:
        worktree = find_worktree(str(self.root))
        assert worktree is not None
        return capture(worktree, bases, limit)


class Taken:
    """A snapshot that was published into a bare repository."""

    def __init__(self, snapshot: Snapshot, bare: Path) -> None:
        self.tree, self.commit, self.parent = snapshot.tree, snapshot.commit, snapshot.parent
        self._bare = bare

    def paths(self) -> list[str]:
        return self._git("ls-tree", "-r", "-z", "--name-only", self.tree).split("\0")[:-1]

    def read(self, path: str) -> str:
        return self._git("cat-file", "blob", f"{self.tree}:{path}")

    def mode(self, path: str) -> str:
        return self._git("ls-tree", self.tree, "--", path).split(" ")[0]

    def _git(self, *arguments: str) -> str:
        command = ["git", "--git-dir", str(self._bare), *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout


Take = Callable[..., Taken]


def make_repo(root: Path, *options: str) -> Repo:
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", *options, str(root)], check=True)
    return Repo(root)


def listing(folder: Path) -> dict[str, tuple[object, ...]]:
    """Describe every file and folder below, with the times of their last change."""
    seen: dict[str, tuple[object, ...]] = {}
    below = [
        Path(base, name) for base, folders, names in os.walk(folder) for name in folders + names
    ]
    for path in [folder, *below]:
        about = path.lstat()
        is_file = path.is_file() and not path.is_symlink()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else ""
        # Git marks an object, or a shared index, as in use by its mtime: every `git add` does.
        is_marked = is_file and ("/objects/" in str(path) or path.name.startswith("sharedindex."))
        modified = 0 if is_marked else about.st_mtime_ns
        seen[str(path)] = (about.st_mode, about.st_size, about.st_ino, modified, digest)
    return seen


def plain_tree(repo: Repo) -> str:
    """Give the tree of plain git. It changes the index: ask after the capture."""
    repo.git("add", "-A", "--sparse")
    return repo.git("write-tree")


def scratch_folders() -> list[Path]:
    """Find what this process's captures have not deleted."""
    places = (Path("/dev/shm"), Path(os.environ.get("TMPDIR", "/tmp")))
    return [path for place in places for path in place.glob(f"greenlane-scratch-{os.getpid()}-*")]


@contextmanager
def started_commands() -> Iterator[list[list[str]]]:
    """Record the arguments of every git that is started."""
    started: list[list[str]] = []
    start = git.start

    def record(arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(list(arguments))
        return start(arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git, "start", record)
        yield started
