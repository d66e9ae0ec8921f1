"""A folder that runs in place is hashed before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Repository, Site


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "plain"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.py").write_text("1\n")
    return folder


def test_git_folder_has_the_tree_of_a_commit(site: Site, repository: Repository) -> None:
    repository.write({".gitignore": "*.o\n", "a": "1\n", "b": "2\n"})
    (repository.work / "b").chmod(0o755)
    before = list((repository.work / ".git").rglob("*"))
    result = site.run("touch", "ignored.o", in_place=str(repository.work))
    assert list((repository.work / ".git").rglob("*")) == before
    assert result.tree_before == result.tree_after
    repository.git("add", "-A")
    assert result.tree_before == repository.git("write-tree")


@pytest.mark.parametrize(
    "script", ["echo 2 > a", "touch new", "rm a", "chmod +x a", "rm a; ln -s b a"]
)
def test_change_in_a_git_folder_is_seen(site: Site, repository: Repository, script: str) -> None:
    repository.snapshot({"a": "1\n", "b": "1\n"})
    result = site.run("sh", "-c", script, in_place=str(repository.work))
    assert result.tree_before != result.tree_after


@pytest.mark.parametrize(
    "script",
    [
        "echo 2 > sub/a.py",
        "touch new",
        "mkfifo pipe",
        "rm sub/a.py",
        "chmod +x sub/a.py",
        "mv sub/a.py sub/b.py",
        "ln -s sub link",
    ],
)
def test_change_in_a_plain_folder_is_seen(site: Site, plain: Path, script: str) -> None:
    result = site.run("sh", "-c", script, in_place=str(plain))
    assert result.tree_before.startswith("sha256:")
    assert result.tree_before != result.tree_after


def test_what_tools_leave_in_a_plain_folder_is_no_change(site: Site, plain: Path) -> None:
    script = """
python3 -m compileall -q sub
mkdir cache node_modules; touch cache/CACHEDIR.TAG cache/x node_modules/y
"""
    result = site.run("sh", "-ec", script, in_place=str(plain))
    assert (plain / "sub" / "__pycache__").exists()
    assert result.tree_before == result.tree_after


def test_what_git_refuses_to_add_is_hashed_as_a_plain_folder(
    site: Site, repository: Repository
) -> None:
    repository.snapshot({"a": "1\n"})
    (repository.work / "nested").mkdir()
    repository.git("init", "-q", cwd=repository.work / "nested")
    result = site.run("sh", "-c", "echo 2 > a", in_place=str(repository.work))
    assert result.tree_before.startswith("sha256:")
    assert result.tree_before != result.tree_after
