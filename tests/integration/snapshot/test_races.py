"""Files that move while they are captured: a whole tree comes out, or an error."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from greenlane.model.errors import SnapshotError
from greenlane.system import git
from tests.integration.snapshot.repos import (
    Repo,
    Take,
    plain_tree,
    scratch_folders,
    started_commands,
)


def before_git(verb: str, act: Callable[[], None]) -> Callable[..., Any]:
    """Give a `git.start` that acts just before git is started with that verb."""
    start = git.start

    def acting(arguments: Sequence[str], **options: Any) -> Any:
        if verb in arguments:
            act()
        return start(arguments, **options)

    return acting


def test_untracked_file_that_vanishes(
    repo: Repo, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("going.txt")
    repo.write("staying.txt")
    gone = repo.root / "going.txt"
    vanish = before_git("update-index", lambda: gone.unlink(missing_ok=True))
    monkeypatch.setattr(git, "start", vanish)
    with repo.capture() as snapshot:
        pass
    monkeypatch.undo()
    assert snapshot.tree == plain_tree(repo)


def test_file_that_becomes_a_folder(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("src/edited.py", "edited\n")
    edited = repo.root / "src/edited.py"

    def turn() -> None:
        if edited.is_file():
            edited.unlink()
            repo.write("src/edited.py/inner.txt")

    monkeypatch.setattr(git, "start", before_git("update-index", turn))
    with repo.capture() as snapshot:
        pass
    monkeypatch.undo()
    (edited / "inner.txt").unlink()  # the moment between the two
    assert snapshot.tree == plain_tree(repo)


def test_a_failure_is_tried_again_and_then_told(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("new.txt")
    failures = ["once"]

    def fail() -> None:
        if failures:
            raise git.GitError(["update-index"], 128, f"fatal: {failures.pop()}")

    monkeypatch.setattr(git, "start", before_git("update-index", fail))
    with repo.capture() as snapshot:
        assert len(scratch_folders()) == 1
    failures += ["thrice"] * 3
    with pytest.raises(SnapshotError, match="thrice"):
        repo.capture()
    monkeypatch.undo()
    assert scratch_folders() == []
    assert snapshot.tree == plain_tree(repo)


def test_an_interrupt_leaves_nothing(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("new.txt")

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(git, "start", before_git("write-tree", interrupt))
    with pytest.raises(KeyboardInterrupt):
        repo.capture()
    assert scratch_folders() == []


def test_no_room_in_memory_is_no_obstacle(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("new.txt")
    real = os.mkdir

    def full(path: str, mode: int = 0o777) -> None:
        if path.startswith("/dev/shm"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, mode)

    monkeypatch.setattr(os, "mkdir", full)
    with repo.capture() as snapshot:
        pass
    monkeypatch.setenv("TMPDIR", "/nowhere/at/all")
    with pytest.raises(SnapshotError, match="nowhere"):
        repo.capture()
    monkeypatch.undo()
    assert snapshot.tree == plain_tree(repo)


def test_an_editor_at_work(repo: Repo) -> None:
    """Each file is rewritten by rename, as editors do: no capture sees a half-written one."""
    versions = [f"{number}\n" * 1000 for number in range(10)]
    over = threading.Event()

    def edit() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            draft = repo.root / f"draft{turn % 3}"
            draft.write_text(versions[turn % 10])
            draft.replace(repo.root / f"file{turn % 7}.txt")

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        for _ in range(8):
            with repo.capture() as snapshot:
                for name, content in files_of(snapshot.tree, repo, snapshot):
                    assert not name.startswith("file") or content in versions
    finally:
        over.set()
        editor.join(timeout=30)


def files_of(tree: str, repo: Repo, snapshot: Any) -> list[tuple[str, str]]:
    def read(*arguments: str) -> str:
        command = ["git", "-C", str(repo.root), *arguments]
        environment = {**snapshot._scratch.env, "PATH": os.environ["PATH"]}
        done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
        return done.stdout

    names = read("ls-tree", "-r", "--name-only", tree).splitlines()
    return [(name, read("cat-file", "blob", f"{tree}:{name}")) for name in names]


def test_tracked_file_becomes_a_pipe(repo: Repo) -> None:
    (repo.root / "kept.txt").unlink()
    os.mkfifo(repo.root / "kept.txt")
    with pytest.raises(SnapshotError, match=r"kept\.txt"):
        repo.capture()


def test_untracked_pipes_and_sockets_are_left_out(repo: Repo, take: Take) -> None:
    os.mkfifo(repo.root / "pipe")
    assert take(repo).tree == plain_tree(repo)


def test_a_warm_capture_starts_few_processes(repo: Repo, take: Take, bare: Path) -> None:
    take(repo)
    repo.write("src/edited.py", "edited\n")
    repo.write("new.txt")
    with started_commands() as started, repo.capture() as snapshot:
        snapshot.publish_to_path(str(bare))
    assert len(started) == 5  # status, update-index, write-tree; pack-objects, unpack-objects


@pytest.mark.skipif(os.geteuid() != 0, reason="by design: only root can give files away")
def test_repository_of_another_user(repo: Repo) -> None:
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(SnapshotError, match="dubious ownership") as caught:
        repo.capture()
    assert "owner" in caught.value.hint
