"""Scratch folders go with their capture, and with their process if it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from greenlane.snapshot.scratch import ScratchFolder, remove_tree, sweep


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_folder_is_private_and_goes(parent: Path) -> None:
    scratch = ScratchFolder(is_in_memory=False)
    (Path(scratch.path) / "deep/er").mkdir(parents=True)
    (Path(scratch.path) / "deep/er/file").touch()
    (Path(scratch.path) / "link").symlink_to(parent)
    assert Path(scratch.path).parent == parent
    assert Path(scratch.path).stat().st_mode & 0o777 == 0o700
    scratch.close()
    scratch.close()
    assert list(parent.iterdir()) == []


def test_what_a_killed_process_left_is_swept(parent: Path) -> None:
    program = (
        "import os, signal\n"
        "from greenlane.snapshot.scratch import ScratchFolder\n"
        "scratch = ScratchFolder(is_in_memory=False)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    (left,) = parent.iterdir()
    mine = ScratchFolder(is_in_memory=False)
    assert left.exists(), "it is young: its owner might not hold the lock yet"
    os.utime(left, (1000, 1000))
    os.utime(mine.path, (1000, 1000))
    with_mine = ScratchFolder(is_in_memory=False)
    assert set(parent.iterdir()) == {Path(mine.path), Path(with_mine.path)}
    mine.close()
    with_mine.close()


def test_sweep_leaves_what_is_not_ours(parent: Path) -> None:
    (parent / "greenlane-scratch-notes.txt").touch()
    for name in ("other", "greenlane-demo", "greenlane-scratch-by-hand"):
        (parent / name).mkdir()
        (parent / name / "kept").touch()
    (parent / "other/lock").touch()
    (parent / "greenlane-demo/lock").touch()
    before = sorted(parent.rglob("*"))
    sweep(str(parent), made_before=1e12)
    assert sorted(parent.rglob("*")) == before


def test_removing_what_is_not_there(parent: Path) -> None:
    remove_tree(str(parent / "missing"))
