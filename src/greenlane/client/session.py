"""A client that outlives its server: what is asked is asked again until a server is back."""

from __future__ import annotations

import time

from greenlane.client import autostart
from greenlane.client.api import Client
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeVar

    from greenlane.client import answers

    T = TypeVar("T")

PATIENCE_SECONDS = 30.0
GRACE_SECONDS = 3.0  # a server that is being restarted comes back by itself within this
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5

BROKEN = (ConnectionLostError, ServerUnavailableError)


class Session:
    """A connected client, and the patience to wait for a server that went away."""

    def __init__(
        self, socket_path: str, state_dir: str, *, may_start: bool, tell: Callable[[str], None]
    ) -> None:
        self.client = Client(socket_path)
        self._state_dir = state_dir
        self._may_start = may_start
        self._tell = tell

    def __enter__(self) -> Self:
        self._connect(may_start=self._may_start)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def insist(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer; `ask` must be safe to send twice.

        Raises:
            ConnectionLostError: no server came back within 30 s.
        """
        try:
            return ask()
        except BROKEN as error:
            self._tell(f"{error.message}; trying to get back to a server")
        began = time.monotonic()
        pause = FIRST_PAUSE_SECONDS
        while True:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            waited = time.monotonic() - began
            try:
                self.client.close()
                self._connect(may_start=self._may_start and waited > GRACE_SECONDS)
                answer = ask()
            except BROKEN as error:
                if waited > PATIENCE_SECONDS:
                    raise ConnectionLostError(
                        f"no server came back within {PATIENCE_SECONDS:g} s: {error.message}"
                    ) from error
            else:
                self._tell("the server is back")
                return answer

    def look(self, job_id: str, *, wait_seconds: float = 0, since: str = "") -> answers.Status:
        """Say where a job is, as `Client.status` does, whatever happens to the server."""
        return self.insist(
            lambda: self.client.status(job_id, wait_seconds=wait_seconds, since=since)
        )

    def _connect(self, *, may_start: bool) -> None:
        autostart.connect(self.client, state_dir=self._state_dir, is_allowed=may_start)
