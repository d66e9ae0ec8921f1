"""Several files read as one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO, cast

from greenlane.report.sources import Document


class _Chain(io.RawIOBase):
    """The bytes of documents one after the other, a line end between them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._waiting = list(documents)
        self._current: BinaryIO | None = None
        self._owes_line_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._current is None:
                if not self._waiting:
                    return 0
                self._current = self._waiting.pop(0).open()
            chunk = self._current.read(len(buffer))
            if chunk:
                buffer[: len(chunk)] = chunk
                self._owes_line_end = not chunk.endswith(b"\n")
                return len(chunk)
            self._current.close()
            self._current = None
            if self._owes_line_end and self._waiting:
                self._owes_line_end = False
                buffer[:1] = b"\n"
                return 1

    def close(self) -> None:
        if self._current:
            self._current.close()
        super().close()


def chain(documents: Sequence[Document]) -> BinaryIO:
    """Open documents as one stream, read in order and in small pieces."""
    if len(documents) == 1:
        return documents[0].open()
    return cast("BinaryIO", io.BufferedReader(_Chain(documents)))
