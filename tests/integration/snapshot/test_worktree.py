"""Which worktree a path lies in, and what its config says: compared with git's own answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from greenlane.snapshot.worktree import Worktree, find_worktree, read_config
from tests.integration.snapshot.repos import Repo, make_repo, started_commands


def found(path: Path) -> Worktree:
    worktree = find_worktree(str(path))
    assert worktree is not None
    return worktree


def says_git(path: Path, what: str) -> str:
    command = ["git", "-C", str(path), "rev-parse", "--path-format=absolute", what]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def check(path: Path) -> Worktree:
    with started_commands() as started:
        worktree = found(path)
    assert started == []
    assert worktree.root == says_git(path, "--show-toplevel")
    assert worktree.git_dir == says_git(path, "--absolute-git-dir")
    assert worktree.common_dir == says_git(path, "--git-common-dir")
    return worktree


def test_main_worktree_and_folders_below(repo: Repo) -> None:
    assert check(repo.root) == check(repo.root / "src")


def test_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "agent"))
    linked = check(tmp_path / "agent")
    assert linked.common_dir == check(repo.root).common_dir
    assert linked.git_dir != linked.common_dir


def test_separate_git_dir(tmp_path: Path) -> None:
    make_repo(tmp_path / "work", f"--separate-git-dir={tmp_path / 'store'}").commit()
    assert check(tmp_path / "work").git_dir == str(tmp_path / "store")


def test_path_through_a_link(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo.root)
    assert found(tmp_path / "link" / "src") == found(repo.root)


def test_nothing_to_find(tmp_path: Path, bare: Path, repo: Repo) -> None:
    assert find_worktree(str(tmp_path)) is None
    assert find_worktree(str(tmp_path / "missing")) is None
    assert find_worktree(str(bare)) is None
    assert find_worktree(str(bare / "refs")) is None
    assert find_worktree(str(repo.root / ".git" / "hooks")) is None


def test_empty_git_folder_is_passed_by(repo: Repo) -> None:
    (repo.root / "src/.git").mkdir()
    assert found(repo.root / "src").root == str(repo.root)


def test_inherited_git_dir_is_ignored(
    repo: Repo, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(bare))
    assert found(repo.root).git_dir == str(repo.root / ".git")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/ada/engine.git",
        "git@github.com:ada/engine.git",
        "/srv/a folder/engine",
        'https://host/odd"quote#hash;semi',
        "https://host/back\\slash",
        "https://host/täst",
    ],
)
def test_origin(repo: Repo, url: str) -> None:
    repo.git("remote", "add", "other", "https://other/x")
    repo.git("remote", "add", "origin", url)
    config = read_config(str(repo.root / ".git"))
    assert config["remote.origin.url"] == repo.git("config", "remote.origin.url") == url


def test_origin_without_credentials(repo: Repo) -> None:
    repo.git("remote", "add", "origin", "https://ada:secret@github.com/ada/engine.git")
    assert found(repo.root).origin_url == "https://github.com/ada/engine.git"


@pytest.mark.parametrize(
    "text",
    [
        '[remote "origin"]\n\turl = https://host/a\n',
        '[remote "origin"] url = https://host/a\n',
        '[REMOTE "origin"]\n  URL=https://host/a # why\n',
        '; before\n[remote "origin"]\nurl = "https://host/a" ; why\n[core]\n\tbare\n',
        '[remote "Origin"]\nurl = https://host/no\n[remote "origin"]\nurl = https://host/a\n',
        '[remote "origin"]\nurl = https://host/\\\na\n',
        '[remote "origin"]\n\turl = https://host/a#fragment\n',
    ],
)
def test_config_reads_as_git_reads_it(repo: Repo, text: str) -> None:
    path = repo.root / ".git/config"
    path.write_text("[core]\n\trepositoryformatversion = 0\n" + text)
    config = read_config(str(repo.root / ".git"))
    assert config["remote.origin.url"] == repo.git("config", "remote.origin.url")


def test_included_config(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "more").write_text('[remote "origin"]\n\turl = https://host/included\n')
    repo.git("config", "include.path", str(tmp_path / "more"))
    assert found(repo.root).origin_url == "https://host/included"


def test_object_format(tmp_path: Path, repo: Repo) -> None:
    wide = make_repo(tmp_path / "wide", "--object-format=sha256")
    assert (found(repo.root).object_format, found(wide.root).object_format) == ("sha1", "sha256")


def test_clones_without_their_history(repo: Repo, tmp_path: Path) -> None:
    source = f"file://{repo.root}"
    subprocess.run(["git", "clone", "-q", "--depth=1", source, str(tmp_path / "a")], check=True)
    repo.git("config", "uploadpack.allowFilter", "true")
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", source, str(tmp_path / "b")], check=True
    )
    assert found(repo.root).has_whole_history
    assert not found(tmp_path / "a").has_whole_history
    assert not found(tmp_path / "b").has_whole_history
