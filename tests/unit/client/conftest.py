"""A server of a few lines on a Unix socket: it plays back what a test wrote down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

DEADLINE_SECONDS = 10.0

Play = list[bytes | None]  # pieces to send one by one; None closes the connection


class PlaybackServer:
    """Answers the first request with the first play, and so on; keeps what it was sent."""

    def __init__(self, path: Path, plays: list[Play]) -> None:
        self.path = str(path)
        self.requests: list[bytes] = []
        self.connections = 0
        self._plays = plays
        self._may_go_on = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(8)
        self._listener.settimeout(DEADLINE_SECONDS)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._plays.clear()
        self._may_go_on.set()
        with socket.socket(socket.AF_UNIX) as waker:
            waker.connect(self.path)
        self._thread.join(DEADLINE_SECONDS)
        self._listener.close()
        assert not self._thread.is_alive()

    def release(self) -> None:
        """Let a server that withholds its answer go on."""
        self._may_go_on.set()

    def _serve(self) -> None:
        while self._plays:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with peer:
                peer.settimeout(DEADLINE_SECONDS)
                self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        while self._plays:
            request = read_request(peer)
            if not request:
                return
            self.requests.append(request)
            play = self._plays.pop(0)
            if not play:
                self._may_go_on.wait(DEADLINE_SECONDS)
            for piece in play:
                if piece is None:
                    return
                peer.sendall(piece)


def read_request(peer: socket.socket) -> bytes:
    """Read one request, body included; empty when the client went away."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = peer.recv(65_536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        while not body.endswith(b"0\r\n\r\n"):
            body += peer.recv(65_536)
    elif b"content-length: " in lower:
        size = int(lower.partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(body) < size:
            body += peer.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., PlaybackServer]]:
    servers: list[PlaybackServer] = []
    monkeypatch.chdir(tmp_path)  # a relative name keeps the socket's path short

    def start(*plays: Play) -> PlaybackServer:
        servers.append(PlaybackServer(Path(f"s{len(servers)}"), list(plays)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
