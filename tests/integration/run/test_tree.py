"""Nothing that a command starts outlives its run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from greenlane.model.job import RunId
from greenlane.model.run import RunEnd, RunResult

from .conftest import HOSTILE, Site, wait_until

NAMES = ("daemon", "hopper", "scrubbed")
SECONDS = "25"


class Hostile:
    """A run of the hostile command, and the signs of life of its processes."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.prefix = site.folder / "beat"

    def start(self, mode: str, timeout_seconds: float = 60.0) -> RunId:
        argv = ["python3", str(HOSTILE), str(self.prefix), SECONDS, mode]
        run_id = self.site.start(*argv, timeout_seconds=timeout_seconds)
        wait_until(lambda: "all up" in self._log(run_id))
        return run_id

    def _log(self, run_id: RunId) -> str:
        path = self.site.runs_dir / run_id / "log"
        return path.read_text() if path.exists() else ""

    def beats(self) -> list[int]:
        return [Path(f"{self.prefix}.{name}").stat().st_mtime_ns for name in NAMES]

    def assert_alive(self) -> None:
        before = self.beats()
        wait_until(lambda: all(a < b for a, b in zip(before, self.beats(), strict=True)))

    def assert_dead(self) -> None:
        before = self.beats()
        until = time.monotonic() + 0.4  # eight beats: what lived would have shown it
        while time.monotonic() < until:
            assert self.beats() == before
            time.sleep(0.02)


@pytest.fixture
def hostile(site: Site) -> Hostile:
    return Hostile(site)


def ended(hostile: Hostile, run_id: RunId) -> RunResult:
    result = hostile.site.wait(run_id)
    hostile.assert_dead()
    assert result is not None
    return result


def test_leaders_end_is_the_end_of_all(hostile: Hostile) -> None:
    result = ended(hostile, hostile.start("exit"))
    assert (result.end, result.exit_code) == (RunEnd.EXITED, 0)
    assert result.strays_killed >= len(NAMES)


def test_time_out_kills_what_ignores_signals(hostile: Hostile) -> None:
    result = ended(hostile, hostile.start("stay", timeout_seconds=1.5))
    assert (result.end, result.exit_code) == (RunEnd.TIMED_OUT, -signal.SIGKILL)


def test_cancel_kills_what_ignores_signals(hostile: Hostile) -> None:
    run_id = hostile.start("stay")
    hostile.assert_alive()
    assert hostile.site.place.stop(run_id)
    assert ended(hostile, run_id).end is RunEnd.CANCELLED


def test_killed_runner_leaves_nothing(hostile: Hostile) -> None:
    run_id = hostile.start("stay")
    os.kill(hostile.site.runner_pid(run_id), signal.SIGKILL)
    assert hostile.site.wait(run_id) is None
    hostile.assert_dead()


def test_daemon_that_holds_the_output_does_not_delay_the_end(site: Site) -> None:
    started = time.monotonic()
    result = site.run("sh", "-c", "setsid sleep 30 & echo done")
    assert time.monotonic() - started < 10
    assert result.strays_killed == 1
    assert site.log() == "done\n"


def test_every_stray_is_counted(site: Site) -> None:
    result = site.run("sh", "-c", "for i in 1 2 3 4 5 6 7 8; do setsid sleep 30 & done")
    assert result.strays_killed == 8


def test_stopped_processes_are_ended_too(site: Site) -> None:
    result = site.run("sh", "-c", "kill -STOP $$", timeout_seconds=0.4)
    assert result.end is RunEnd.TIMED_OUT


def test_other_runs_are_left_alone(site: Site) -> None:
    other = site.start("sleep", "30")
    victim = site.start("sleep", "30")
    os.kill(site.runner_pid(victim), signal.SIGKILL)
    assert site.wait(victim) is None
    assert site.place.stop(other)
    result = site.wait(other)
    assert result is not None
    assert result.end is RunEnd.CANCELLED
