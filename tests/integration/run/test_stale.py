"""No result of an earlier tree is taken for one of this tree, however fast the slot switches."""

from __future__ import annotations

import shutil
import time

import pytest

from .conftest import Repository, Site

ROUNDS = 20
MAKEFILE = "out: in\n\tcp in out\n"


def test_byte_code_is_never_stale(site: Site, repository: Repository) -> None:
    repository.write({".gitignore": "__pycache__/\n", "main.py": "import m; print(m.value)\n"})
    snapshots = [repository.snapshot({"m.py": f"value = {n}\n"}) for n in (1, 2)]
    for number in range(ROUNDS):
        result = site.run("python3", "main.py", checkout=snapshots[number % 2])
        assert site.log() == f"{number % 2 + 1}\n", result.because


def test_byte_code_of_a_tree_that_the_run_changed_is_never_stale(
    site: Site, repository: Repository
) -> None:
    repository.write({".gitignore": "__pycache__/\n"})
    snapshot = repository.snapshot({"m.py": "value = 1\n"})
    code = """
import pathlib, subprocess, sys
show = [sys.executable, "-c", "import m; print(m.value)"]
subprocess.run(show)
pathlib.Path("m.py").write_text("value = 2\\n")
subprocess.run(show, stdout=subprocess.DEVNULL)
"""
    for _ in range(ROUNDS // 2):
        site.python(code, checkout=snapshot)
        assert site.log() == "1\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_targets_are_never_stale(site: Site, repository: Repository) -> None:
    repository.write({".gitignore": "out\n", "Makefile": MAKEFILE})
    snapshots = [repository.snapshot({"in": f"{n}\n"}) for n in (1, 2)]
    for number in range(ROUNDS):
        site.run("sh", "-c", "make -s && cat out", checkout=snapshots[number % 2])
        assert site.log() == f"{number % 2 + 1}\n"


def test_make_keeps_what_is_up_to_date(site: Site, repository: Repository) -> None:
    repository.write({".gitignore": "out\n", "Makefile": MAKEFILE})
    snapshots = [repository.snapshot({"in": "1\n", "other": f"{n}\n"}) for n in (1, 2)]
    site.run("make", checkout=snapshots[0])
    assert "cp in out" in site.log()
    site.run("make", checkout=snapshots[1])
    assert "cp in out" not in site.log()


def test_same_clean_tree_never_waits(site: Site, repository: Repository) -> None:
    snapshot = repository.snapshot({"a": "1\n"})
    site.run("true", checkout=snapshot)
    started = time.monotonic()
    for _ in range(8):
        site.run("true", checkout=snapshot)
    assert time.monotonic() - started < 6  # eight waits would take eight seconds
