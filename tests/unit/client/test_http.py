from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenlane.client.http import Connection
from greenlane.client.unix import NobodyListensError, connect
from greenlane.client.wire import NotHttpError
from greenlane.model.errors import (
    ConnectionLostError,
    NotFoundError,
    QueueFullError,
    ServerUnavailableError,
    TooLargeError,
)

Start = Callable[..., Any]  # the fixture of conftest.py


def answer(body: bytes, *, status: str = "200 OK", more: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + more + b"\r\n" + body


def test_one_connection_serves_many_requests(play: Start) -> None:
    server = play([answer(b"one")], [answer(b"two")])
    with Connection(server.path) as connection:
        assert connection.request("GET", "/a").read() == b"one"
        assert connection.request("POST", "/b", body=b"xyz").read() == b"two"
    assert server.connections == 1
    assert server.requests[0].startswith(b"GET /a HTTP/1.1\r\n")
    assert server.requests[1].endswith(b"content-length: 3\r\n\r\nxyz")


def test_an_answer_may_come_a_byte_at_a_time(play: Start) -> None:
    server = play([bytes([byte]) for byte in answer(b"slowly")])
    with Connection(server.path) as connection:
        assert connection.request("GET", "/").read() == b"slowly"


def test_chunks_are_given_as_they_come(play: Start) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = play([head, b"3\r\nabc\r\n", b"2\r", b"\nde\r\n0\r\n\r\n"], [answer(b"next")])
    with Connection(server.path) as connection:
        assert b"".join(connection.request("GET", "/log").chunks()) == b"abcde"
        assert connection.request("GET", "/").read() == b"next"
    assert server.connections == 1


def test_a_body_is_streamed_up_in_chunks(play: Start) -> None:
    server = play([answer(b"taken")])
    with Connection(server.path) as connection:
        body = (piece for piece in (b"abc", b"", b"de"))
        assert connection.request("POST", "/bundle", body=body).read() == b"taken"
    assert server.requests[0].endswith(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")


def test_a_connection_that_the_server_closed_is_opened_again(play: Start) -> None:
    server = play([answer(b"one"), None], [answer(b"two")])
    with Connection(server.path) as connection:
        assert connection.request("GET", "/").read() == b"one"
        assert connection.request("GET", "/").read() == b"two"
    assert server.connections == 2


def test_a_request_that_may_have_been_heard_is_not_sent_twice(play: Start) -> None:
    server = play([answer(b"one")], [None], [answer(b"two")])
    with Connection(server.path) as connection:
        connection.request("GET", "/").read()
        with pytest.raises(ConnectionLostError):
            connection.request("POST", "/test/submit", body=b"{}")
    assert [request[:4] for request in server.requests] == [b"GET ", b"POST"]


def test_an_answer_left_unread_does_not_spoil_the_next(play: Start) -> None:
    server = play([answer(b"never read")], [answer(b"two")])
    with Connection(server.path) as connection:
        connection.request("GET", "/")
        assert connection.request("GET", "/").read() == b"two"


def test_an_error_answer_is_the_exception_that_it_was_over_there(play: Start) -> None:
    body = b'{"error": "not_found", "message": "no job 7", "hint": "look at the queue"}'
    server = play([answer(body, status="404 Not Found")])
    with Connection(server.path) as connection, pytest.raises(NotFoundError) as caught:
        connection.request("GET", "/")
    assert (caught.value.message, caught.value.hint) == ("no job 7", "look at the queue")


def test_a_full_queue_says_when_to_come_back(play: Start) -> None:
    body = b'{"error": "queue_full", "message": "full", "hint": ""}'
    server = play([answer(body, status="503 Busy", more=b"Retry-After: 42\r\n")])
    with Connection(server.path) as connection, pytest.raises(QueueFullError) as caught:
        connection.request("POST", "/test/submit", body=b"{}")
    assert caught.value.retry_after_seconds == 42


@pytest.mark.parametrize("body", [b"<h1>nginx</h1>", b"[]", b"", b"\xff\xfe"])
def test_an_error_answer_of_any_shape_is_an_error(play: Start, body: bytes) -> None:
    server = play([answer(body, status="404 Not Found")])
    with Connection(server.path) as connection, pytest.raises(NotFoundError):
        connection.request("GET", "/")


def test_a_refusal_in_mid_upload_is_heard(play: Start, tmp_path: Path) -> None:
    """The server answers and closes while the client is still sending."""
    path = str(tmp_path / "s")
    body = b'{"error": "too_large", "message": "over 200 MB", "hint": ""}'
    ours, theirs = socket.socketpair()
    theirs.sendall(answer(body, status="413 Too Large"))
    theirs.shutdown(socket.SHUT_RD)
    connection = Connection(path)
    connection._socket = ours
    with theirs, connection, pytest.raises(TooLargeError, match="over 200 MB"):
        connection.request("POST", "/", body=iter([b"x" * 65_536] * 100))


@pytest.mark.parametrize(
    "pieces",
    [
        [None],
        [b"HTTP/1.1 200 OK\r\n", None],
        [answer(b"cut short")[:-3], None],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", None],
    ],
)
def test_an_answer_that_breaks_off_is_a_lost_connection(
    play: Start, pieces: list[bytes | None]
) -> None:
    server = play(pieces)
    with Connection(server.path) as connection, pytest.raises(ConnectionLostError) as caught:
        connection.request("GET", "/").read()
    assert caught.value.exit_code == 75


def test_a_body_without_a_length_ends_with_its_connection(play: Start) -> None:
    server = play([b"HTTP/1.1 200 OK\r\n\r\nall", b" there is", None])
    with Connection(server.path) as connection:
        assert connection.request("GET", "/").read() == b"all there is"


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(play: Start) -> None:
    server = play([])
    with Connection(server.path) as connection:
        with pytest.raises(ServerUnavailableError, match="did not answer within"):
            connection.request("GET", "/", timeout_seconds=0.05)
        server.release()


def test_a_server_that_falls_silent_in_mid_answer_is_lost(play: Start) -> None:
    server = play([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"], [])
    with Connection(server.path) as connection:
        response = connection.request("GET", "/", timeout_seconds=0.05)
        with pytest.raises(ConnectionLostError, match="silent"):
            response.read()


def test_what_is_not_http_is_named_as_such(play: Start) -> None:
    server = play([b"220 mail.example.com ESMTP\r\n"])
    with Connection(server.path) as connection, pytest.raises(NotHttpError):
        connection.request("GET", "/")


def test_no_socket_and_a_dead_socket_both_mean_that_nobody_listens(tmp_path: Path) -> None:
    dead = tmp_path / "dead"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dead))
    for path in (tmp_path / "none", dead, tmp_path / "no" / "such" / "folder"):
        with pytest.raises(NobodyListensError):
            connect(str(path))


def test_a_socket_path_longer_than_the_kernel_allows(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 100) / ("e" * 100)
    folder.mkdir(parents=True)
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{handle}/s")
            listener.listen()
            connect(str(folder / "s")).close()
    finally:
        os.close(handle)
    with pytest.raises(NobodyListensError):
        connect(str(folder / "none"))
