"""HTTP/1.1 answers without any I/O: bytes in, heads and body pieces out.

The subset that one client and one known server need (RFC 9112): no trailers kept, no upgrades.
`http.client` would cost more time to import than the whole exchange takes.
"""

from __future__ import annotations

from greenlane.model.errors import ServerUnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Body(Protocol):
        """What is left to read of an answer."""

        is_done: bool
        ends_with_connection: bool

        def feed(self, data: bytes) -> bytes:
            """Take bytes from the wire, give the body bytes among them."""


MAX_HEAD_BYTES = 65_536
MAX_CHUNK_LINE_BYTES = 1024
NO_BODY_STATUSES = (204, 304)


class NotHttpError(ServerUnavailableError):
    """Something answers on the socket, but it does not speak HTTP as a Greenlane server does."""

    code = "not_a_server"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"what answers on the socket is not a Greenlane server: {what}",
            hint="another program may hold that socket; GREENLANE_SOCKET names a different one",
        )


class Head:
    """Status and headers of an answer; header names are lower case."""

    __slots__ = ("headers", "is_last", "status")

    def __init__(self, status: int, headers: dict[str, str], *, is_last: bool) -> None:
        self.status = status
        self.headers = headers
        self.is_last = is_last  # the server closes the connection after this answer


def parse_head(buffer: bytes) -> tuple[Head, bytes] | None:
    """Give the head at the start of `buffer` and what follows it; None while it is incomplete.

    Interim answers (1xx) are skipped.

    Raises:
        NotHttpError: this is not an HTTP answer.
    """
    _check_start(buffer)
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > MAX_HEAD_BYTES:
            raise NotHttpError(f"no end of its headers within {MAX_HEAD_BYTES} bytes")
        return None
    lines = buffer[:end].decode("latin-1").split("\r\n")
    rest = buffer[end + 4 :]
    version, status = _parse_status_line(lines[0])
    if 100 <= status < 200:
        return parse_head(rest)
    headers = dict(map(_parse_header, lines[1:]))
    connection = headers.get("connection", "").lower()
    is_last = connection == "close" or (version == "HTTP/1.0" and connection != "keep-alive")
    return Head(status, headers, is_last=is_last), rest


def _check_start(buffer: bytes) -> None:
    start = buffer[:7]
    if not b"HTTP/1.".startswith(start):
        raise NotHttpError(f"its answer starts with {start!r}")


def _parse_status_line(line: str) -> tuple[str, int]:
    version, _, rest = line.partition(" ")
    digits = rest[:3]
    if not (digits.isascii() and digits.isdigit() and len(digits) == 3):
        raise NotHttpError(f"its status line is {line[:80]!r}")
    return version, int(digits)


def _parse_header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise NotHttpError(f"it sent the header line {line[:80]!r}")
    return name.strip().lower(), value.strip()


def body_of(head: Head) -> Body:
    """Choose how the body of an answer is delimited (RFC 9112, section 6.3)."""
    if head.status in NO_BODY_STATUSES:
        return SizedBody(0)
    if head.headers.get("transfer-encoding", "").lower() == "chunked":
        return ChunkedBody()
    length = head.headers.get("content-length")
    if length is None:
        head.is_last = True
        return OpenBody()
    if not (length.isascii() and length.isdigit()):
        raise NotHttpError(f"its content length is {length[:80]!r}")
    return SizedBody(int(length))


class SizedBody:
    """A body of a known length."""

    ends_with_connection = False

    def __init__(self, size_bytes: int) -> None:
        self._left = size_bytes
        self.is_done = size_bytes == 0

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire, give the body bytes among them."""
        piece = data[: self._left]
        self._left -= len(piece)
        self.is_done = self._left == 0
        return piece


class OpenBody:
    """A body that ends where the connection ends."""

    is_done = False
    ends_with_connection = True

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire, give the body bytes among them."""
        return data


class ChunkedBody:
    """A body in chunks; may be fed at any split, in the middle of a size line too."""

    ends_with_connection = False

    def __init__(self) -> None:
        self.is_done = False
        self._buffer = b""
        self._left = 0  # bytes of the current chunk still to come
        self._is_after_data = False
        self._is_in_trailer = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire, give the body bytes among them.

        Raises:
            NotHttpError: the chunk framing is broken.
        """
        self._buffer += data
        pieces: list[bytes] = []
        while not self.is_done and self._step(pieces):
            pass
        return b"".join(pieces)

    def _step(self, pieces: list[bytes]) -> bool:
        """Consume one chunk piece or one line; False when more bytes are needed."""
        if self._left:
            piece = self._buffer[: self._left]
            self._buffer = self._buffer[len(piece) :]
            self._left -= len(piece)
            self._is_after_data = True
            pieces.append(piece)
            return bool(piece) and bool(self._buffer)
        line = self._take_line()
        if line is None:
            return False
        self._read_line(line)
        return True

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > MAX_CHUNK_LINE_BYTES:
                raise NotHttpError("a chunk has no size line")
            return None
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _read_line(self, line: bytes) -> None:
        if self._is_in_trailer:
            self.is_done = not line
        elif self._is_after_data:
            if line:
                raise NotHttpError(f"a chunk is longer than it says: {line[:40]!r}")
            self._is_after_data = False
        else:
            self._left = _parse_chunk_size(line)
            self._is_in_trailer = self._left == 0


def _parse_chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF") or len(digits) > 15:
        raise NotHttpError(f"a chunk size is {line[:40]!r}")
    return int(digits, 16)
