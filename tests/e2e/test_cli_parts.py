"""A part of a suite: what failed before, what a change reaches. Never taken for the whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import git

RED = "test_shop.py::test_stock"


def verdict_of(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    assert done.returncode == code, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_what_failed_runs_again_and_alone(instance: Any, repository: Path) -> None:
    first = verdict_of(instance.run("test", "--json", cwd=repository), 1)
    assert first["partial"] == ""
    again = verdict_of(instance.run("test", "--json", "--failed", cwd=repository), 1)
    assert again["totals"]["total"] == 1
    assert [test["id"] for test in again["failures"]] == [RED]
    assert again["partial"] == f"1 test that failed in job {first['job_id']}"
    path = repository / "test_shop.py"
    path.write_text(path.read_text().replace("'pears'", "'apples'"))
    named = instance.run("test", "--failed", first["job_id"], cwd=repository)
    assert named.returncode == 0, named.stdout + named.stderr
    assert f"only 1 test that failed in job {first['job_id']}" in named.stdout.splitlines()[-1]
    shown = instance.run("status", cwd=repository).stdout
    assert shown.count("only 1 test that failed") == 2
    after = instance.run("test", "-q", cwd=repository)
    assert after.returncode == 0, after.stdout
    assert "only" not in after.stdout
    nothing = verdict_of(instance.run("test", "--json", "--failed", cwd=repository), 2)
    assert nothing["error"] == "nothing_to_run"
    assert "whole suite 'default' passed" in nothing["message"]


def test_what_cannot_be_run_again_is_said(instance: Any, repository: Path, tmp_path: Path) -> None:
    def refused(*words: str) -> str:
        done = instance.run("test", "--failed", *words, cwd=repository)
        assert done.returncode == 2, done.stdout + done.stderr
        return str(done.stderr)

    assert "no job of suite 'default' has red tests" in refused()
    assert "no job 'j-none'" in refused("j-none")
    ran = instance.run("submit", "--suite", "default", "--", "-k", "price", cwd=repository)
    green = ran.stdout.strip()
    assert instance.run("wait", green, cwd=repository).returncode == 0
    assert f"job {green} passed" in refused(green)
    command = json.loads(instance.run("run", "--json", "--", "false", cwd=repository).stdout)
    assert "ran a command of its own" in refused(command["job_id"])
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    job = instance.run("submit", cwd=other).stdout.strip()
    assert instance.run("wait", job, cwd=other).returncode == 1
    assert "is of project other-" in refused(job)
    both = instance.run("test", "--failed", "--affected", cwd=repository)
    assert both.returncode == 2


def test_a_job_whose_tests_are_gone(instance: Any, repository: Path) -> None:
    job = verdict_of(instance.run("test", "--json", cwd=repository), 1)["job_id"]
    for folder in (instance.state_dir / "runs").iterdir():
        shutil.rmtree(folder)
    done = instance.run("test", "--failed", job, cwd=repository)
    assert done.returncode == 2
    assert "no longer kept" in done.stderr


def test_thousands_that_failed(instance: Any, repository: Path) -> None:
    (repository / "test_shop.py").write_text(
        "import pytest\n\n\n@pytest.mark.parametrize('number', range(1200))\n"
        "def test_number(number):\n    assert number % 2\n"
    )
    verdict_of(instance.run("test", "--json", cwd=repository), 1)
    again = verdict_of(instance.run("test", "--json", "--failed", cwd=repository), 1)
    assert again["totals"]["total"] == again["totals"]["failed"] == 600


def test_arguments_and_a_selection_are_a_part(instance: Any, repository: Path) -> None:
    done = verdict_of(instance.run("test", "--json", "--", "-k", "price", cwd=repository), 0)
    assert done["partial"] == "arguments: -k price"
    words = ("test", "--json", "--select", "test_shop.py::test_price")
    assert verdict_of(instance.run(*words, cwd=repository), 0)["partial"] == "1 selected test"


def test_affected_by_what_changed_since_the_branch(instance: Any, repository: Path) -> None:
    (repository / "greenlane.toml").write_text(
        '[suite.default]\npreset = "mine"\n[preset.mine]\nextends = "pytest"\n'
        '[preset.mine.select]\naffected = ["{file}"]\n'
    )
    (repository / "test_old.py").write_text("def test_old():\n    pass\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "before")
    git(repository, "branch", "-M", "main")
    git(repository, "checkout", "-q", "-b", "feature")
    none = verdict_of(instance.run("test", "--json", "--affected", cwd=repository), 2)
    assert none["error"] == "nothing_to_run"
    assert "nothing differs from main" in none["message"]
    (repository / "test_new.py").write_text("def test_new():\n    pass\n")
    (repository / "test_old.py").unlink()
    one = verdict_of(instance.run("test", "--json", "--affected", cwd=repository), 0)
    assert one["totals"]["total"] == 1
    assert one["partial"].startswith("tests affected by 2 changed files since main (")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "new")
    against = verdict_of(instance.run("test", "--json", "--affected", "main", cwd=repository), 0)
    assert against["totals"]["total"] == 1
    (repository / "package.json").write_text("{}\n")
    whole = instance.run("test", "--affected", cwd=repository)
    assert "the whole suite runs" in whole.stderr
    assert "\nFAILED · 1 failed, 2 passed · " in whole.stdout
    unknown = instance.run("test", "--affected", "no-such-branch", cwd=repository)
    assert unknown.returncode == 2
    assert "'no-such-branch' is no commit" in unknown.stderr


def test_a_framework_that_cannot_tell_what_is_affected(instance: Any, repository: Path) -> None:
    git(repository, "branch", "-M", "main")
    (repository / "greenlane.toml").write_text('[suite.default]\npreset = "unittest"\n')
    done = instance.run("test", "--affected", cwd=repository)
    assert done.returncode == 2
    assert "cannot run the tests that a change reaches" in done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node: apt-get install nodejs")
def test_node_runs_again_what_failed(instance: Any, tmp_path: Path) -> None:
    root = tmp_path / "web"
    root.mkdir()
    (root / "package.json").write_text('{"scripts": {"test": "node --test"}}\n')
    (root / "web.test.js").write_text(
        "const test = require('node:test'); const assert = require('node:assert');\n"
        "test('adds', () => assert.equal(1 + 1, 2));\n"
        "test('subtracts', () => assert.equal(2 - 1, 2));\n"
    )
    (root / "greenlane.toml").write_text(
        '[suite.web]\npreset = "mine"\n[preset.mine]\nextends = "node-test"\n'
        '[preset.mine.select]\nfilter = ["--test-name-pattern", "{regex}"]\n'
    )
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "web")
    first = verdict_of(instance.run("test", "--json", cwd=root), 1)
    again = verdict_of(instance.run("test", "--json", "--failed", cwd=root), 1)
    assert again["totals"]["failed"] == 1
    assert again["totals"]["passed"] == 0
    assert again["failures"][0]["id"] == first["failures"][0]["id"]


def test_a_program_reads_the_causes_and_asks_for_one_test(instance: Any, repository: Path) -> None:
    done = instance.run("test", "-q", cwd=repository)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("FAILED · 1 failed, 1 passed · ran ")
    assert lines[1] == "1 × AssertionError: the wrong fruit"
    assert lines[2] == f"  {RED} (test_shop.py:6)"
    job = lines[0].rpartition(" ")[2]
    assert lines[-1] == f"again, only those: greenlane test --failed {job}"
    again = instance.run("results", job, "--format", "agent", cwd=repository)
    assert again.stdout == done.stdout
    one = instance.run("results", job, "--test", RED, cwd=repository)
    assert one.returncode == 0, one.stderr
    assert one.stdout.startswith("FAILED · ")
    assert "assert 'apples' == 'pears'" in one.stdout
    part = instance.run("results", job, "--test", "price", "--json", cwd=repository)
    assert json.loads(part.stdout)["outcome"] == "passed"
    many = instance.run("results", job, "--test", "test_", cwd=repository)
    assert many.returncode == 2
    assert f"\n  {RED}" in many.stderr
    assert instance.run("results", job, "--test", "nothing", cwd=repository).returncode == 2


def test_what_a_suite_keeps_from_run_to_run(instance: Any, repository: Path) -> None:
    (repository / "greenlane.toml").write_text(
        '[suite.kept]\npreset = "pytest"\nenv = { KEPT = "{cache}/runs" }\n'
    )
    (repository / "test_shop.py").write_text(
        "import os\n\n\ndef test_runs():\n    with open(os.environ['KEPT'], 'a+') as file:\n"
        "        file.write('x')\n        file.seek(0)\n        assert file.read() == 'xx'\n"
    )
    assert instance.run("test", "-q", cwd=repository).returncode == 1
    assert instance.run("test", "-q", cwd=repository).returncode == 0
