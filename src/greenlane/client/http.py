"""Raw HTTP/1.1 over a Unix socket: keep-alive, streaming both ways, time-outs."""

from __future__ import annotations

import socket

from greenlane.client.failures import rebuild_error
from greenlane.client.unix import connect
from greenlane.client.wire import body_of, parse_head
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from greenlane.client.wire import Body, Head

READ_BYTES = 65_536
ANSWER_TIMEOUT_SECONDS = 60.0
REPEATABLE = ("GET", "DELETE")


class Response:
    """An answer whose body is still on the wire; read it before the next request."""

    def __init__(self, connection: Connection, head: Head, body: Body, first: bytes) -> None:
        self.status = head.status
        self.headers = head.headers
        self._connection = connection
        self._body = body
        self._first = first

    @property
    def is_read(self) -> bool:
        """Say whether the whole body was taken."""
        return self._body.is_done and not self._first

    def chunks(self) -> Iterator[bytes]:
        """Give the body as it arrives.

        Raises:
            ConnectionLostError: it ended before its end.
        """
        data, self._first = self._first, b""
        while True:
            piece = self._body.feed(data) if data else b""
            if piece:
                yield piece
            if self._body.is_done:
                return
            data = self._connection.receive_body(self._body)
            if not data:
                return

    def read(self) -> bytes:
        """Give the whole body."""
        return b"".join(self.chunks())


class Connection:
    """One connection to one server, opened when first needed and again after it was closed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket: socket.socket | None = None
        self._response: Response | None = None
        self._is_last = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close; the next request opens again."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._response = None

    def open(self) -> None:
        """Connect unless connected.

        Raises:
            NobodyListensError: no server is there.
            ServerUnavailableError: it cannot be reached for another reason.
        """
        if self._socket is None:
            self._socket = connect(self.path)

    def request(
        self,
        method: str,
        target: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | Iterable[bytes] = b"",
        timeout_seconds: float | None = ANSWER_TIMEOUT_SECONDS,
    ) -> Response:
        """Send a request and read the head of its answer.

        An iterable `body` is sent in chunks as it comes. `timeout_seconds` bounds each wait for
        bytes, not the whole; None waits for ever.

        Raises:
            GreenlaneError: what an answer of 400 or more stands for.
            ServerUnavailableError: nobody answered, or not in time.
            ConnectionLostError: the connection broke in the middle.
        """
        self._drop_used_up()
        is_reused = self._socket is not None
        try:
            response = self._exchange(method, target, headers or {}, body, timeout_seconds)
        except ConnectionLostError:
            if not (is_reused and method in REPEATABLE):
                raise  # else: it was idle, and the server closed it just as this was sent
            response = self._exchange(method, target, headers or {}, body, timeout_seconds)
        if response.status >= 400:
            raise rebuild_error(response.status, response.read(), response.headers)
        return response

    def _exchange(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes | Iterable[bytes],
        timeout_seconds: float | None,
    ) -> Response:
        self.open()
        assert self._socket is not None  # noqa: S101  # open() raises otherwise
        self._socket.settimeout(timeout_seconds)
        is_sent = self._send(_format_request(method, target, headers, body), body)
        return self._receive_head(is_sent=is_sent)

    def _drop_used_up(self) -> None:
        """Close a connection that can carry no further request."""
        is_unread = self._response is not None and not self._response.is_read
        if self._is_last or is_unread or (self._socket is not None and _has_ended(self._socket)):
            self.close()
        self._is_last = False

    def _send(self, head: bytes, body: bytes | Iterable[bytes]) -> bool:
        """Send all; False when the server stopped reading, which it may have given a reason for."""
        assert self._socket is not None  # noqa: S101
        try:
            if isinstance(body, bytes):
                self._socket.sendall(head + body)
                return True
            self._socket.sendall(head)
            for piece in body:
                if piece:
                    self._socket.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            self._socket.sendall(b"0\r\n\r\n")
        except TimeoutError as error:
            self.close()
            raise ConnectionLostError("the server stopped reading the request") from error
        except (BrokenPipeError, ConnectionResetError):
            self._is_last = True
            return False
        return True

    def _receive_head(self, *, is_sent: bool) -> Response:
        buffer = b""
        while (parsed := parse_head(buffer)) is None:
            data = self._receive(is_answer_begun=bool(buffer))
            if not data:
                self.close()
                what = "before it answered" if is_sent else "while it was sent a request"
                raise ConnectionLostError(f"the server closed the connection {what}")
            buffer += data
        head, rest = parsed
        self._response = Response(self, head, body_of(head), rest)
        self._is_last = self._is_last or head.is_last
        return self._response

    def receive_body(self, body: Body) -> bytes:
        """Read on; empty at the end of a body that ends with its connection.

        Raises:
            ConnectionLostError: the body is not complete and no more comes.
        """
        data = self._receive(is_answer_begun=True)
        if not data:
            self.close()
            if not body.ends_with_connection:
                raise ConnectionLostError("the server closed the connection in mid-answer")
        return data

    def _receive(self, *, is_answer_begun: bool) -> bytes:
        if self._socket is None:
            raise ConnectionLostError("the connection to the server was closed")
        try:
            return self._socket.recv(READ_BYTES)
        except TimeoutError as error:
            seconds = self._socket.gettimeout() or 0
            self.close()
            if is_answer_begun:
                raise ConnectionLostError("the server fell silent in mid-answer") from error
            raise ServerUnavailableError(
                f"the server on {self.path} did not answer within {seconds:g} s",
                hint="it may be overloaded or stopped; `greenlane doctor` looks at it",
            ) from error
        except OSError as error:
            self.close()
            raise ConnectionLostError(f"the connection to the server broke: {error}") from error


def _has_ended(idle: socket.socket) -> bool:
    """Say whether the server closed a connection that lies idle."""
    idle.settimeout(0)
    try:
        return idle.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _format_request(
    method: str, target: str, headers: dict[str, str], body: bytes | Iterable[bytes]
) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not isinstance(body, bytes):
        lines.append("transfer-encoding: chunked")
    elif body or method != "GET":
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
