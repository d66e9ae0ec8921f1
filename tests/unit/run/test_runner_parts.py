"""Parts of the runner that need no run."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from greenlane.run import checkout, runner, tree
from greenlane.run.child import StartError, find_program
from greenlane.run.spec import Result, write_atomically
from greenlane.run.state import State


def test_state_is_kept_and_survives_shorter_content(tmp_path: Path) -> None:
    path = str(tmp_path / "slots" / "1.state")
    state = State(path)
    assert state.tree == ""
    state.tree, state.prepared = "t" * 40, {"step" * 50: "hash" * 50}
    state.save()
    state.forget()
    state.tree = "u"
    state.save()
    again = State(path)
    assert (again.tree, again.prepared, again.switched_at) == ("u", {}, 0.0)


@pytest.mark.parametrize("content", ["", "{", "[1]", "\0" * 100])
def test_broken_state_is_an_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "1.state").write_text(content)
    assert State(str(tmp_path / "1.state")).tree == ""


@pytest.mark.parametrize(
    ("now", "before", "same"),
    [
        (100.5, 100.1, True),
        (100.5, 99.9, False),
        (101.001, 100.9, True),  # the clock of the files may still say 100
        (101.1, 100.9, False),
        (100.5, 103.0, False),  # the clock was set back
    ],
)
def test_same_second(now: float, before: float, *, same: bool) -> None:
    assert checkout._is_same_second(now, before) is same


def test_program_is_found_as_the_child_would(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tool"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    env = {"PATH": f"/nonexistent:{program.parent}"}
    assert find_program("tool", cwd="/", env=env) == str(program)
    assert find_program("bin/tool", cwd=str(tmp_path), env={}) == str(tmp_path / "bin/tool")
    assert find_program("tool", cwd=str(tmp_path), env={"PATH": "bin"}) == str(program)
    with pytest.raises(StartError, match="not found on PATH"):
        find_program("tool", cwd="/", env={"PATH": "/nonexistent"})
    with pytest.raises(StartError, match="is not executable"):
        find_program("./1", cwd=_with_plain_file(tmp_path), env={})


def _with_plain_file(folder: Path) -> str:
    (folder / "1").touch()
    return str(folder)


def test_children_are_found_with_and_without_the_kernels_help() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert child.pid in tree.children_of(os.getpid())
        assert child.pid in tree._children_by_scan(os.getpid())
        assert tree.start_time_of(child.pid).isdigit()
    finally:
        child.kill()
        child.wait()
    assert child.pid not in tree.children_of(os.getpid())
    assert tree.children_of(child.pid) == []
    assert tree.start_time_of(child.pid) == ""


def test_fork_server_imports_only_the_standard_library() -> None:
    """It has no site packages, so anything else would already fail; it also has to be quick."""
    source = str(Path(tree.__file__).parents[2])
    code = f"import sys; sys.path.append({source!r}); import greenlane.run.forkserver"
    started = time.monotonic()
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
    assert time.monotonic() - started < 5  # 40 to 80 ms on an idle machine


def test_log_makes_room_for_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 1000)

    def write(path: str, value: object, *, durable: bool) -> None:
        if log.stat().st_size > 900:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_atomically(path, value, durable=durable)

    monkeypatch.setattr(runner, "write_atomically", write)
    result = Result()
    result.end, result.exit_code = "exited", 0
    runner.write_result(str(tmp_path), result)
    written = json.loads((tmp_path / "result.json").read_bytes())
    assert (written["end"], written["exit_code"]) == ("exited", 0)
    assert (written["log_bytes"], written["is_log_truncated"]) == (500, True)
    assert "No space left on device" in written["because"]
    assert log.stat().st_size == 500
