"""What the server makes of runs that somebody else ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import Any

from tests.e2e.instance import Instance, is_alive, wait_until

WRITE_PID_THEN_WAIT = 'echo $PPID >>"$1/pids"; [ -e "$1/go" ] || exec sleep 600'


def start_run(instance: Instance, repository: Path, proofs: Path) -> str:
    words = ("run", "--no-wait", "--", "sh", "-c", WRITE_PID_THEN_WAIT, "sh", str(proofs))
    submitted = instance.run(*words, cwd=repository)
    assert submitted.returncode == 0, submitted.stderr
    wait_until(lambda: len(runners(proofs)) == 1, "the first run is there")
    return submitted.stdout.strip()


def runners(proofs: Path) -> list[int]:
    listed = proofs / "pids"
    return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


def has_runners(proofs: Path, count: int) -> bool:
    return len(runners(proofs)) == count


def finish(instance: Instance, job: str) -> Any:
    instance.run("wait", job, cwd=Path("/"))
    return json.loads(instance.run("status", "--json", job, cwd=Path("/")).stdout)


def test_a_killed_runner_gives_the_job_another_run(
    instance: Instance, repository: Path, tmp_path: Path
) -> None:
    for number, name in ((signal.SIGKILL, "kill"), (signal.SIGTERM, "shutdown")):
        proofs = tmp_path / name
        proofs.mkdir()
        job = start_run(instance, repository, proofs)
        (proofs / "go").touch()
        os.kill(runners(proofs)[0], number)
        ended = finish(instance, job)
        assert (ended["result"], ended["attempts"]) == ("passed", 2), ended
        assert len(runners(proofs)) == 2


def test_a_job_whose_runs_vanish_is_given_up_as_lost(
    instance: Instance, repository: Path, tmp_path: Path
) -> None:
    job = start_run(instance, repository, tmp_path)
    for attempt in (1, 2, 3):
        wait_until(partial(has_runners, tmp_path, attempt), "the next run is there")
        os.kill(runners(tmp_path)[-1], signal.SIGKILL)
    ended = finish(instance, job)
    assert (ended["status"], ended["result"], ended["attempts"]) == ("failed", "lost", 3)
    assert "3 times" in ended["because"]


def test_a_cancel_outlives_the_server(instance: Instance, repository: Path, tmp_path: Path) -> None:
    job = start_run(instance, repository, tmp_path)
    instance.run("cancel", job, cwd=repository)
    instance.stop_server(signal.SIGKILL)
    assert finish(instance, job)["result"] == "cancelled"


def test_a_deleted_state_folder_has_a_new_server(instance: Instance, repository: Path) -> None:
    """The old one goes by itself, and does not take the new one's socket along."""
    assert instance.run("run", "-q", "--", "true", cwd=repository).returncode == 0
    old = instance.server_pid
    assert old is not None
    os.kill(old, signal.SIGSTOP)
    shutil.rmtree(instance.state_dir)
    assert instance.run("run", "-q", "--", "true", cwd=repository).returncode == 0
    assert instance.server_pid not in {None, old}
    os.kill(old, signal.SIGCONT)
    wait_until(lambda: not is_alive(old), "the old server is gone")
    assert instance.socket.exists()
    assert instance.run("run", "-q", "--no-autostart", "--", "true", cwd=repository).returncode == 0
