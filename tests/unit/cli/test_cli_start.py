"""The start of `greenlane test` in modules, which no busy machine makes slower."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Each of these costs 2 to 20 ms to import, of the 40 that the start may take.
SLOW = {
    "asyncio", "bz2", "dataclasses", "datetime", "email", "hashlib", "http", "importlib.metadata",
    "inspect", "logging", "lzma", "pathlib", "random", "shutil", "ssl", "tempfile", "tomllib",
    "unittest", "urllib", "uuid", "zipfile",
}  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [["test"], ["run", "--", "true"], ["submit", "--agent", "a"], ["wait", "j1"], ["status"]],
)
def test_the_start_imports_nothing_slow(words: list[str]) -> None:
    """Everything up to the first byte on the socket: the parser, the client, the capture."""
    program = f"import greenlane.cli.main as m, sys; m.parse({words!r}); print(*sys.modules)"
    before = loaded("import sys; print(*sys.modules)")
    assert not (loaded(program) - before) & SLOW


@pytest.mark.parametrize("name", ["test", "status", "version"])
def test_no_other_command_is_imported(name: str) -> None:
    program = f"import greenlane.cli.main as m, sys; m.parse([{name!r}]); print(*sys.modules)"
    others = {"greenlane.cli.doctor", "greenlane.cli.queue", "greenlane.cli.init"}
    assert not loaded(program) & others


def loaded(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())
