"""Our words for Python's frameworks go through what wraps them: tox, nox, make, another script."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from greenlane.model.report import RunStatus
from tests.frameworks import samples
from tests.integration.test_reporters import DEADLINE_SECONDS, Run

TESTS = "def test_a(): pass\ndef test_b(): assert False\n"
TRUTH = {"test_it.py::test_a": "passed", "test_it.py::test_b": "failed"}
UNIT_TESTS = """
    import unittest
    class One(unittest.TestCase):
        def test_a(self): pass
"""
TOX = """
[tox]
env_list = one, two
no_package = true
[testenv]
allowlist_externals = {python}, sh
pass_env = OWN_SETTING
commands = {commands}
"""


def write(run: Run, name: str, text: str) -> None:
    (run.project / name).write_text(text)


def call(run: Run, *command: str, **extra: str) -> int:
    with (run.folder / "log").open("wb") as log:
        done = subprocess.run(
            command,
            cwd=run.project,
            env=run.environment(**extra),
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=DEADLINE_SECONDS * 3,
            check=False,
        )
    return done.returncode


def python() -> str:
    found = shutil.which("python3")
    assert found
    return found


def program(name: str) -> str:
    found = shutil.which(name, path=samples.environment()["PATH"])
    if found is None:
        pytest.skip(f"{name}: `{samples.install_line(name)}` installs it")
    return found


@pytest.mark.parametrize("preset", ["pytest", "custom"])
def test_pytest_through_make(tmp_path: Path, preset: str) -> None:
    run = Run(tmp_path / "run", preset).write(test_it=TESTS)
    write(run, "Makefile", f"test:\n\t{python()} -m pytest -q\n")
    assert run.read(call(run, "make", "test")).status is RunStatus.FAILED
    assert run.tests() == TRUTH


def test_unittest_through_make_and_whatever_runs(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", "custom").write(test_it=UNIT_TESTS)
    write(run, "Makefile", f"test:\n\t@{python()} -m unittest -q 2>/dev/null\n")
    assert run.read(call(run, "make", "test")).status is RunStatus.PASSED
    assert run.tests() == {"test_it.One.test_a": "passed"}


def test_tox_scrubs_nothing_of_ours_and_keeps_what_the_project_passes(tmp_path: Path) -> None:
    tox = program("tox")
    run = Run(tmp_path / "run", "tox").write(
        test_it=TESTS.replace("assert False", "import os; os.environ['OWN_SETTING']")
    )
    write(run, "tox.ini", TOX.format(python=python(), commands=f"{python()} -m pytest {{posargs}}"))
    summary = run.read(call(run, tox, "-e", "one", OWN_SETTING="1"))
    assert summary.status is RunStatus.PASSED, summary
    assert set(run.tests()) == set(TRUTH)
    assert (run.out / "tox.json").exists()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-e", "one", "--", "-k", "nothing"), RunStatus.NO_TESTS),
        (("-e", "one", "--", "--no-such-flag"), RunStatus.USAGE_ERROR),
        (("-e", "three"), RunStatus.USAGE_ERROR),
        (("-e", "one", "--", "test_it.py::test_b"), RunStatus.FAILED),
    ],
)
def test_tox_that_runs_no_test_is_not_green(
    tmp_path: Path, words: tuple[str, ...], status: RunStatus
) -> None:
    tox = program("tox")
    run = Run(tmp_path / "run", "tox").write(test_it=TESTS)
    write(run, "tox.ini", TOX.format(python=python(), commands=f"{python()} -m pytest {{posargs}}"))
    summary = run.read(call(run, tox, *words))
    assert summary.status is status, summary


def test_tox_with_an_empty_unittest_is_not_green(tmp_path: Path) -> None:
    tox = program("tox")
    run = Run(tmp_path / "run", "tox").write(test_it="import unittest\n")
    lenient = f"sh -c '{python()} -m unittest || true'"
    write(run, "tox.ini", TOX.format(python=python(), commands=lenient))
    code = call(run, tox, "-e", "one")
    assert (code, run.read(code).status) == (0, RunStatus.NO_TESTS)


def test_nox(tmp_path: Path) -> None:
    nox = program("nox")
    run = Run(tmp_path / "run", "nox").write(
        test_it=TESTS,
        noxfile=f"""
            import nox
            @nox.session(venv_backend="none")
            def one(session): session.run("{python()}", "-m", "pytest", *session.posargs)
        """,
    )
    report = f"--report={run.out}/nox.json"
    assert run.read(call(run, nox, report)).status is RunStatus.FAILED
    assert run.tests() == TRUTH
    for words, status in (
        (("--", "test_it.py::test_a"), RunStatus.PASSED),
        (("--", "-k", "nothing"), RunStatus.NO_TESTS),
        (("-s", "two"), RunStatus.USAGE_ERROR),
    ):
        for file in run.out.iterdir():
            file.unlink()
        assert run.read(call(run, nox, report, *words)).status is status
