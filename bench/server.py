"""A private server, reached as any client reaches it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.scratch import clean_environment, wait_until
from greenlane.client.http import Connection
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError

GREENLANE = str(Path(sys.executable).with_name("greenlane"))


class Server:
    """`greenlane serve` with a state folder of its own."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.state_dir = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "server.toml").write_text(settings)
        self.socket = str(folder / "greenlane.sock")
        self.environment = clean_environment() | {
            "GREENLANE_STATE_DIR": str(folder),
            "GREENLANE_CONFIG": str(folder / "server.toml"),
        }
        self.start_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        started = time.perf_counter()
        with (self.state_dir / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [GREENLANE, "serve"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until("the server answers", self._answers, seconds=120)
        self.start_seconds = time.perf_counter() - started

    def stop(self) -> None:
        """Ask it to end and wait."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def connect(self) -> Connection:
        """Give a connection that stays open."""
        return Connection(self.socket)

    def ask(self, method: str, target: str, body: object = None) -> Any:
        """Ask once, over a connection of its own."""
        with self.connect() as connection:
            return ask(connection, method, target, body)

    def wait_until_idle(self, seconds: float = 300.0) -> None:
        """Wait until no job waits or runs."""
        with self.connect() as connection:

            def is_idle() -> bool:
                health = ask(connection, "GET", "/health")
                return not (health["queued"] or health["running"])

            wait_until("all jobs have ended", is_idle, seconds=seconds, step=0.05)

    def memory_bytes(self, field: str = "VmRSS") -> int:
        """Give the resident memory of the server's process, or its peak with `VmHWM`."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
        raise ValueError(f"/proc/{self.pid}/status has no {field}")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            said = (self.state_dir / "serve.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"`greenlane serve` ended with {self._process.returncode}:\n{said}")
        try:
            return bool(self.ask("GET", "/health"))
        except (ConnectionLostError, ServerUnavailableError):
            return False


@contextmanager
def serving(folder: Path, settings: str = "") -> Iterator[Server]:
    """Have a server for a while."""
    server = Server(folder, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def ask(connection: Connection, method: str, target: str, body: object = None) -> Any:
    """Send a request and give the JSON of its answer."""
    payload = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if payload else {}
    answer = connection.request(method, target, headers=headers, body=payload, timeout_seconds=120)
    return json.loads(answer.read())
