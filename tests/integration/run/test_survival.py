"""Server, fork server and runner are killed, one by one and together: no run is lost unnoticed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from greenlane.model.job import RunId
from greenlane.model.run import RunEnd, RunSpec
from greenlane.place.base import AdoptionState

from .conftest import Repository, Site, wait_until

SERVER = """
import sys, threading
from pathlib import Path
import msgspec
from greenlane.model.run import RunSpec
from greenlane.place.local import LocalPlace
place = LocalPlace(Path(sys.argv[1]), lambda run_id, result: print("end", run_id, flush=True))
for line in sys.stdin:
    place.start(msgspec.json.decode(line, type=RunSpec))
    print("started", flush=True)
"""


class Server:
    """A process that stands in for the server: it starts what it is told to."""

    def __init__(self, site: Site) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(site.runs_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, spec: RunSpec) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(msgspec.json.encode(spec).decode() + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "started\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    server = Server(site)
    yield server
    server.kill()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gate(site: Site) -> tuple[str, Path]:
    """Give a script that ends with code 5 when a file appears, and the file."""
    path = site.folder / "gate"
    return f"echo up; while [ ! -e {path} ]; do sleep 0.02; done; exit 5", path


def wait_until_up(site: Site, run_id: RunId) -> int:
    pid = site.runner_pid(run_id)
    wait_until(lambda: site.file("log", run_id).exists() and "up" in site.log(run_id))
    return pid


def test_run_outlives_its_server(site: Site, server: Server) -> None:
    script, opener = gate(site)
    spec = site.spec("sh", "-c", script)
    server.start(spec)
    runner = wait_until_up(site, spec.run_id)
    fork_server = parent_of(runner)
    server.kill()
    assert site.place.adopt(spec.run_id).state is AdoptionState.ALIVE
    opener.touch()
    result = site.wait(spec.run_id)
    assert result is not None
    assert result.exit_code == 5
    wait_until(lambda: not is_alive(fork_server))  # with its last runner


def test_result_waits_for_the_next_server(site: Site, server: Server) -> None:
    script, opener = gate(site)
    spec = site.spec("sh", "-c", script)
    server.start(spec)
    wait_until_up(site, spec.run_id)
    server.kill()
    opener.touch()
    adoption = wait_until(
        lambda: (found := site.place.adopt(spec.run_id)).state is AdoptionState.FINISHED and found
    )
    assert adoption.result.exit_code == 5


def test_run_outlives_its_fork_server(site: Site) -> None:
    script, opener = gate(site)
    run_id = site.start("sh", "-c", script)
    os.kill(parent_of(wait_until_up(site, run_id)), signal.SIGKILL)
    assert site.run("echo", "next").exit_code == 0  # through a new fork server
    assert site.place.adopt(run_id).state is AdoptionState.ALIVE
    opener.touch()
    result = site.wait(run_id)
    assert result is not None
    assert result.exit_code == 5


def test_run_outlives_both(site: Site, server: Server) -> None:
    script, opener = gate(site)
    spec = site.spec("sh", "-c", script)
    server.start(spec)
    fork_server = parent_of(wait_until_up(site, spec.run_id))
    server.process.send_signal(signal.SIGSTOP)  # it does not see the other die
    os.kill(fork_server, signal.SIGKILL)
    server.kill()
    assert site.place.adopt(spec.run_id).state is AdoptionState.ALIVE
    opener.touch()
    result = site.wait(spec.run_id)
    assert result is not None
    assert result.exit_code == 5


def test_all_three_killed_is_lost_and_leaves_nothing(
    site: Site, server: Server, repository: Repository
) -> None:
    script = """
