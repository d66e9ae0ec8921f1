"""The bench at tiny sizes: every part measures, prints its table and cleans up."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import PARTS
from bench.scratch import list_processes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="gl-") as folder:
        yield Path(folder)


def run_bench(scratch: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch), **env},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", PARTS)
def test_a_part_prints_its_table_and_leaves_nothing_behind(name: str, scratch: Path) -> None:
    done = run_bench(scratch, name, "--quick")
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert len(table) > 2, done.stdout
    assert {line.count("|") for line in table} == {8}
    assert list(scratch.iterdir()) == []
    assert list_processes(scratch) == []


@pytest.mark.slow
def test_a_missing_peer_is_left_out_and_said_so(scratch: Path) -> None:
    bare = scratch / "bin"
    bare.mkdir()
    for tool in ("git", "sh", "echo"):
        found = next(Path(folder) / tool for folder in os.get_exec_path() if _is_in(folder, tool))
        (bare / tool).symlink_to(found)
    done = run_bench(scratch, "first-byte", "--quick", PATH=str(bare))
    assert done.returncode == 0, done.stderr
    assert "apt install task-spooler" in done.stdout


def test_an_unknown_part_is_refused(scratch: Path) -> None:
    done = run_bench(scratch, "no-such-part")
    assert done.returncode == 2
    assert "no-such-part" in done.stderr


def _is_in(folder: str, tool: str) -> bool:
    return (Path(folder) / tool).exists()
