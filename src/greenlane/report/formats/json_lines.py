"""JSON from strangers: one object a line, fields of the expected type or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.report.formats.text import raw_lines

LINE_LIMIT = 8 * 1024 * 1024


def json_lines(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield each line that is a JSON object; skip what is not, and lines beyond the limit."""
    decoder = msgspec.json.Decoder()
    for line in raw_lines(source, LINE_LIMIT):
        if not line.startswith(b"{"):
            continue
        try:
            event = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def text_of(event: Mapping[str, Any], key: str) -> str:
    """Return the text in a field; "" where there is none."""
    value = event.get(key)
    return value if isinstance(value, str) else ""


def number_of(event: Mapping[str, Any], key: str) -> float:
    """Return the number in a field; 0 where there is none or it is out of all bounds."""
    value = event.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return value if abs(value) < 1e15 else 0
