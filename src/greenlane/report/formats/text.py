"""Lines of output as people see them: decoded, without colours, each bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

LINE_LIMIT = 64 * 1024  # bytes; a longer line is cut and its rest skipped

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-9;?:<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_()][0-9A-B]?)"
)


def strip_escapes(text: str) -> str:
    """Take terminal control sequences out of a text."""
    return _ESCAPE.sub("", text) if "\x1b" in text else text


def raw_lines(source: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[bytes]:
    """Yield lines without their end; what goes beyond `limit` bytes of a line is dropped."""
    while line := source.readline(limit):
        if not line.endswith(b"\n") and len(line) == limit:
            while (rest := source.readline(limit)) and not rest.endswith(b"\n"):
                pass
        yield line.rstrip(b"\r\n")


def clean_lines(source: BinaryIO) -> Iterator[str]:
    """Yield lines decoded, without colours; after a carriage return only the last part counts."""
    for raw in raw_lines(source):
        line = strip_escapes(raw.decode("utf-8", "replace"))
        yield line.rpartition("\r")[2] if "\r" in line else line
