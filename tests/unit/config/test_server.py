from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from greenlane.config.locations import Locations
from greenlane.config.server import ServerSettings, load_server
from greenlane.model.errors import SettingsError


@pytest.mark.parametrize(
    ("env", "state", "socket", "config"),
    [
        (
            {},
            "/h/.local/state/greenlane",
            "/h/.local/state/greenlane/greenlane.sock",
            "/h/.config/greenlane/server.toml",
        ),
        (
            {"XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r/", "XDG_CONFIG_HOME": "/c"},
            "/s/greenlane",
            "/r/greenlane/greenlane.sock",
            "/c/greenlane/server.toml",
        ),
        (
            {"XDG_STATE_HOME": "relative", "XDG_RUNTIME_DIR": "", "GREENLANE_SOCKET": ""},
            "/h/.local/state/greenlane",
            "/h/.local/state/greenlane/greenlane.sock",
            "/h/.config/greenlane/server.toml",
        ),
        (
            {"GREENLANE_STATE_DIR": "/p/x/../y", "XDG_RUNTIME_DIR": "/r"},
            "/p/y",
            "/p/y/greenlane.sock",
            "/h/.config/greenlane/server.toml",
        ),
        (
            {"GREENLANE_STATE_DIR": "~/p", "GREENLANE_SOCKET": "/t/s", "GREENLANE_CONFIG": "~/c"},
            "/h/p",
            "/t/s",
            "/h/c",
        ),
    ],
)
def test_where_an_instance_lives(env: dict[str, str], state: str, socket: str, config: str) -> None:
    found = Locations.from_environment({"HOME": "/h", **env})
    assert (found.state_dir, found.socket, found.config) == (state, socket, config)


def test_the_places_of_an_instance() -> None:
    found = Locations(state_dir="/s", socket="/k", config="/c")
    assert found.database == "/s/greenlane.db"
    assert found.server_lock == "/s/server.lock"
    assert found.server_log == "/s/server.log"
    assert found.repository("p-1") == "/s/repositories/p-1.git"
    assert found.slot("p-1", 0) == "/s/slots/p-1/0"
    assert found.run("r-1") == "/s/runs/r-1"


def test_the_places_are_found_without_heavy_imports() -> None:
    program = (
        "import sys; before = set(sys.modules); import greenlane.config.locations;"
        "print(*(set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    names = done.stdout.split()
    assert {"pathlib", "dataclasses", "msgspec", "tomllib", "re"}.isdisjoint(names)


def test_a_missing_server_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_server(str(tmp_path / "none.toml")) == ServerSettings()


@pytest.mark.parametrize(("cpus", "runs"), [(1, 2), (8, 8)])
def test_as_many_runs_as_cpus_and_two_at_least(cpus: int, runs: int) -> None:
    assert ServerSettings().parallel_runs(cpus) == runs
    assert ServerSettings(max_parallel_runs=5).parallel_runs(cpus) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_queud = 1", "unknown key `max_queud`"),
        ("max_queued = 0", "`max_queued`: expected a whole number >= 1"),
        ("retention_days = 'x'", "`retention_days`: expected a number, got text"),
    ],
)
def test_a_slip_in_the_server_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "server.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_server(str(file))
    assert caught.value.message.startswith(str(file))
    assert said in caught.value.message


def test_a_server_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_server(str(tmp_path))
