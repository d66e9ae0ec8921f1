"""`greenlane test` starts fast: what its path imports is the standard library."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "alembic",
    "asyncio",
    "httptools",
    "lxml",
    "msgspec",
    "prometheus_client",
    "rich",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}
FAST_PATH = [
    "greenlane.cli.main",
    "greenlane.cli.test",
    "greenlane.cli.run",
    "greenlane.cli.submit",
    "greenlane.cli.wait",
    "greenlane.cli.status",
    "greenlane.client.session",
    "greenlane.snapshot.capture",
    "greenlane.run.runner",
    "greenlane.run.forkserver",
]


@pytest.mark.parametrize("module", FAST_PATH)
def test_nothing_heavy_is_imported(module: str) -> None:
    program = f"import {module}, sys; print(*(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert HEAVY.isdisjoint(done.stdout.split())