cd /; setsid sleep 61 & echo $!
cd - >/dev/null; env -i setsid sleep 61 & echo $!
echo up; exec sleep 61
"""
    spec = site.spec("sh", "-c", script, checkout=repository.snapshot({"a": "1\n"}))
    bystander = subprocess.Popen(["sleep", "61"], cwd=repository.work)
    server.start(spec)
    runner = wait_until_up(site, spec.run_id)
    fork_server = parent_of(runner)
    strays = [int(pid) for pid in site.log(spec.run_id).split()[:2]]
    for pid in (fork_server, runner):
        os.kill(pid, signal.SIGSTOP)
    server.kill()
    for pid in (fork_server, runner):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(runner))
    assert all(is_alive(pid) for pid in strays)
    assert site.place.adopt(spec.run_id).state is AdoptionState.LOST
    wait_until(lambda: not any(is_alive(pid) for pid in strays))
    assert is_alive(bystander.pid)
    bystander.kill()
    bystander.wait()


def test_lock_is_held_until_the_strays_of_a_killed_runner_are_gone(site: Site) -> None:
    script = "for i in 1 2 3 4 5; do setsid sleep 62 & echo $!; done; echo up; exec sleep 62"
    run_id = site.start("sh", "-c", script)
    runner = wait_until_up(site, run_id)
    strays = [int(pid) for pid in site.log(run_id).split()[:5]]
    os.kill(runner, signal.SIGKILL)
    assert site.wait(run_id) is None
    assert not any(is_alive(pid) for pid in strays)


def test_runners_hold_their_own_lock_only(site: Site) -> None:
    runs = [site.start("sh", "-c", "echo up; exec sleep 60") for _ in range(3)]
    pids = [wait_until_up(site, run_id) for run_id in runs]
    for pid, run_id in zip(pids, runs, strict=True):
        folder = Path(f"/proc/{pid}/fd")
        opened = {str(path.readlink()) for path in folder.iterdir()}
        locks = {path for path in opened if path.endswith("/lock")}
        assert locks == {str(site.file("lock", run_id))}
        assert not any(path.startswith("socket:") for path in opened)
        site.place.stop(run_id)
        site.wait(run_id)


def test_start_twice_runs_once(site: Site) -> None:
    script, opener = gate(site)
    spec = site.spec("sh", "-c", script)
    site.place.start(spec)
    wait_until_up(site, spec.run_id)
    site.place.start(spec)
    opener.touch()
    site.wait(spec.run_id)
    assert site.log(spec.run_id) == "up\n"
    site.place.start(spec)  # it is over: told again, not run again
    wait_until(lambda: len(site.ends) == 2)
    assert site.log(spec.run_id) == "up\n"


def test_fork_server_that_dies_again_and_again(site: Site) -> None:
    dice = random.Random(20)
    run_ids = []
    for number in range(25):
        run_id = site.start("sh", "-c", "echo ran; sleep 0.05")
        run_ids.append(run_id)
        if number % 4 == 0:
            fork_server = parent_of(site.runner_pid(run_id))
            if fork_server != 1 and dice.random() < 0.8:
                os.kill(fork_server, signal.SIGKILL)
    for run_id in run_ids:
        result = site.wait(run_id)
        assert result is not None
        assert (result.end, result.exit_code) == (RunEnd.EXITED, 0)
        assert site.log(run_id) == "ran\n"
    assert len(site.ends) == len(run_ids)


def test_sigterm_without_a_request_says_so(site: Site) -> None:
    run_id = site.start("sh", "-c", "echo up; exec sleep 60")
    os.kill(wait_until_up(site, run_id), signal.SIGTERM)
    result = site.wait(run_id)
    assert result is not None
    assert result.end is RunEnd.CANCELLED
    assert "by SIGTERM, without a request" in result.because


def test_cancel_before_the_command_runs(site: Site) -> None:
    spec = site.spec("sh", "-c", "echo never")
    Path(spec.run_dir).mkdir(parents=True)
    Path(spec.run_dir, "cancel").touch()
    site.place.start(spec)
    result = site.wait(spec.run_id)
    assert result is not None
    assert result.end is RunEnd.CANCELLED
    assert site.log(spec.run_id) == ""


def test_cancelled_at_any_moment(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot({"a": "1\n"})
    dice = random.Random(2)
    for _ in range(12):
        run_id = site.start("sleep", "60", checkout=checkout)
        wait_until(lambda: dice.random() < 0.2)
        assert site.place.stop(run_id)
        result = site.wait(run_id, 15)
        assert result is not None
        assert result.end is RunEnd.CANCELLED


@pytest.mark.parametrize("with_fork_server", [False, True])
def test_slot_of_a_runner_that_was_killed_at_any_moment(
    site: Site, repository: Repository, *, with_fork_server: bool
) -> None:
    files = {f"folder{number}/file{number}": "1\n" for number in range(300)}
    first = repository.snapshot(files)
    second = repository.snapshot(dict.fromkeys(files, "2\n"))
    dice = random.Random(7)
    for number in range(10):
        checkout = (first, second)[number % 2]
        run_id = site.start("sleep", "60", checkout=checkout)
        runner = site.runner_pid(run_id)
        time.sleep(dice.random() * 0.1)  # any moment will do
        if with_fork_server and (fork_server := parent_of(runner)) != 1:
            os.kill(fork_server, signal.SIGKILL)
        os.kill(runner, signal.SIGKILL)
        assert site.wait(run_id) is None
        if number % 3 == 2:
            assert site.run("true", checkout=checkout).exit_code == 0
            assert repository.tree_of_slot() == checkout.tree
            assert repository.status_of_slot() == ""


def test_cancelled_run_of_the_last_server(site: Site, server: Server) -> None:
    spec = site.spec("sh", "-c", "echo up; exec sleep 60")
    server.start(spec)
    wait_until_up(site, spec.run_id)
    server.kill()
    assert site.place.stop(spec.run_id)
    site.place.adopt(spec.run_id)
    adoption = wait_until(
        lambda: (found := site.place.adopt(spec.run_id)).state is AdoptionState.FINISHED and found
    )
    assert adoption.result.end is RunEnd.CANCELLED
