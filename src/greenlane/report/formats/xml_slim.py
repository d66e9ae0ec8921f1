"""Take the bulk out of XML before it is parsed: what tests printed and long stack traces.

A parser holds a text until it ends, and a report can be one text of 500 MB. Only the beginning
of a bulky element is let through. The cut knows CDATA and comments, so that a test cannot end its
element, or the report, by what it prints. And a `<` that a careless writer did not escape is
escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

KEEP_BYTES = 16 * 1024
_SECTIONS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_LONGEST_MARK = len(b"<![CDATA[")
_TAG_LIMIT = 1024 * 1024  # bytes; a longer start tag is let through as it is
_LOOKBACK = 64
_AMPERSAND = re.compile(rb"&(?!(?:[A-Za-z_][\w.-]*|#\d+|#x[0-9A-Fa-f]+);)")
_STRAY = re.compile(rb"<(?![A-Za-z_:/!?\x80-\xff])")


def bulky(names: Iterable[str]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Give the patterns of bulky elements: the start of one or of a section, and perhaps one."""
    words = "|".join(re.escape(name) for name in names).encode()
    start = re.compile(
        rb"<((?:[\w.-]+:)?(?:" + words + rb"))(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>"
        rb"|<!\[CDATA\[|<!--"
    )
    return start, re.compile(rb"<(?:[\w.-]+:)?(?:" + words + rb")\b")


class Slimmer:
    """Filter the bytes of a document piece by piece; `bulk` comes from `bulky`."""

    def __init__(self, bulk: tuple[re.Pattern[bytes], re.Pattern[bytes]]) -> None:
        self._open, self._maybe = bulk
        self._rest = b""
        self._end_tag = b""  # of the bulky element that we are in
        self._kept = 0
        self._closing = b""  # what ends the CDATA section or comment that we are in

    def feed(self, data: bytes) -> bytes:
        """Return what is to be parsed of the next piece."""
        data, self._rest = self._rest + data, b""
        parts: list[bytes] = []
        position = 0
        while position < len(data):
            if self._closing:
                position = self._section(data, position, parts)
            elif self._end_tag:
                position = self._inside(data, position, parts)
            else:
                position = self._outside(data, position, parts)
        return b"".join(parts)

    @property
    def is_inside(self) -> bool:
        """Tell whether something is open or held back: the next bytes belong to it."""
        return bool(self._rest or self._end_tag or self._closing)

    def flush(self) -> bytes:
        """Return what was held back at the end of the document."""
        rest, self._rest = self._rest, b""
        return b"" if self._end_tag and self._kept >= KEEP_BYTES else rest

    def _outside(self, data: bytes, position: int, parts: list[bytes]) -> int:
        """Copy up to the next bulky element or section."""
        if found := self._open.search(data, position):
            parts.append(_escaped(data[position : found.start()]) + found[0])
            if found[1] and not found[2]:
                self._end_tag, self._kept = b"</" + found[1], 0
            elif not found[1]:
                self._closing = _SECTIONS[found[0]]
            return found.end()
        cut = len(data)
        if maybe := self._maybe.search(data, position):
            cut = maybe.start() if cut - maybe.start() < _TAG_LIMIT else cut
        else:
            last = data.rfind(b"<", max(position, cut - _LOOKBACK))
            cut = last if last >= 0 and data.find(b">", last) < 0 else cut
        parts.append(_escaped(data[position:cut]))
        self._rest = data[cut:]
        return len(data)

    def _section(self, data: bytes, position: int, parts: list[bytes]) -> int:
        """Copy a CDATA section or comment, or in a bulky element only its beginning."""
        end = data.find(self._closing, position)
        if end < 0:
            safe = max(position, len(data) - len(self._closing) + 1)
            self._keep(data[position:safe], parts)
            self._rest = data[safe:]
            return len(data)
        self._keep(data[position:end], parts)
        parts.append(self._closing)
        end += len(self._closing)
        self._closing = b""
        return end

    def _inside(self, data: bytes, position: int, parts: list[bytes]) -> int:
        """Copy the text of a bulky element up to its end, a section or an element in it."""
        mark = data.find(b"<", position)
        if mark < 0:
            self._keep_text(data[position:], parts)
            return len(data)
        self._keep_text(data[position:mark], parts)
        if len(data) - mark < max(len(self._end_tag), _LONGEST_MARK):
            if data.startswith(self._end_tag, mark):
                self._end_tag = b""
                return mark
            self._rest = data[mark:]
            return len(data)
        for opening, closing in _SECTIONS.items():
            if data.startswith(opening, mark):
                parts.append(opening)
                self._closing = closing
                return mark + len(opening)
        if data.startswith(self._end_tag, mark):
            self._end_tag = b""
            return mark
        self._keep(b"&lt;", parts)  # a writer that does not escape
        return mark + 1

    def _keep(self, text: bytes, parts: list[bytes]) -> None:
        room = KEEP_BYTES - self._kept if self._end_tag else len(text)
        if room > 0:
            parts.append(text[:room])
        self._kept += len(text)

    def _keep_text(self, text: bytes, parts: list[bytes]) -> None:
        """Keep text outside of sections; no entity may be cut in two."""
        room = KEEP_BYTES - self._kept
        self._kept += len(text)
        if room <= 0:
            return
        if room < len(text):
            text = text[:room].rpartition(b"&")[0] or text[:room]
        parts.append(_escaped_ampersands(text))


def _escaped(markup: bytes) -> bytes:
    """Escape each `<` that begins no tag, at which the parser would stop, and each stray `&`."""
    return _STRAY.sub(b"&lt;", _escaped_ampersands(markup))


def _escaped_ampersands(text: bytes) -> bytes:
    return _AMPERSAND.sub(b"&amp;", text) if b"&" in text else text
