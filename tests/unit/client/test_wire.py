from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.client.wire import (
    MAX_HEAD_BYTES,
    ChunkedBody,
    NotHttpError,
    OpenBody,
    SizedBody,
    body_of,
    parse_head,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def chunked(pieces: list[bytes], *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    framed = [b"%X%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces if piece]
    return b"".join(framed) + b"0\r\n" + trailer + b"\r\n"


def test_head_is_read_with_what_follows_it() -> None:
    parsed = parse_head(HEAD + b"hello")
    assert parsed is not None
    head, rest = parsed
    assert (head.status, head.headers["content-length"], rest) == (200, "5", b"hello")
    assert not head.is_last


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=len(HEAD) - 1))
def test_no_part_of_a_head_is_a_head(size: int) -> None:
    assert parse_head(HEAD[:size]) is None


def test_interim_answers_are_skipped() -> None:
    parsed = parse_head(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD)
    assert parsed is not None
    assert parsed[0].status == 200


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"],
)
def test_the_last_answer_of_a_connection_is_known(head: bytes) -> None:
    parsed = parse_head(head)
    assert parsed is not None
    assert parsed[0].is_last


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * MAX_HEAD_BYTES,
    ],
)
def test_garbage_is_named_as_such(garbage: bytes) -> None:
    with pytest.raises(NotHttpError, match="not a Greenlane server") as caught:
        parse_head(garbage)
    assert caught.value.exit_code == 69


@settings(deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.lists(st.integers(min_value=0), max_size=12),
    st.sampled_from([b"", b";name=value"]),
    st.sampled_from([b"", b"X-Sum: 1\r\n"]),
)
def test_chunks_may_be_cut_anywhere(
    pieces: list[bytes], places: list[int], extension: bytes, trailer: bytes
) -> None:
    body = ChunkedBody()
    wire = chunked(pieces, extension=extension, trailer=trailer)
    taken = b"".join(body.feed(part) for part in cut(wire, places) if part)
    assert taken == b"".join(pieces)
    assert body.is_done


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4), st.integers(0))
def test_a_chunked_body_is_not_done_before_its_end(pieces: list[bytes], place: int) -> None:
    wire = chunked(pieces)
    body = ChunkedBody()
    body.feed(wire[: place % len(wire)])
    assert not body.is_done


@pytest.mark.parametrize(
    "wire",
    [b"xyz\r\n", b"-1\r\n", b"\r\n", b"3\r\nabcd\r\n", b"f" * 2000, b"ffffffffffffffff\r\n"],
)
def test_broken_chunks_are_named_as_such(wire: bytes) -> None:
    with pytest.raises(NotHttpError):
        ChunkedBody().feed(wire)


def test_a_sized_body_takes_no_more_than_its_size() -> None:
    body = SizedBody(5)
    assert (body.feed(b"hel"), body.is_done) == (b"hel", False)
    assert (body.feed(b"lo and more"), body.is_done) == (b"lo", True)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (HEAD, SizedBody),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ChunkedBody),
        (b"HTTP/1.1 200 OK\r\n\r\n", OpenBody),
        (b"HTTP/1.1 204 No Content\r\n\r\n", SizedBody),
    ],
)
def test_the_head_says_how_the_body_ends(head: bytes, kind: type) -> None:
    parsed = parse_head(head)
    assert parsed is not None
    assert isinstance(body_of(parsed[0]), kind)


def test_a_content_length_that_is_no_number_is_garbage() -> None:
    parsed = parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")
    assert parsed is not None
    with pytest.raises(NotHttpError):
        body_of(parsed[0])
