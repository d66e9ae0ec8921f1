"""The server's end of the fork server: start it, start runners through it, start it again."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import msgspec

import greenlane
from greenlane.place.base import PlaceError
from greenlane.system.processes import start_daemon

_ANSWER_SECONDS = 20.0
_ANSWER_BYTES = 4096
#: Isolated from the environment and without site packages: it needs the standard library alone.
_FLAGS = ("-I", "-S", "-X", "utf8")
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from greenlane.run.forkserver import main; main(3)"
)
_KEPT_ENVIRONMENT = frozenset(
    {
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "PYTHONPATH",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
    }
)


class ForkServerGoneError(PlaceError):
    """The fork server ended before it answered: whether the run was started is not known."""


class ForkClient:
    """A fork server, started when it is first needed."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def start_runner(self, run_dir: Path, lock_fd: int) -> None:
        """Start the runner of a folder; it takes over the lock that `lock_fd` holds.

        Raises:
            PlaceError: the runner was not started.
            ForkServerGoneError: it may or may not have been started; the lock tells.
        """
        with self._lock:
            connection = self._connect()
            try:
                request = msgspec.json.encode({"run_dir": str(run_dir)})
                socket.send_fds(connection, [request], [lock_fd])
                answer = connection.recv(_ANSWER_BYTES)
            except OSError as error:
                self._drop()
                raise ForkServerGoneError(f"the fork server went away: {error}") from error
            if not answer:
                self._drop()
                raise ForkServerGoneError("the fork server went away")
        told = msgspec.json.decode(answer, type=dict[str, int | str])
        if "error" in told:
            raise PlaceError(f"the runner in '{run_dir}' was not started: {told['error']}")

    def warm_up(self) -> None:
        """Start the fork server now, so that the first run does not wait for it."""
        with self._lock:
            self._connect()

    def close(self) -> None:
        """Let the fork server go; it ends when its last runner does."""
        with self._lock:
            self._drop()

    def _connect(self) -> socket.socket:
        if self._socket is not None:
            return self._socket
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_ANSWER_SECONDS)
        with theirs:
            root = str(Path(greenlane.__file__).parent.parent)
            argv = [sys.executable, *_FLAGS, "-c", _BOOT, root]
            env = {key: value for key, value in os.environ.items() if _is_kept(key)}
            start_daemon(argv, env=env, errors=self._errors, inherited_fd=theirs.fileno())
        self._socket = ours
        return ours

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _is_kept(name: str) -> bool:
    """Keep secrets of the server's environment away from runs, which may read ours in /proc."""
    return name in _KEPT_ENVIRONMENT or name.startswith("LC_")
