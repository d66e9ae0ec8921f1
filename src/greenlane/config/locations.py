"""Where an instance keeps its things, from the environment alone.

The client's fast path imports this: nothing but `os`, and no path objects.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

STATE_VARIABLE = "GREENLANE_STATE_DIR"
SOCKET_VARIABLE = "GREENLANE_SOCKET"
CONFIG_VARIABLE = "GREENLANE_CONFIG"
SOCKET_NAME = "greenlane.sock"


class Locations:
    """The paths of one instance: absolute text. Nothing is made or looked at."""

    __slots__ = ("config", "socket", "state_dir")

    def __init__(self, *, state_dir: str, socket: str, config: str) -> None:
        self.state_dir = state_dir
        self.socket = socket
        self.config = config

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Locations:
        """Find the instance that the variables GREENLANE_* and XDG_* lead to.

        A state folder of one's own has its socket inside, unless that is named too. Empty
        variables count as unset, and so do relative XDG_* ones (XDG Base Directory, 0.8).
        """
        home = env.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
        private = _absolute(env.get(STATE_VARIABLE, ""), home)
        state = private or (_xdg(env, "XDG_STATE_HOME") or f"{home}/.local/state") + "/greenlane"
        runtime = "" if private else _xdg(env, "XDG_RUNTIME_DIR")
        beside = f"{runtime}/greenlane" if runtime else state
        settings = (_xdg(env, "XDG_CONFIG_HOME") or f"{home}/.config") + "/greenlane"
        return cls(
            state_dir=state,
            socket=_absolute(env.get(SOCKET_VARIABLE, ""), home) or f"{beside}/{SOCKET_NAME}",
            config=_absolute(env.get(CONFIG_VARIABLE, ""), home) or f"{settings}/server.toml",
        )

    @property
    def database(self) -> str:
        """Give the SQLite file."""
        return f"{self.state_dir}/greenlane.db"

    @property
    def presets(self) -> str:
        """Give the folder of the user's own presets, beside the server's settings."""
        return os.path.dirname(self.config) + "/presets"  # noqa: PTH120

    @property
    def server_lock(self) -> str:
        """Give the file that the one server of the instance holds locked."""
        return f"{self.state_dir}/server.lock"

    @property
    def server_log(self) -> str:
        """Give the log of a server that was started on demand."""
        return f"{self.state_dir}/server.log"

    @property
    def repositories(self) -> str:
        """Give the folder of the bare repositories, one for each project."""
        return f"{self.state_dir}/repositories"

    @property
    def slots(self) -> str:
        """Give the folder of the warm checkouts."""
        return f"{self.state_dir}/slots"

    @property
    def runs(self) -> str:
        """Give the folder of the run folders."""
        return f"{self.state_dir}/runs"

    def repository(self, project: str) -> str:
        """Give a project's bare repository."""
        return f"{self.repositories}/{project}.git"

    def slot(self, project: str, number: int) -> str:
        """Give a project's slot of that number."""
        return f"{self.slots}/{project}/{number}"

    def cache(self, project: str, suite: str) -> str:
        """Give the folder that a suite finds again in its next run."""
        return f"{self.state_dir}/caches/{project}/{suite}"

    def run(self, run_id: str) -> str:
        """Give the folder of a run."""
        return f"{self.runs}/{run_id}"


def _absolute(path: str, home: str) -> str:
    if not path:
        return ""
    if path == "~" or path.startswith("~/"):
        path = home + path[1:]
    return os.path.abspath(path)  # noqa: PTH100


def _xdg(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    return value.rstrip("/") if value.startswith("/") else ""
