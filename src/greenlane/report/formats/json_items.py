"""Take a huge JSON document apart: the items of one array, without holding the whole."""

from __future__ import annotations

import re
from typing import Protocol

_TOKEN = re.compile(rb'"(?:[^"\\]+|\\.)*("?)|[\[\]{}]', re.DOTALL)
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_LEAF = rb"[{\[](?:[^\"{}\[\]]++|" + _TEXT + rb")*+[}\]]"
_INSIDE = re.compile(  # what holds nothing that holds something, at one go
    rb"[{\[](?:[^\"{}\[\]]++|" + _TEXT + rb"|" + _LEAF + rb")*+[}\]]|" + _TOKEN.pattern, re.DOTALL
)
_CHUNK = 256 * 1024
_HEAD_LIMIT = 64 * 1024
_MAX_DEPTH = 500
_ITEM_DEPTH = 3  # within an item


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class Resumed:
    """Bytes that were read to look at them, and then the source that they came from."""

    def __init__(self, kept: bytes, source: Readable) -> None:
        self._kept = kept
        self._source = source

    def read(self, size: int, /) -> bytes:
        """Read on; all that was kept comes first, at once."""
        if self._kept:
            kept, self._kept = self._kept, b""
            return kept
        return self._source.read(size)


class JsonItems:
    """Iterate over the items of the array under a key of the outermost object, as raw bytes.

    After the iteration `around` holds the beginning of what stands outside of the array, and
    `is_complete` says whether the outermost object was closed.
    """

    def __init__(self, source: Readable, key: str) -> None:
        self._source = source
        self._key = f'"{key}"'.encode()
        self._buffer = b""
        self._position = 0  # in the buffer, behind the last item
        self._depth = 0
        self._is_next = False  # the last text at the outermost level was the key
        self._item_start = -1
        self._in_array = False
        self.around = b""
        self.is_complete = False

    def __iter__(self) -> JsonItems:
        return self

    def __next__(self) -> bytes:
        position = self._position
        while not self.is_complete:
            token = (_INSIDE if self._depth >= _ITEM_DEPTH else _TOKEN).search(
                self._buffer, position
            )
            if token is None or (token[0][:1] == b'"' and not token[1]):
                rest = token.start() if token else len(self._buffer)
                position = self._read_more(rest)
                if position < 0:
                    raise StopIteration
                continue
            position = token.end()
            if token.end() - token.start() > 1 and token[1] is None:
                continue
            item = self._take(token[0], token.start(), position)
            if item is not None:
                self._position = position
                return item
            if self._depth > _MAX_DEPTH:
                raise StopIteration
        raise StopIteration

    def _take(self, token: bytes, start: int, end: int) -> bytes | None:
        if token[:1] == b'"':
            self._is_next = self._depth == 1 and token == self._key
            return None
        if token in b"{[":
            self._depth += 1
            if self._depth == 2 and token == b"[" and self._is_next:
                self._in_array = True
                self._keep_around(self._buffer[self._position : end])
            elif self._depth == _ITEM_DEPTH and self._in_array and token == b"{":
                self._item_start = start
            return None
        self._depth -= 1
        if self._depth == 2 and self._item_start >= 0:
            item, self._item_start = self._buffer[self._item_start : end], -1
            return item
        if self._depth == 1 and self._in_array:
            self._in_array = False
        if self._depth <= 0:
            self.is_complete = True
            self._keep_around(self._buffer[self._position : end])
        return None

    def _read_more(self, rest: int) -> int:
        """Read on, keeping what is still needed; return where to go on, or -1 at the end."""
        start = self._item_start if self._item_start >= 0 else rest
        if not self._in_array:
            self._keep_around(self._buffer[self._position : start])
        kept = self._buffer[start:]
        chunk = self._source.read(max(_CHUNK, len(kept)))
        if not chunk:
            return -1
        self._item_start = min(0, self._item_start)
        self._buffer = kept + chunk
        self._position = 0
        return rest - start

    def _keep_around(self, data: bytes) -> None:
        self.around += data[: max(0, _HEAD_LIMIT - len(self.around))]
