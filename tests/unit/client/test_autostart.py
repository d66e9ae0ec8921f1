"""A server on demand, with programs of a few lines in the place of the server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from greenlane.client import autostart
from greenlane.client.api import Client
from greenlane.client.unix import NobodyListensError
from greenlane.model.errors import ServerUnavailableError

LISTEN = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind("s")
listener.listen()
print("serving")
listener.accept()
"""


@pytest.fixture
def spawned() -> list[int]:
    """The processes that were started in the place of a server."""
    return []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spawned: list[int]) -> Path:
    """Let a file `server.py` be what is started."""
    monkeypatch.chdir(tmp_path)

    def spawn(log_path: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [(os.POSIX_SPAWN_OPEN, 1, log_path, flags, 0o600)]
        words = [sys.executable, "server.py"]
        spawned.append(os.posix_spawn(sys.executable, words, os.environ, file_actions=actions))
        return spawned[-1]

    monkeypatch.setattr(autostart, "_spawn", spawn)
    return tmp_path / "server.py"


def connect(*, is_allowed: bool = True) -> None:
    with Client("s") as client:
        autostart.connect(client, state_dir="state", is_allowed=is_allowed)


def test_a_server_is_started_and_waited_for(server: Path, spawned: list[int]) -> None:
    server.write_text(LISTEN)
    connect()
    assert os.waitpid(spawned[0], 0)[1] == 0


def test_none_is_started_where_that_is_refused(server: Path, spawned: list[int]) -> None:
    with pytest.raises(NobodyListensError) as caught:
        connect(is_allowed=False)
    assert "--no-autostart" in caught.value.hint
    assert caught.value.exit_code == 69
    assert spawned == []


def test_a_server_that_fails_is_quoted(server: Path) -> None:
    os.mkdir("state")  # noqa: PTH102
    Path("state/server.log").write_text("from another day\n")
    server.write_text("import sys; print('no room on disk'); sys.exit(3)")
    with pytest.raises(ServerUnavailableError, match="no room on disk") as caught:
        connect()
    assert "status 3" in caught.value.message
    assert "another day" not in caught.value.message
    assert "state/server.log" in caught.value.hint


def test_a_server_that_never_comes_up_is_given_up(
    server: Path, monkeypatch: pytest.MonkeyPatch, spawned: list[int]
) -> None:
    monkeypatch.setattr(autostart, "DEADLINE_SECONDS", 0.3)
    server.write_text("pass")  # ends with 0, as one does that found another at work
    with pytest.raises(ServerUnavailableError, match="did not come up within"):
        connect()
    assert len(spawned) == 1


def test_the_state_folder_is_for_its_owner_alone(server: Path, spawned: list[int]) -> None:
    server.write_text(LISTEN)
    connect()
    os.waitpid(spawned[0], 0)
    assert Path("state").stat().st_mode & 0o077 == 0
