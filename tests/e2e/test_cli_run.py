"""`greenlane run` against a real server: verdicts, streams, interruptions, restarts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VERDICT_KEYS = [
    "job_id", "project", "suite", "agent", "tree", "partial", "status", "result", "because",
    "totals", "failures", "queued_seconds", "run_seconds",
]  # fmt: skip


def test_the_log_and_the_verdict_come_on_stdout(instance: Any, repository: Path) -> None:
    done = instance.run("run", "--", "echo", "hello", cwd=repository)
    assert done.returncode == 0, done.stderr
    log, verdict = done.stdout.splitlines()
    assert log == "hello"
    assert verdict.startswith("PASSED")


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 1", 1), ("exit 9", 1)])
def test_the_exit_status_is_the_verdict(
    instance: Any, repository: Path, script: str, code: int
) -> None:
    assert instance.run("run", "-q", "--", "sh", "-c", script, cwd=repository).returncode == code


def test_json_is_one_object_with_stable_keys(instance: Any, repository: Path) -> None:
    done = instance.run("run", "--json", "--agent", "ada", "--", "echo", "noise", cwd=repository)
    verdict = json.loads(done.stdout)
    assert list(verdict) == VERDICT_KEYS
    assert (verdict["agent"], verdict["result"], verdict["status"]) == ("ada", "passed", "complete")
    assert done.stderr == ""


def test_the_agent_is_named_by_the_environment_or_the_folder(
    instance: Any, repository: Path
) -> None:
    words = ("run", "--json", "--", "true")
    named = instance.run(*words, cwd=repository, env={"GREENLANE_AGENT": "grace"})
    assert json.loads(named.stdout)["agent"] == "grace"
    assert json.loads(instance.run(*words, cwd=repository).stdout)["agent"] == "shop"


def test_the_command_runs_in_the_same_subfolder_of_the_snapshot(
    instance: Any, repository: Path
) -> None:
    folder = repository / "docs" / "deep"
    folder.mkdir(parents=True)
    (folder / "page.md").write_text("not committed")
    done = instance.run("run", "--", "sh", "-c", "pwd; cat page.md", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith("/docs/deep")
    assert not done.stdout.startswith(str(repository))
    assert "not committed" in done.stdout


def test_variables_reach_the_command_word_by_word(instance: Any, repository: Path) -> None:
    done = instance.run(
        "run", "--env", "WORD=a b;c", "--", "sh", "-c", 'echo "[$WORD][$1]"', "sh", "$(id)",
        cwd=repository,
    )  # fmt: skip
    assert "[a b;c][$(id)]" in done.stdout


def test_a_plain_folder_runs_in_place(instance: Any, tmp_path: Path) -> None:
    done = instance.run("run", "--", "pwd", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(tmp_path.resolve())


def test_a_repository_can_be_tested_where_it_is(instance: Any, repository: Path) -> None:
    done = instance.run("run", "--in-place", "--", "pwd", cwd=repository)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(repository.resolve())


def test_a_snapshot_travels_as_a_bundle_where_the_repository_is_out_of_reach(
    instance: Any, repository: Path
) -> None:
    program = """
