"""Text of unknown length, kept within bounds: its beginning and its end."""

from __future__ import annotations

from collections import deque

from greenlane.report.formats.base import TEXT_LIMIT

_PART = TEXT_LIMIT // 2


class Excerpt:
    """Collect lines; keep the first and the last of them, about `TEXT_LIMIT` characters in all."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._is_cut = False

    def __bool__(self) -> bool:
        return bool(self._head)

    def add(self, line: str) -> None:
        """Take a line without its end."""
        line = line[:_PART]
        if self._head_size + len(line) <= _PART and not self._tail:
            self._head.append(line)
            self._head_size += len(line) + 1
            return
        self._tail.append(line)
        self._tail_size += len(line) + 1
        while self._tail_size > _PART and len(self._tail) > 1:
            self._tail_size -= len(self._tail.popleft()) + 1
            self._is_cut = True

    def lines(self) -> list[str]:
        """Give what was kept; a line of its own stands for what was cut."""
        return [*self._head, *(["[…]"] if self._is_cut else []), *self._tail]

    def text(self) -> str:
        """Give what was kept as one text, without blank lines around it."""
        return "\n".join(self.lines()).strip("\n")
