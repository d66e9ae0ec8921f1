"""Whatever is done to a working tree, its capture is the tree of plain git, and unseen."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.snapshot.repos import Repo, listing, make_repo, plain_tree

PATHS = ("a", "a/b", "a/b/c", "d/x", "d/y.log", "ünï\n", "dash/-n", "d")
CONTENTS = (b"", b"one\n", b"two\n", b"one\r\n", b"\0\xff")


def clear(repo: Repo, path: str) -> Path:
    """Make way for `path`: no file above it, nothing at it."""
    target = repo.root / path
    for parent in reversed(target.relative_to(repo.root).parents[:-1]):
        if (repo.root / parent).is_symlink() or (repo.root / parent).is_file():
            (repo.root / parent).unlink()
    remove(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def remove(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def write(repo: Repo, path: str, number: int) -> None:
    clear(repo, path).write_bytes(CONTENTS[number])


def link(repo: Repo, path: str, number: int) -> None:
    clear(repo, path).symlink_to(("d", "nowhere", ".", "../d/x", "a")[number])


def is_own(target: Path) -> bool:
    """Say whether no link leads to the target from elsewhere."""
    return target.parent.resolve() == target.parent


def delete(repo: Repo, path: str, number: int) -> None:
    target = repo.root / path
    if target.parent.is_dir() and is_own(target):
        remove(target)


def change_mode(repo: Repo, path: str, number: int) -> None:
    target = repo.root / path
    if target.is_file() and not target.is_symlink() and is_own(target):
        target.chmod(0o755 if number % 2 else 0o644)


def index_command(*words: str) -> Callable[[Repo, str, int], None]:
    def run(repo: Repo, path: str, number: int) -> None:
        command = ["git", "-C", str(repo.root), *words, "--", path]
        subprocess.run(command, capture_output=True, check=False)  # fails where it does not apply

    return run


def commit(repo: Repo, path: str, number: int) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", "some")


EDITS = (
    write,
    write,
    link,
    delete,
    change_mode,
    commit,
    index_command("add"),
    index_command("add", "-f", "-N"),
    index_command("rm", "-rq", "--cached"),
    index_command("update-index", "--assume-unchanged"),
    index_command("update-index", "--chmod=+x"),
)
STEP = st.tuples(st.sampled_from(EDITS), st.sampled_from(PATHS), st.integers(0, 4))


@settings(max_examples=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=1, max_size=14))
def test_any_edits(steps: list[tuple[Callable[[Repo, str, int], None], str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = make_repo(Path(folder) / "work")
        (repo.root / ".gitignore").write_text("*.log\n")
        for edit, path, number in steps:
            edit(repo, path, number)
        before = listing(repo.root)
        with repo.capture() as snapshot:
            pass
        assert listing(repo.root) == before
        show_everything(repo)
        assert snapshot.tree == plain_tree(repo)


def show_everything(repo: Repo) -> None:
    """Make plain git look at files that it was told not to look at."""
    tracked = repo.git("ls-files", "-z")
    repo.git("update-index", "--no-assume-unchanged", "-z", "--stdin", stdin=tracked)
