"""Kill the server with SIGKILL at random moments, over and over, and count what became of the jobs.

The runs themselves prove that no lane ever had two: each takes a lock of its lane without waiting,
and writes down when it cannot.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from greenlane.client.api import Client
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError
from tests.e2e.instance import PROGRAM, Instance, wait_until

KILLS = int(os.environ.get("GREENLANE_TEST_KILLS", "200"))
SHARES = 2  # the kills are shared between so many tests, which run side by side
LANES = 3
AHEAD = 4  # jobs that wait or run while the killing goes on

SCRIPT = """\
exec 9>>"$1/$2.lock"
flock -n 9 || echo "$3" >>"$1/overlaps"
echo "start $3" >>"$1/$2.log"
sleep "$4"
echo "end $3" >>"$1/$2.log"
"""


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_lost_when_the_server_is_killed(
    share: int, instance: Instance, tmp_path: Path
) -> None:
    chance = random.Random(share)
    proofs = tmp_path / "proofs"
    proofs.mkdir()
    folders = [make_repository(tmp_path / f"lane{number}") for number in range(LANES)]
    killer = Killer(instance, chance, kills=-(-KILLS // SHARES))
    killer.start()
    submitted: list[str] = []
    while killer.is_alive():
        if len(submitted) - count_ends(proofs) < AHEAD * LANES:
            lane = chance.randrange(LANES)
            length = chance.choice([0, 0.01, 0.05, 0.2])
            submitted.append(submit(instance, folders[lane], proofs, lane, len(submitted), length))
        else:
            time.sleep(0.01)
    killer.join()
    assert killer.error is None
    assert killer.last_server is not None
    settle(instance, submitted)
    end(killer.last_server)

    starts, ends = read_proofs(proofs)
    wanted = Counter(str(number) for number in range(len(submitted)))
    assert not (proofs / "overlaps").exists(), "two runs were in one lane"
    assert ends == wanted, "a job's command did not run to its end exactly once"
    assert starts == wanted
    assert len(submitted) > KILLS // SHARES, "there was nothing to kill"
    check_store(instance, submitted)
    print(f"{killer.done} kills, {len(submitted)} jobs, each ended once, no overlap")


class Killer(threading.Thread):
    """Starts the server, kills it at a random moment, starts it again; leaves the last alone."""

    def __init__(self, instance: Instance, chance: random.Random, kills: int) -> None:
        super().__init__(daemon=True)
        self._instance = instance
        self._chance = chance
        self._kills = kills
        self.done = 0
        self.error: BaseException | None = None
        self.last_server: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        try:
            while self.done < self._kills:
                self._serve_for_a_while()
            self.last_server = start_server(self._instance)
        except BaseException as error:
            self.error = error
            raise

    def _serve_for_a_while(self) -> None:
        server = start_server(self._instance)
        if self._chance.random() > 0.1:  # else it is killed while it starts
            wait_until(lambda: answers(self._instance), "the server answers")
        time.sleep(self._chance.uniform(0, 0.5))
        children = forkservers_of(server.pid) if self._chance.random() < 0.3 else []
        server.send_signal(signal.SIGKILL)
        for child in children:
            os.kill(child, signal.SIGKILL)
        server.wait()
        self.done += 1


def start_server(instance: Instance) -> subprocess.Popen[bytes]:
    with (instance.state_dir.parent / "killed-server.log").open("ab") as log:
        return subprocess.Popen(
            [*PROGRAM, "serve"], env=instance.env, stdout=log, stderr=log, start_new_session=True
        )


def answers(instance: Instance) -> bool:
    try:
        with Client(str(instance.socket)) as client:
            client.health()
    except (ServerUnavailableError, ConnectionLostError):
        return False
    return True


def forkservers_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def make_repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "file").write_text("one\n")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    return folder


def submit(
    instance: Instance, folder: Path, proofs: Path, lane: int, number: int, length: float
) -> str:
    """Hand a job in, again and again with the same key until a server has taken it."""
    command = ["sh", "-c", SCRIPT, "sh", str(proofs), str(lane), str(number), str(length)]

    def ask() -> str:
        with Client(str(instance.socket)) as client:
            body = {"project_path": str(folder), "command": command}
            return client.submit(body, key=f"job-{number}")["job_id"]  # type: ignore[arg-type]

    return insist(ask)


def insist(ask: Callable[[], str]) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (ServerUnavailableError, ConnectionLostError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def settle(instance: Instance, submitted: list[str]) -> None:
    """Let the last server bring every job to its end."""
    wait_until(lambda: answers(instance), "the last server answers")
    for job in submitted:
        status = ""
        while status in ("", "queued", "running"):
            with Client(str(instance.socket)) as client:
                answer = client.status(job, wait_seconds=20)
                status = answer["status"]
        assert answer["result"] == "passed", answer


def end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(20)


def count_ends(proofs: Path) -> int:
    return sum(path.read_text().count("end ") for path in proofs.glob("*.log"))


def read_proofs(proofs: Path) -> tuple[Counter[str], Counter[str]]:
    counts: dict[str, Counter[str]] = {"start": Counter(), "end": Counter()}
    for path in proofs.glob("*.log"):
        lines = path.read_text().splitlines()
        for line in lines:
            word, number = line.split()
            counts[word][number] += 1
    return counts["start"], counts["end"]


def check_store(instance: Instance, submitted: list[str]) -> None:
    with sqlite3.connect(instance.state_dir / "greenlane.db") as store:
        ended = store.execute("SELECT id FROM jobs WHERE phase = 'ended' AND outcome = 'passed'")
        assert sorted(row[0] for row in ended) == sorted(submitted)
        assert store.execute("SELECT count(*) FROM runs WHERE ended_at IS NULL").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    store.close()
