"""What is captured: the tree of plain git, whatever state the working tree is in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.snapshot.repos import Repo, Take, make_repo, plain_tree, scratch_folders


def test_modified_deleted_untracked_and_ignored_files(repo: Repo, take: Take) -> None:
    repo.write("src/edited.py", "one = 11\n")
    (repo.root / "src/removed.py").unlink()
    repo.write("src/new.py", "three = 3\n")
    repo.write("noise.log")
    repo.write("build/out.o")
    taken = take(repo)
    assert taken.paths() == [".gitignore", "kept.txt", "src/edited.py", "src/new.py"]
    assert taken.read("src/edited.py") == "one = 11\n"
    assert taken.tree == plain_tree(repo)


def test_clean_tree_is_the_tree_of_head(repo: Repo, take: Take) -> None:
    assert take(repo).tree == repo.git("rev-parse", "HEAD^{tree}")


def test_same_content_on_same_head_is_the_same_commit(repo: Repo, take: Take) -> None:
    repo.write("new.txt", "same\n")
    first = take(repo)
    os.utime(repo.root / "new.txt", (1, 1))
    second = take(repo)
    assert (first.commit, first.tree) == (second.commit, second.tree)
    repo.commit()
    assert take(repo).tree == first.tree
    assert take(repo).commit != first.commit


def test_commit_is_what_git_would_make(repo: Repo, take: Take, bare: Path) -> None:
    taken = take(repo)
    body = subprocess.run(
        ["git", "--git-dir", str(bare), "cat-file", "commit", taken.commit],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert body == (
        f"tree {taken.tree}\nparent {repo.git('rev-parse', 'HEAD')}\n"
        "author Greenlane <> 0 +0000\ncommitter Greenlane <> 0 +0000\n\nsnapshot\n"
    )


def test_staged_changes_count_as_they_lie_in_the_working_tree(repo: Repo, take: Take) -> None:
    repo.write("src/edited.py", "staged\n")
    repo.write("staged.txt")
    repo.git("add", "-A")
    repo.git("rm", "-q", "--cached", "kept.txt")
    repo.write("src/edited.py", "staged and edited\n")
    taken = take(repo)
    assert taken.read("src/edited.py") == "staged and edited\n"
    assert "kept.txt" in taken.paths()
    assert taken.tree == plain_tree(repo)


def test_same_size_edit_within_the_same_instant(repo: Repo, take: Take) -> None:
    for content in ("one = 2\n", "one = 3\n", "one = 4\n"):
        repo.write("src/edited.py", content)
        repo.git("add", "-A")
        repo.write("src/edited.py", content.replace("=", "-"))
        assert take(repo).read("src/edited.py") == content.replace("=", "-")


def test_links_and_modes(repo: Repo, take: Take) -> None:
    (repo.root / "link").symlink_to("kept.txt")
    (repo.root / "dangling").symlink_to("/nowhere")
    (repo.root / "kept.txt").chmod(0o755)
    taken = take(repo)
    assert (taken.mode("link"), taken.mode("kept.txt")) == ("120000", "100755")
    assert taken.read("dangling") == "/nowhere"
    assert taken.tree == plain_tree(repo)


def test_modes_are_left_alone_where_the_file_system_has_none(repo: Repo, take: Take) -> None:
    repo.git("config", "core.fileMode", "false")
    (repo.root / "kept.txt").chmod(0o755)
    taken = take(repo)
    assert taken.mode("kept.txt") == "100644"
    assert taken.tree == plain_tree(repo)


def test_file_becomes_folder_and_folder_becomes_file(repo: Repo, take: Take) -> None:
    (repo.root / "kept.txt").unlink()
    repo.write("kept.txt/inner.txt")
    for name in ("edited.py", "removed.py"):
        (repo.root / "src" / name).unlink()
    (repo.root / "src").rmdir()
    repo.write("src", "now a file\n")
    taken = take(repo)
    assert taken.paths() == [".gitignore", "kept.txt/inner.txt", "src"]
    assert taken.tree == plain_tree(repo)


def test_folder_becomes_link_to_a_twin(repo: Repo, take: Take, tmp_path: Path) -> None:
    (repo.root / "src").rename(tmp_path / "elsewhere")
    (repo.root / "src").symlink_to(tmp_path / "elsewhere")
    taken = take(repo)
    assert taken.mode("src") == "120000"
    assert taken.tree == plain_tree(repo)


def test_names_with_any_bytes(repo: Repo, take: Take) -> None:
    names = [b"new\nline", b"tab\there", b"\xff\xfe", b' "quoted" ', b"-dash", b":(top)*", b"*"]
    for name in names:
        repo.write(name, b"x")
    repo.write(b"dir \xe9\n/in")
    taken = take(repo)
    assert taken.tree == plain_tree(repo)


def test_unborn_head(tmp_path: Path, take: Take) -> None:
    repo = make_repo(tmp_path / "fresh")
    repo.write("first.txt")
    taken = take(repo)
    assert taken.parent == ""
    assert taken.tree == plain_tree(repo)


def test_unborn_head_with_staged_files(tmp_path: Path, take: Take) -> None:
    repo = make_repo(tmp_path / "fresh")
    repo.write("first.txt")
    repo.git("add", "-A")
    repo.write("second.txt")
    assert take(repo).tree == plain_tree(repo)


def test_empty_repository(tmp_path: Path, take: Take) -> None:
    repo = make_repo(tmp_path / "fresh")
    assert take(repo).paths() == []


def test_missing_index(repo: Repo, take: Take) -> None:
    (repo.root / ".git/index").unlink()
    assert take(repo).tree == repo.git("rev-parse", "HEAD^{tree}")


def test_detached_head(repo: Repo, take: Take) -> None:
    repo.git("checkout", "-q", "--detach")
    repo.write("new.txt")
    taken = take(repo)
    assert taken.parent == repo.git("rev-parse", "HEAD")


def test_held_index_lock(repo: Repo, take: Take) -> None:
    repo.write("new.txt")
    (repo.root / ".git/index.lock").touch()
    taken = take(repo)
    (repo.root / ".git/index.lock").unlink()
    assert taken.tree == plain_tree(repo)


def test_inherited_git_variables(
    repo: Repo, take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repo(tmp_path / "other")
    repo.write("new.txt")
    with monkeypatch.context() as patch:
        patch.setenv("GIT_DIR", str(other.root / ".git"))
        patch.setenv("GIT_WORK_TREE", str(other.root))
        patch.setenv("GIT_INDEX_FILE", str(tmp_path / "nonsense"))
        patch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "objects"))
        patch.setenv("GIT_PREFIX", "src/")
        patch.setenv("GIT_TRACE", "1")
        patch.setenv("LC_ALL", "de_DE.UTF-8")
        taken = take(repo)
    assert taken.tree == plain_tree(repo)
    assert not (tmp_path / "nonsense").exists()


def test_intent_to_add(repo: Repo, take: Take) -> None:
    repo.write("later.txt", "later\n")
    repo.git("add", "-N", "later.txt")
    repo.write("gone.txt")
    repo.git("add", "-N", "gone.txt")
    (repo.root / "gone.txt").unlink()
    taken = take(repo)
    assert taken.read("later.txt") == "later\n"
    assert taken.tree == plain_tree(repo)


def test_merge_conflict(repo: Repo, take: Take) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.write("src/edited.py", "side\n")
    repo.git("rm", "-q", "src/removed.py")
    repo.commit("side")
    repo.git("checkout", "-q", "-")
    repo.write("src/edited.py", "main\n")
    repo.write("src/removed.py", "main\n")
    repo.commit("main")
    merged = subprocess.run(
        ["git", "-C", str(repo.root), "merge", "-q", "side"], capture_output=True, check=False
    )
    assert merged.returncode == 1
    (repo.root / "src/removed.py").unlink()
    taken = take(repo)
    assert "<<<<<<<" in taken.read("src/edited.py")
    assert taken.tree == plain_tree(repo)


def test_linked_worktree(repo: Repo, take: Take, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "agent", str(tmp_path / "agent"))
    agent = Repo(tmp_path / "agent")
    agent.write("agent.txt")
    before = repo.git("status", "--porcelain")
    taken = take(agent, watched=repo.root)
    assert taken.tree == plain_tree(agent)
    assert repo.git("status", "--porcelain") == before


def test_captured_from_a_folder_below(repo: Repo, take: Take) -> None:
    repo.write("new.txt")
    below = Repo(repo.root / "src")
    assert take(below, watched=repo.root).tree == plain_tree(repo)


def test_clone_with_alternates(repo: Repo, take: Take, tmp_path: Path) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--shared", str(repo.root), str(tmp_path / "b")], check=True
    )
    subprocess.run(
        ["git", "clone", "-q", "--shared", str(tmp_path / "b"), str(tmp_path / "c:d")], check=True
    )
    clone = Repo(tmp_path / "c:d")
    clone.write("new.txt")
    assert take(clone).tree == plain_tree(clone)


@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_clone(repo: Repo, take: Take, tmp_path: Path, depth: int) -> None:
    for number in range(3):
        repo.write("n.txt", str(number))
        repo.commit()
    subprocess.run(
        ["git", "clone", "-q", f"--depth={depth}", f"file://{repo.root}", str(tmp_path / "b")],
        check=True,
    )
    clone = Repo(tmp_path / "b")
    clone.write("new.txt")
    taken = take(clone)
    assert taken.parent != clone.git("rev-parse", "HEAD")
    clone.write("newer.txt")
    assert take(clone, bases=(taken.parent,)).tree == plain_tree(clone)


def test_partial_clone_fetches_nothing(repo: Repo, take: Take, tmp_path: Path) -> None:
    repo.write("src/edited.py", "an old version\n")
    repo.commit()
    repo.write("src/edited.py", "a new version\n")
    repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", f"file://{repo.root}", str(tmp_path / "b")],
        check=True,
    )
    clone = Repo(tmp_path / "b")
    repo.root.rename(tmp_path / "unreachable")
    clone.write("new.txt")
    assert take(clone).tree == plain_tree(clone)


def test_sha256_repository(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "work", "--object-format=sha256")
    repo.write("a.txt")
    repo.commit()
    repo.write("a.txt", "edited\n")
    with repo.capture() as snapshot:
        assert len(snapshot.commit) == 64
        assert b"object-format=sha256" in next(iter(snapshot.bundle_stream()))
    assert snapshot.tree == plain_tree(repo)


def test_sparse_checkout_keeps_what_is_not_checked_out(repo: Repo, take: Take) -> None:
    repo.write("other/far.txt", "far\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "src")
    assert not (repo.root / "other").exists()
    repo.write("src/edited.py", "sparse\n")
    taken = take(repo)
    assert taken.read("other/far.txt") == "far\n"
    assert taken.tree == plain_tree(repo)


def test_sparse_index(repo: Repo, take: Take) -> None:
    repo.write("other/deep/far.txt", "far\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "src")
    repo.write("src/edited.py", "sparse\n")
    repo.write("src/new.py")
    taken = take(repo)
    assert taken.read("other/deep/far.txt") == "far\n"
    assert taken.tree == plain_tree(repo)


def test_file_written_outside_of_a_sparse_checkout(repo: Repo, take: Take) -> None:
    repo.write("other/far.txt", "far\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "src")
    repo.write("other/far.txt", "written all the same\n")
    repo.write("other/new.txt")
    taken = take(repo)
    assert taken.read("other/far.txt") == "written all the same\n"
    assert taken.tree == plain_tree(repo)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_edit_hidden_by_assume_unchanged(repo: Repo, take: Take, version: str) -> None:
    repo.git("update-index", "--index-version", version)
    repo.git("update-index", "--assume-unchanged", "src/edited.py", "src/removed.py", "kept.txt")
    repo.write("src/edited.py", "hidden\n")
    (repo.root / "src/removed.py").unlink()
    taken = take(repo)
    assert taken.read("src/edited.py") == "hidden\n"
    assert "src/removed.py" not in taken.paths()


@pytest.mark.parametrize("version", ["3", "4"])
def test_edit_hidden_by_skip_worktree(repo: Repo, take: Take, version: str) -> None:
    repo.git("update-index", "--index-version", version)
    repo.git("update-index", "--skip-worktree", "src/edited.py", "src/removed.py")
    repo.write("src/edited.py", "hidden\n")
    (repo.root / "src/removed.py").unlink()
    taken = take(repo)
    assert taken.read("src/edited.py") == "hidden\n"
    assert taken.read("src/removed.py") == "two = 2\n"


def test_split_index(repo: Repo, take: Take) -> None:
    repo.git("config", "core.splitIndex", "true")
    repo.git("config", "splitIndex.maxPercentChange", "100")
    repo.git("update-index", "--split-index")
    repo.write("src/edited.py", "split\n")
    repo.git("update-index", "--assume-unchanged", "kept.txt")
    repo.write("kept.txt", "hidden\n")
    taken = take(repo)
    assert taken.read("kept.txt") == "hidden\n"
    assert taken.read("src/edited.py") == "split\n"


def test_untracked_cache_and_fsmonitor(repo: Repo, take: Take, tmp_path: Path) -> None:
    called = tmp_path / "called"
    hook = tmp_path / "monitor"
    hook.write_text(f"#!/bin/sh\ntouch {called}\nprintf 'token\\0'\n")
    hook.chmod(0o755)
    repo.git("config", "core.untrackedCache", "true")
    repo.git("config", "core.fsmonitor", str(hook))
    repo.git("update-index", "--untracked-cache", "--fsmonitor")
    repo.git("status")
    repo.write("src/edited.py", "the monitor says that nothing changed\n")
    repo.write("new.txt")
    called.unlink(missing_ok=True)
    taken = take(repo)
    assert not called.exists()
    repo.git("config", "core.fsmonitor", "false")
    assert taken.tree == plain_tree(repo)


def test_hooks_do_not_fire(repo: Repo, take: Take, tmp_path: Path) -> None:
    called = tmp_path / "called"
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-commit", "post-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {called}\n")
        (hooks / name).chmod(0o755)
    repo.git("config", "core.hooksPath", str(hooks))
    repo.write("new.txt")
    take(repo)
    assert not called.exists()
    repo.git("add", "-A")
    assert called.exists(), "the hooks of this test do not work"


def test_settings_that_break_a_plain_add(repo: Repo, take: Take) -> None:
    for name, value in {
        "core.safecrlf": "true", "core.autocrlf": "true", "commit.gpgsign": "true",
        "add.ignoreErrors": "true", "status.showUntrackedFiles": "no", "core.quotePath": "true",
        "status.relativePaths": "true", "i18n.commitEncoding": "latin1", "core.ignoreStat": "true",
        "diff.ignoreSubmodules": "all", "status.renames": "copies", "status.branch": "true",
        "pack.packSizeLimit": "1m", "core.compression": "9", "color.ui": "always",
    }.items():  # fmt: skip
        repo.git("config", name, value)
    repo.write("crlf.txt", "one\r\ntwo\r\n")
    repo.write("mixed.txt", "one\r\ntwo\n")
    taken = take(repo)
    repo.git("config", "core.safecrlf", "false")
    assert taken.tree == plain_tree(repo)


def test_text_auto_stores_what_git_stores(repo: Repo, take: Take) -> None:
    repo.write(".gitattributes", "* text=auto\n*.bin -text\n")
    repo.write("dos.txt", "one\r\ntwo\r\n")
    repo.write("kept.bin", "one\r\ntwo\r\n")
    taken = take(repo)
    assert taken.read("dos.txt") == "one\ntwo\n"
    assert taken.tree == plain_tree(repo)


def test_clean_filters_run(repo: Repo, take: Take) -> None:
    repo.git("config", "filter.upper.clean", "tr a-z A-Z")
    repo.git("config", "filter.upper.required", "true")
    repo.write(".gitattributes", "*.up filter=upper\n")
    repo.write("word.up", "word\n")
    taken = take(repo)
    assert taken.read("word.up") == "WORD\n"
    assert taken.tree == plain_tree(repo)


def test_excludes_from_everywhere(repo: Repo, take: Take, tmp_path: Path) -> None:
    (tmp_path / "excludes").write_text("*.mine\n")
    repo.git("config", "core.excludesFile", str(tmp_path / "excludes"))
    (repo.root / ".git/info/exclude").write_text("*.secret\n")
    for name in ("a.mine", "b.secret", "c.txt"):
        repo.write(name)
    taken = take(repo)
    assert "c.txt" in taken.paths()
    assert {"a.mine", "b.secret"}.isdisjoint(taken.paths())


def test_tracked_file_that_is_ignored_too(repo: Repo, take: Take) -> None:
    repo.write("tracked.log")
    repo.git("add", "-f", "tracked.log")
    repo.commit()
    repo.write("tracked.log", "edited\n")
    assert take(repo).read("tracked.log") == "edited\n"


def test_large_content_goes_over_disk(repo: Repo) -> None:
    content = os.urandom(20_000_000)
    repo.write("big.bin", content)
    with repo.capture(limit=30_000_000) as snapshot:
        assert len(scratch_folders()) == 2
    assert scratch_folders() == []
    assert snapshot.tree == plain_tree(repo)


def test_nothing_is_left_in_the_scratch_folders(repo: Repo) -> None:
    repo.write("new.txt")
    with repo.capture():
        assert len(scratch_folders()) == 1
    assert scratch_folders() == []
