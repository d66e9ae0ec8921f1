"""What a person sees: the command line on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.instance import PROGRAM, Instance

DEADLINE_SECONDS = 30.0


class Terminal:
    """A command whose three streams are one terminal."""

    def __init__(self, instance: Instance, *words: str, cwd: Path, **env: str) -> None:
        self.shown = ""
        self._ours, theirs = pty.openpty()
        environment = {**instance.env, "TERM": "xterm", "COLUMNS": "120", **env}
        self.process = subprocess.Popen(
            [*PROGRAM, *words],
            cwd=cwd,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def wait_for(self, text: str) -> None:
        """Read until a text was shown."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while text not in self.shown:
            if time.monotonic() > deadline or not self._read(deadline):
                pytest.fail(f"never shown: {text!r}; but: {self.shown!r}")

    def finish(self) -> int:
        """Read to the end and give the exit code."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self._read(deadline):
            pass
        os.close(self._ours)
        return self.process.wait(DEADLINE_SECONDS)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            data = os.read(self._ours, 65_536) if ready else b""
        except OSError:  # the other side is closed: EIO, pty(7)
            data = b""
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


@pytest.fixture
def terminal(instance: Instance) -> Callable[..., Terminal]:
    def start(*words: str, cwd: Path, **env: str) -> Terminal:
        return Terminal(instance, *words, cwd=cwd, **env)

    return start


def test_colours_of_the_tests_pass_and_are_reset(
    terminal: Callable[..., Terminal], repository: Path
) -> None:
    it = terminal("run", "--", "printf", "\x1b[35mviolet", cwd=repository)
    assert it.finish() == 0
    _, _, rest = it.shown.partition("\x1b[35mviolet")
    assert rest.startswith("\x1b[0m\r\n\x1b[32mPASSED")


def test_no_colour_where_none_is_wanted(
    terminal: Callable[..., Terminal], repository: Path
) -> None:
    it = terminal("run", "-q", "--", "true", cwd=repository, NO_COLOR="1")
    assert it.finish() == 0
    assert it.shown.startswith("PASSED")
    assert "\x1b" not in it.shown


def test_a_waiting_job_has_one_live_line(
    instance: Instance, terminal: Callable[..., Terminal], repository: Path
) -> None:
    first = instance.start("run", "--", "sh", "-c", "echo on; sleep 60", cwd=repository)
    assert first.stdout is not None
    assert first.stdout.readline() == "on\n"
    second = terminal("run", "--", "echo", "my turn", cwd=repository)
    second.wait_for("\r\x1b[2Kqueued · ")
    first.send_signal(signal.SIGINT)
    assert first.wait(DEADLINE_SECONDS) == 5
    first.communicate()
    assert second.finish() == 0
    before, _, after = second.shown.partition("my turn")
    assert before.endswith("\r\x1b[2K")
    assert "queued" not in after


def test_the_queue_is_live_until_ctrl_c(
    instance: Instance, terminal: Callable[..., Terminal], repository: Path
) -> None:
    it = terminal("queue", cwd=repository)
    it.wait_for("0 running, 0 queued")
    job = instance.run("run", "--no-wait", "--", "sleep", "60", cwd=repository).stdout.strip()
    it.wait_for(job)
    it.process.send_signal(signal.SIGINT)
    assert it.finish() == 0
    assert "Traceback" not in it.shown
    assert instance.run("cancel", job, cwd=repository).returncode == 0
