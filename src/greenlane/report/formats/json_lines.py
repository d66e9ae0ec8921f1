"""JSON from strangers: one object a line, fields of the expected type or nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from greenlane.report.formats.text import raw_lines

LINE_LIMIT = 8 * 1024 * 1024
_DECODER = msgspec.json.Decoder()


def json_lines(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield each line that is a JSON object; skip what is not, and lines beyond the limit."""
    for line in raw_lines(source, LINE_LIMIT):
        if (event := decode_line(line)) is not None:
            yield event


def decode_line(line: bytes) -> dict[str, Any] | None:
    """Decode a line that is a JSON object; None where it is none."""
    if not line.startswith(b"{"):
        return None
    try:
        event = _decode(_DECODER, line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _decode(decoder: msgspec.json.Decoder[Any], line: bytes) -> Any:
    """Decode a line; half of a surrogate pair, which JSON can hold and UTF-8 cannot, becomes `?`.

    A test may well fail with such a text, and its result must not be lost.

    Raises:
        msgspec.DecodeError, ValueError: it is not JSON.
    """
    try:
        return decoder.decode(line)
    except msgspec.DecodeError:
        if b"\\ud" not in line and b"\\uD" not in line:
            raise
    text = json.dumps(json.loads(line), ensure_ascii=False)
    return decoder.decode(text.encode("utf-8", "replace"))


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
