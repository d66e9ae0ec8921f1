"""A real cargo, run as the preset runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report.collect import Leavings, open_files, read_leavings

pytestmark = pytest.mark.slow

MANIFEST = '[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
MIXED = """
/// ```
/// assert_eq!(a::one(), 1);
/// ```
pub fn one() -> i32 { 1 }
#[cfg(test)]
mod tests {
    #[test] fn good() {}
    #[test] fn bad() { assert_eq!(1, 2, "it is red"); }
    #[test] #[ignore] fn later() {}
    #[test] #[should_panic] fn panics() { panic!("as it should") }
}
"""
DEADLY = """
#[cfg(test)]
mod tests {
    #[test] fn dies() { std::process::abort() }
}
"""


@pytest.fixture
def cargo() -> str:
    found = shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo/bin"))
    if found is None:
        pytest.skip("cargo is not here")
    return found


def make_workspace(root: Path, sources: dict[str, str]) -> None:
    members = ", ".join(f'"{name}"' for name in sources)
    (root / "Cargo.toml").write_text(f'[workspace]\nresolver = "2"\nmembers = [{members}]\n')
    for name, source in sources.items():
        (root / name / "src").mkdir(parents=True)
        (root / name / "Cargo.toml").write_text(MANIFEST.format(name=name))
        (root / name / "src" / "lib.rs").write_text(source)


def run_tests(cargo: str, root: Path) -> tuple[ReportSummary, dict[str, str]]:
    preset = Catalogue().get("rust")
    log = root / "log"
    environment = {**os.environ, **preset.env, "CARGO_TARGET_DIR": str(root / "target")}
    with log.open("wb") as output:
        done = subprocess.run(
            [cargo, *preset.command[1:], "--offline"],
            cwd=root,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=150,
            check=False,
        )
    leavings = Leavings(
        preset=preset, exit_code=done.returncode, outputs=open_files([log]), root=str(root)
    )
    summary = read_leavings(leavings, root / "tests.jsonl")
    lines = (root / "tests.jsonl").read_bytes().splitlines()
    tests = [msgspec.json.decode(line, type=TestCase) for line in lines]
    return summary, {test.id: test.outcome.value for test in tests}


def test_a_workspace_with_documentation_tests(cargo: str, tmp_path: Path) -> None:
    make_workspace(tmp_path, {"a": MIXED, "b": "#[test] fn other() {}"})
    summary, outcomes = run_tests(cargo, tmp_path)
    assert summary.status is RunStatus.FAILED
    assert outcomes == {
        "tests::good": "passed",
        "tests::bad": "failed",
        "tests::later": "skipped",
        "tests::panics": "passed",
        "other": "passed",
        "a/src/lib.rs - one (line 2)": "passed",
    }
    (failure,) = summary.failures
    assert (failure.file, failure.line) == ("a/src/lib.rs", 9)
    assert "it is red" in failure.message


def test_a_binary_that_dies_beside_one_that_runs(cargo: str, tmp_path: Path) -> None:
    make_workspace(tmp_path, {"a": DEADLY, "b": "#[test] fn other() {}"})
    summary, outcomes = run_tests(cargo, tmp_path)
    assert summary.status is RunStatus.CRASHED
    assert outcomes["other"] == "passed"
    assert summary.totals.error == 1


def test_what_does_not_compile(cargo: str, tmp_path: Path) -> None:
    make_workspace(tmp_path, {"a": 'pub fn f() -> i32 { "no" }'})
    summary, outcomes = run_tests(cargo, tmp_path)
    assert summary.status is RunStatus.BUILD_ERROR
    assert not outcomes


def test_a_crate_without_tests(cargo: str, tmp_path: Path) -> None:
    make_workspace(tmp_path, {"a": "pub fn f() {}"})
    summary, _ = run_tests(cargo, tmp_path)
    assert summary.status is RunStatus.NO_TESTS