import sys
from greenlane.cli.main import main
from greenlane.client.api import Client
resolve = Client.resolve
Client.resolve = lambda *a, **k: {**resolve(*a, **k), "repository": None}
sys.exit(main(["run", "--", "cat", "new.txt"]))
"""
    for text in ("first", "second"):  # the second bundle builds on what the first has brought
        (repository / "new.txt").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=repository,
            env=instance.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{text}\nPASSED")


def test_a_run_that_takes_too_long_is_exit_code_4(instance: Any, repository: Path) -> None:
    done = instance.run("run", "--json", "--timeout", "0.3", "--", "sleep", "60", cwd=repository)
    assert done.returncode == 4, done.stdout
    assert json.loads(done.stdout)["result"] == "timed_out"


def test_no_server_and_none_wanted_is_exit_code_69(instance: Any, repository: Path) -> None:
    done = instance.run("run", "--no-autostart", "--json", "--", "true", cwd=repository)
    assert done.returncode == 69
    assert json.loads(done.stdout)["error"] == "server_unavailable"
    assert "no server answers" in done.stderr
    assert "greenlane serve" in done.stderr
    assert instance.server_pid is None


def test_a_server_on_demand_does_not_hold_on_to_the_folder(instance: Any, repository: Path) -> None:
    assert instance.run("run", "--", "true", cwd=repository).returncode == 0
    assert Path(f"/proc/{instance.server_pid}/cwd").resolve() == instance.state_dir


def test_many_clients_at_once_start_one_server(instance: Any, repository: Path) -> None:
    words = ("run", "--json", "--", "true")
    clients = [instance.start(*words, cwd=repository) for _ in range(5)]
    answers = [client.communicate(timeout=60) for client in clients]
    assert [client.returncode for client in clients] == [0] * 5, answers
    assert len({json.loads(out)["job_id"] for out, _ in answers}) == 5
    log = (instance.state_dir / "server.log").read_text()
    assert log.count(": serving ") == 1, log


def test_ctrl_c_cancels_the_job(instance: Any, repository: Path) -> None:
    client = instance.start("run", "--", "sh", "-c", "echo started; sleep 60", cwd=repository)
    assert client.stdout.readline() == "started\n"
    client.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=30)
    assert client.returncode == 5, err
    assert "CANCELLED" in out
    assert "cancelling job" in err


@pytest.mark.parametrize(
    ("options", "number"), [((), signal.SIGTERM), (("--detach",), signal.SIGINT)]
)
def test_a_client_that_is_ended_leaves_the_job_and_says_so(
    instance: Any, repository: Path, tmp_path: Path, options: tuple[str, ...], number: int
) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    client = instance.start("run", *options, "--", "sh", "-c", f"echo on; cat {go}", cwd=repository)
    assert client.stdout.readline() == "on\n"
    client.send_signal(number)
    _, err = client.communicate(timeout=30)
    assert client.returncode == 75, err
    job = err.partition("job ")[2].split()[0]
    assert f"job {job} goes on" in err
    go.write_text("off\n")
    waited = instance.run("wait", job, cwd=repository)
    assert waited.returncode == 0, waited.stderr
    assert instance.run("logs", job, cwd=repository).stdout == "on\noff\n"


def test_a_server_that_is_killed_and_comes_back_loses_no_byte(
    instance: Any, repository: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    script = f"echo one; cat {go}; echo three"
    client = instance.start("run", "--", "sh", "-c", script, cwd=repository)
    assert client.stdout.readline() == "one\n"
    instance.stop_server(signal.SIGKILL)
    assert instance.run("status", cwd=repository).returncode == 0  # it starts the next server
    go.write_text("two\n")
    out, err = client.communicate(timeout=60)
    assert client.returncode == 0, err
    assert out.splitlines()[:2] == ["two", "three"]
    assert "trying to get back" in err


def test_a_closed_pipe_ends_quietly(instance: Any, repository: Path) -> None:
    job = instance.run("run", "--json", "--", "seq", "200000", cwd=repository)
    assert job.returncode == 0, job.stdout + job.stderr
    client = instance.start("logs", json.loads(job.stdout)["job_id"], cwd=repository)
    assert client.stdout.readline() == "1\n"
    client.stdout.close()
    client.wait(timeout=30)
    assert client.returncode == 141
    assert client.stderr.read() == ""
    client.stderr.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run",), "no command to run"),
        (("run", "--"), "no command to run"),
        (("run", "echo"), "what is 'echo'"),
        (("run", "--timeout", "soon", "--", "true"), "is not a time"),
        (("run", "--env", "A", "--", "true"), "NAME=VALUE"),
        (("run", "--priority", "urgent", "--", "true"), "invalid choice"),
    ],
)
def test_a_wrong_call_starts_nothing(
    instance: Any, repository: Path, words: tuple[str, ...], said: str
) -> None:
    assert_refused(instance.run(*words, cwd=repository), said)
    assert instance.server_pid is None


def test_what_the_server_does_not_know_is_refused_clearly(instance: Any, repository: Path) -> None:
    for words, said in (
        (("status", "../../etc/passwd"), "../../etc/passwd"),
        (("logs", "none;rm -rf"), "none;rm -rf"),
        (("cancel", "x" * 300), "xxx"),
        (("project", "remove", "no/such"), "no/such"),
        (("wait", "nothing"), "nothing"),
        (("results", "%2e%2e\x1b[2J"), "%2e%2e"),
    ):
        assert_refused(instance.run(*words, cwd=repository), said)


def assert_refused(done: subprocess.CompletedProcess[str], said: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("greenlane: ")
    assert said in done.stderr
    assert "hint: " in done.stderr
    assert "\x1b" not in done.stderr
    assert "Traceback" not in done.stderr
