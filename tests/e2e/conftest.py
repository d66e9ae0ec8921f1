"""A private instance for each test: its own state folder and server, and no process left over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.instance import Instance, wait_until


@pytest.fixture
def eventually() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def instance() -> Iterator[Instance]:
    state_dir = Path(tempfile.mkdtemp(prefix="gl-"))
    it = Instance(state_dir)
    try:
        yield it
        it.stop_server()
        wait_until(lambda: not it.processes(), f"no process is left of {it.processes()}")
    finally:
        for line in it.processes():
            os.kill(int(line.split()[0]), signal.SIGKILL)
        shutil.rmtree(state_dir, ignore_errors=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a git repository with two pytest tests, one of them red."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "test_shop.py").write_text(
        "def test_price():\n    assert 2 * 2 == 4\n\n\n"
        "def test_stock():\n    assert 'apples' == 'pears', 'the wrong fruit'\n"
    )
    (root / "greenlane.toml").write_text('[suite.default]\npreset = "pytest"\n')
    (root / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a shop")
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()
