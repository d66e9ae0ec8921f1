"""What cannot be captured faithfully is refused, with the path and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenlane.model.errors import SnapshotError
from tests.integration.snapshot.repos import (
    Repo,
    Take,
    listing,
    make_repo,
    plain_tree,
    scratch_folders,
)


def refused(repo: Repo, limit: int = 1_000_000) -> SnapshotError:
    before = listing(repo.root)
    with pytest.raises(SnapshotError) as caught:
        repo.capture(limit=limit)
    assert listing(repo.root) == before
    assert scratch_folders() == []
    assert caught.value.hint
    return caught.value


def add_submodule(repo: Repo, tmp_path: Path) -> None:
    library = make_repo(tmp_path / "library")
    library.write("lib.py")
    library.commit()
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.root), "vendor/x"
    )  # fmt: skip
    repo.commit("with a submodule")


def test_untracked_nested_repository(repo: Repo) -> None:
    nested = make_repo(repo.root / "deep/nested")
    nested.write("in.txt")
    nested.commit()
    assert "deep/nested" in refused(repo).message


def test_nested_repository_without_commits(repo: Repo) -> None:
    make_repo(repo.root / "nested").write("in.txt")
    assert "nested" in refused(repo).message


def test_linked_worktree_inside_the_repository(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "trees/agent")
    assert "trees/agent" in refused(repo).message


def test_ignored_nested_repository_is_no_obstacle(repo: Repo, take: Take) -> None:
    make_repo(repo.root / "build/nested").write("in.txt")
    assert take(repo).tree == plain_tree(repo)


def test_nested_repository_recorded_as_a_gitlink(repo: Repo) -> None:
    nested = make_repo(repo.root / "nested")
    nested.write("in.txt")
    nested.commit()
    repo.commit("by accident")
    assert "nested" in refused(repo).message


def test_folder_of_tracked_files_becomes_a_repository(repo: Repo) -> None:
    (repo.root / "kept.txt").unlink()
    make_repo(repo.root / "kept.txt").commit()
    assert "kept.txt" in refused(repo).message


@pytest.mark.parametrize("version", ["2", "4"])
def test_dirty_submodule(repo: Repo, tmp_path: Path, version: str) -> None:
    add_submodule(repo, tmp_path)
    repo.git("update-index", "--index-version", version)
    repo.write("vendor/x/lib.py", "edited\n")
    assert "vendor/x" in refused(repo).message


def test_clean_submodule_with_files(repo: Repo, tmp_path: Path) -> None:
    add_submodule(repo, tmp_path)
    error = refused(repo)
    assert "vendor/x" in error.message
    assert "in_place" in error.hint


def test_submodule_that_is_not_checked_out(repo: Repo, take: Take, tmp_path: Path) -> None:
    add_submodule(repo, tmp_path)
    repo.git("submodule", "deinit", "-q", "-f", "vendor/x")
    taken = take(repo)
    assert taken.mode("vendor/x") == "160000"
    assert taken.tree == plain_tree(repo)


def test_removed_submodule(repo: Repo, take: Take, tmp_path: Path) -> None:
    add_submodule(repo, tmp_path)
    repo.git("submodule", "deinit", "-q", "-f", "vendor/x")
    (repo.root / "vendor/x").rmdir()
    taken = take(repo)
    assert "vendor/x" not in taken.paths()
    assert taken.tree == plain_tree(repo)


def test_capture_inside_a_submodule(repo: Repo, take: Take, tmp_path: Path) -> None:
    add_submodule(repo, tmp_path)
    inner = Repo(repo.root / "vendor/x")
    inner.write("lib.py", "edited\n")
    taken = take(inner, watched=repo.root)
    assert taken.paths() == ["lib.py"]


def test_too_much_untracked_data_is_not_hashed(repo: Repo) -> None:
    repo.write("small.txt", b"x" * 400)
    with (repo.root / "huge.bin").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(SnapshotError, match=r"1000000\.0 MB .*huge\.bin"):
        repo.capture()


def test_limit_is_on_the_sum(repo: Repo) -> None:
    for number in range(5):
        repo.write(f"{number}.bin", b"x" * 250)
    assert "over the limit" in refused(repo, limit=1000).message
    with repo.capture(limit=1250):
        pass


def test_repository_whose_files_lie_elsewhere(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    assert "core.worktree" in refused(repo).message


def test_worktree_whose_repository_moved(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "agent"))
    repo.root.rename(tmp_path / "moved")
    assert "worktree repair" in refused(Repo(tmp_path / "agent")).hint


def test_damaged_index(repo: Repo) -> None:
    (repo.root / ".git/index").write_bytes(b"DIRC\0\0\0\2\0\0\0\3nonsense")
    with pytest.raises(SnapshotError, match="index"):
        repo.capture()
    assert scratch_folders() == []


def test_required_filter_that_fails(repo: Repo) -> None:
    repo.git("config", "filter.broken.clean", "false")
    repo.git("config", "filter.broken.required", "true")
    repo.write(".gitattributes", "*.x filter=broken\n")
    repo.write("a.x")
    with pytest.raises(SnapshotError, match=r"a\.x"):
        repo.capture()


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach; pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize(("path", "is_folder"), [("secret.txt", False), ("closed", True)])
def test_what_cannot_be_read_is_named(public_folder: Path, path: str, is_folder: bool) -> None:
    """Root reads everything, so a child looks that became another user."""
    program = textwrap.dedent("""
        import hashlib, os, subprocess, sys, zlib
        from greenlane.model.errors import SnapshotError
        from greenlane.snapshot.capture import capture, find_worktree
        root, path, is_folder = sys.argv[1], sys.argv[2], sys.argv[3] == "True"
        if os.geteuid() == 0:
            os.chown(os.path.dirname(root), 65534, 65534)
            os.setresuid(65534, 65534, 65534)
        subprocess.run(["git", "init", "-q", root], check=True)
        os.makedirs(os.path.join(root, "closed"))
        name = os.path.join(root, "closed/in.txt" if is_folder else path)
        open(name, "w").close()
        os.chmod(os.path.join(root, path), 0)
        try:
            capture(find_worktree(root)).close()
        except SnapshotError as error:
            print(error.message, "|", error.hint)
        finally:
            os.chmod(os.path.join(root, path), 0o700)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, str(public_folder / "repo"), path, str(is_folder)],
        capture_output=True, text=True, check=False, cwd="/", env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert path in done.stdout, done.stderr
    assert "readable" in done.stdout
