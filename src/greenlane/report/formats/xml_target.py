"""What the readers of XML reports have in common: elements by their name, texts when they end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from greenlane.report.formats.base import TEXT_LIMIT, Emit, ReadContext, relative

MAX_PROBLEMS = 20
_TEXT_MAX = 4 * TEXT_LIMIT  # characters kept of one element while it is read
_GROUP = 4  # characters of `,000`
_PLACE = re.compile(r"\bin ((?:/|[A-Za-z]:[\\/]|\.{0,2}/?\w)[^\n:]{0,500}):(?:line )?(\d{1,9})\b")


class ElementTarget:
    """Follow a document: `opened` and `closed` get local names; `hears` names what has text."""

    hears: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self.emit = emit
        self.context = context
        self.depth = 0
        self.problems: list[str] = []
        self.is_closed = False
        self.is_broken = False
        self.is_utf8 = True
        self._text: list[str] | None = None
        self._text_size = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        self.depth += 1
        name = tag.rpartition("}")[2]
        if name in self.hears:
            self._text, self._text_size = [], 0
        self.opened(name, attributes)

    def data(self, text: str) -> None:
        """Take a piece of text; what goes beyond the limit is dropped."""
        if self._text is not None and self._text_size < _TEXT_MAX:
            self._text.append(text[: _TEXT_MAX - self._text_size])
            self._text_size += len(text)

    def end(self, tag: str) -> None:
        """Close an element."""
        name = tag.rpartition("}")[2]
        text = ""
        if name in self.hears and self._text is not None:
            text, self._text = "".join(self._text).strip(), None
        self.closed(name, text)
        self.depth -= 1
        if self.depth == 0:
            self.is_closed = True

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take an element that begins; `depth` is 1 at the root."""
        raise NotImplementedError

    def closed(self, name: str, text: str) -> None:
        """Take an element that ends, with its own text where `hears` names it."""
        raise NotImplementedError

    def problem(self, text: str) -> None:
        """Note an error outside of any test."""
        if text and len(self.problems) < MAX_PROBLEMS:
            self.problems.append(text[:500])

    def comment(self, text: str) -> None:
        """Ignore a comment."""

    def close(self) -> None:
        """End the document, as the parser demands."""

    def skip(self, _data: bytes, start: int) -> int:
        """Have everything parsed."""
        return start

    def next_skip(self, _data: bytes, _start: int) -> int:
        """Have everything parsed."""
        return -1


def seconds_of(text: str) -> float | None:
    """Return a duration in seconds: `1.5`, `1,234.5`, `0,5` or `00:00:01.5`; None for none."""
    if ":" in text:
        return _clock(text)
    is_decimal = text.startswith("0,") or len(text) - text.rfind(",") != _GROUP
    if "," in text and "." not in text and is_decimal:
        text = text.replace(",", ".")
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None


def _clock(text: str) -> float | None:
    hours, _, rest = text.partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        total = int(hours[:9]) * 3600 + int(minutes[:9]) * 60 + float(seconds or 0)
    except ValueError:
        return None
    return total if 0 <= total < 1e9 else None


def count_of(text: str | None) -> int | None:
    """Return a count; None for what is none."""
    return int(text[:9]) if text and text[:9].isdecimal() else None


def place_in_trace(trace: str, root: str) -> tuple[str, int]:
    """Return the file and line that the first frame of a .NET stack trace names, if any."""
    match = _PLACE.search(trace)
    return (relative(match[1], root), int(match[2])) if match else ("", 0)
