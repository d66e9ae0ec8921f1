"""`greenlane test` against a real server, and the questions that can be asked about its job."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenlane.cli.reference import JSON_KEYS


def write_tree(root: Path, tmp_path: Path) -> str:
    """Ask git itself which tree these files are."""
    env = {"GIT_INDEX_FILE": str(tmp_path / "index-of-test"), "PATH": "/usr/bin:/bin"}
    subprocess.run(["git", "add", "-A"], cwd=root, env=env, check=True)
    done = subprocess.run(["git", "write-tree"], cwd=root, env=env, check=True, capture_output=True)
    return done.stdout.decode().strip()


def turn_green(root: Path) -> None:
    path = root / "test_shop.py"
    path.write_text(path.read_text().replace("'pears'", "'apples'"))


def test_red_is_told_with_test_place_and_message(instance: Any, repository: Path) -> None:
    done = instance.run("test", cwd=repository)
    assert done.returncode == 1, done.stdout + done.stderr
    log, _, summary = done.stdout.partition("FAILED · ")
    assert "test session starts" in log
    assert "1 failed, 1 passed" in summary
    assert "test_shop.py::test_stock" in summary
    assert "test_shop.py:6" in summary
    assert "the wrong fruit" in summary


def test_green_on_exactly_the_tree_that_was_submitted(
    instance: Any, repository: Path, tmp_path: Path
) -> None:
    turn_green(repository)
    (repository / "test_new.py").write_text("def test_new():\n    pass\n")
    tree = write_tree(repository, tmp_path)
    done = instance.run("test", "--json", cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout)
    assert tuple(verdict) == JSON_KEYS["test"][0]
    assert verdict["tree"] == tree
    assert verdict["totals"]["passed"] == 3
    assert verdict["failures"] == []
    assert verdict["suite"] == "default"


def test_an_edit_after_submitting_does_not_count(instance: Any, repository: Path) -> None:
    job = instance.run("submit", cwd=repository).stdout.strip()
    turn_green(repository)
    done = instance.run("wait", "--json", job, cwd=repository)
    assert done.returncode == 1
    assert json.loads(done.stdout)["totals"]["failed"] == 1


def test_quiet_is_the_summary_alone(instance: Any, repository: Path) -> None:
    turn_green(repository)
    done = instance.run("test", "-q", cwd=repository)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASSED · 2 passed")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_arguments_and_selections_reach_the_framework(instance: Any, repository: Path) -> None:
    chosen = instance.run("test", "--json", "--", "-k", "price", cwd=repository)
    assert chosen.returncode == 0, chosen.stdout
    assert json.loads(chosen.stdout)["totals"]["passed"] == 1
    words = ("test", "--json", "--select", "test_shop.py::test_price")
    selected = instance.run(*words, cwd=repository)
    assert selected.returncode == 0, selected.stdout
    assert json.loads(selected.stdout)["totals"]["total"] == 1


def test_nothing_to_run_is_not_green(instance: Any, repository: Path) -> None:
    done = instance.run("test", "--json", "--", "-k", "nothing_of_that_name", cwd=repository)
    assert done.returncode == 3
    assert json.loads(done.stdout)["result"] == "no_tests"


def test_a_framework_can_be_named_where_there_are_no_settings(
    instance: Any, repository: Path
) -> None:
    (repository / "greenlane.toml").unlink()
    turn_green(repository)
    done = instance.run("test", "-q", "--framework", "pytest", cwd=repository)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "words", [("--suite", "no-such-suite"), ("--framework", "no-such-preset"), ("--agent", "a\nb")]
)
def test_what_does_not_exist_is_exit_code_2(
    instance: Any, repository: Path, words: tuple[str, ...]
) -> None:
    done = instance.run("test", *words, cwd=repository)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("greenlane: ")
    assert "Traceback" not in done.stderr


def test_a_tree_that_cannot_be_captured_is_exit_code_2(instance: Any, repository: Path) -> None:
    nested = repository / "vendor" / "lib"
    nested.mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=nested, check=True)
    done = instance.run("test", "--json", cwd=repository)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "snapshot_failed"
    assert "vendor/lib" in done.stderr


def test_a_queue_is_explained_in_a_pipe(
    instance: Any, repository: Path, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    first = instance.start(
        "run", "--", "sh", "-c", f"touch {tmp_path}/on; sleep 60", cwd=repository
    )
    eventually((tmp_path / "on").exists, "the first job runs")
    second = instance.start("run", "--agent", "bob", "--", "echo", "second", cwd=repository)

    def waits() -> bool:
        queue = json.loads(instance.run("queue", "--json", cwd=repository).stdout)
        return [job["agent"] for job in queue["queued"]] == ["bob"]

    eventually(waits, "the second job waits")
    listed = instance.run("queue", cwd=repository).stdout
    assert listed.startswith("1 running, 1 queued")
    assert second.stderr.readline().startswith("greenlane: job ")
    assert second.stderr.readline().startswith("greenlane: queued · ")
    running = json.loads(instance.run("queue", "--json", cwd=repository).stdout)["running"]
    cancelled = instance.run("cancel", "--json", running[0]["job_id"], cwd=repository)
    assert json.loads(cancelled.stdout)["was_running"] is True
    assert first.wait(30) == 5
    out, err = second.communicate(timeout=30)
    assert second.returncode == 0, err
    assert out.startswith("second\n")
    first.communicate()


def test_every_question_answers_with_the_documented_keys(instance: Any, repository: Path) -> None:
    def ask(*words: str) -> Any:
        done = instance.run(*words, "--json", cwd=repository)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") == 1
        return json.loads(done.stdout)

    def keys(command: str) -> set[str]:
        return set(JSON_KEYS[command][0])

    submitted = ask("submit")
    job = submitted["job_id"]
    assert set(submitted) == keys("submit")
    assert instance.run("wait", job, cwd=repository).returncode == 1
    assert set(ask("status", job)) == keys("status")
    assert [set(one) for one in ask("status")["jobs"]] == [keys("status")]
    assert set(ask("results", job)) == keys("results")
    assert set(ask("cancel", job)) == keys("cancel")
    assert set(ask("queue")) == keys("queue")
    assert [set(one) for one in ask("project", "list")["projects"]] == [keys("project add")]
    assert set(ask("project", "add", "--name", "shop")) == keys("project add")
    assert set(ask("doctor")) == keys("doctor")
    assert set(ask("version")) == keys("version")


def test_results_in_full_and_as_reports(instance: Any, repository: Path) -> None:
    job = json.loads(instance.run("test", "--json", cwd=repository).stdout)["job_id"]
    text = instance.run("results", job, cwd=repository).stdout
    assert "test_shop.py::test_stock" in text
    assert "the wrong fruit" in text
    whole = json.loads(instance.run("results", job, "--format", "json", cwd=repository).stdout)
    assert len(whole["tests"]) == 2
    junit = instance.run("results", job, "--format", "junit", cwd=repository).stdout
    assert "<testsuite" in junit
    log = instance.run("logs", job, cwd=repository).stdout
    assert log == instance.run("logs", "-f", job, cwd=repository).stdout
    assert "test session starts" in log


def test_wait_gives_up_when_told_to(instance: Any, repository: Path) -> None:
    job = instance.run("run", "--no-wait", "--", "sleep", "60", cwd=repository).stdout.strip()
    done = instance.run("wait", "--timeout", "0.2", "--json", job, cwd=repository)
    assert done.returncode == 75
    assert json.loads(done.stdout)["job_id"] == job
    assert instance.run("cancel", job, cwd=repository).returncode == 0
    assert instance.run("wait", job, cwd=repository).returncode == 5


def test_results_of_a_job_that_runs_are_refused(instance: Any, repository: Path) -> None:
    job = instance.run("run", "--no-wait", "--", "sleep", "60", cwd=repository).stdout.strip()
    done = instance.run("results", job, cwd=repository)
    assert done.returncode == 2
    assert "no results yet" in done.stderr
    instance.run("cancel", job, cwd=repository)
