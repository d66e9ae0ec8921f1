"""Start a private server when none answers; of several clients that race, one starts it."""

from __future__ import annotations

import fcntl
import os
import sys
import time

from greenlane.client.unix import NobodyListensError
from greenlane.model.errors import ServerUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from greenlane.client.api import Client

DEADLINE_SECONDS = 20.0
STEP_SECONDS = 0.01
TAIL_BYTES = 2000


def connect(client: Client, *, state_dir: str, is_allowed: bool = True) -> None:
    """Connect, after starting a server where none listens and `is_allowed`.

    Raises:
        ServerUnavailableError: there is none, or it did not come up; the message has the end of
            what it logged.
    """
    try:
        client.connect()
    except NobodyListensError as error:
        if not is_allowed:
            raise NobodyListensError(
                error.message, hint="start one with `greenlane serve`, or leave out --no-autostart"
            ) from error
        os.makedirs(state_dir, mode=0o700, exist_ok=True)
        _Start(client, state_dir).run()


class _Start:
    """The wait of one client for a server that it, or another client, starts.

    Whoever holds the lock spawns. A client that waits takes the lock over when the holder is gone,
    so a starter that was killed does not leave the others waiting.
    """

    def __init__(self, client: Client, state_dir: str) -> None:
        self._client = client
        self._log_path = os.path.join(state_dir, "server.log")
        self._lock = os.open(
            os.path.join(state_dir, "autostart.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        self._pid = 0
        self._has_spawned = False
        self._log_start = 0

    def run(self) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        try:
            while not self._connects():
                if time.monotonic() > deadline:
                    raise self._failure(f"did not come up within {DEADLINE_SECONDS:g} s")
                if not self._has_spawned and self._locks():
                    self._spawn_unless_up()
                self._check_child()
                time.sleep(STEP_SECONDS)
        finally:
            os.close(self._lock)

    def _connects(self) -> bool:
        try:
            self._client.connect()
        except NobodyListensError:
            return False
        return True

    def _locks(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _spawn_unless_up(self) -> None:
        """Spawn; the last holder may have brought a server up between two looks."""
        self._has_spawned = True
        if self._connects():
            return
        self._log_start = _size(self._log_path)
        self._pid = _spawn(self._log_path)

    def _check_child(self) -> None:
        """Fail at once when the server that this client started has failed.

        One that exits with 0 found another server at work, and that one will answer.
        """
        if not self._pid:
            return
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid:
            return
        self._pid = 0
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            raise self._failure(f"ended with status {code} while starting")

    def _failure(self, what: str) -> ServerUnavailableError:
        tail = _read_tail(self._log_path, self._log_start)
        said = f"; it logged:\n{tail}" if tail else ""
        return ServerUnavailableError(
            f"the server {what}{said}",
            hint=f"`greenlane serve` shows it in the foreground; its log is {self._log_path}",
        )


def _spawn(log_path: str) -> int:
    """Start a server in a session of its own, so that Ctrl-C here does not reach it.

    `-P` keeps the caller's folder off the module path: a `json.py` there would be imported.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "greenlane", "serve", "--auto"],
        environment,
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log_path, flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _read_tail(path: str, start: int) -> str:
    """Give the end of what was logged since `start`."""
    try:
        with open(path, "rb") as log:
            log.seek(max(start, _size(path) - TAIL_BYTES))
            return log.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
