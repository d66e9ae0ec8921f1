"""The outline that RSpec's documentation formatter prints: groups, and in them examples.

Each level is indented by two spaces. Nothing tells a group from an example but that something
stands below it; output of the tests may stand anywhere. The reader therefore believes the
outline only where it counts as many examples as the summary does.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"^((?:  ){0,40})(\S.{0,1000})$")
_MARKED = re.compile(r" \((?:FAILED|ERROR) - \d+\)$| \(PENDING: .*\)$| \(FAILED - \d+\)")
_METHOD = re.compile(r"^(?:#|::|\.)")
_LIMIT = 20_000  # examples; a longer outline is left unread


class Outline:
    """Follow the outline line by line."""

    def __init__(self) -> None:
        self._above: list[str] = []
        self._names: list[str] = []
        self._open = ""  # the last line, of which nobody knows yet whether it is a group
        self._is_too_long = False
        self._is_after_blank = True

    def feed(self, line: str) -> None:
        """Take the next line; each group of the outermost level stands after a blank one."""
        found, is_after_blank = _LINE.match(line), self._is_after_blank
        self._is_after_blank = not line.strip()
        if found is None:
            return
        level, text = len(found[1]) // 2, found[2].rstrip()
        if level > len(self._above) + bool(self._open) or not (level or is_after_blank):
            return  # no line of the outline
        self._settle(level)
        del self._above[level:]
        if level and _MARKED.search(text):
            return
        self._open = text

    def passed(self) -> list[str]:
        """Give the names of the examples that are not marked as failed or pending."""
        self._settle(0)
        return [] if self._is_too_long else self._names

    def _settle(self, level: int) -> None:
        """Take the open line as a group if the next is deeper, else as an example."""
        text, self._open = self._open, ""
        if not text:
            return
        if level > len(self._above):
            self._above.append(text)
        elif self._above:
            self._is_too_long = len(self._names) >= _LIMIT
            if not self._is_too_long:
                self._names.append(_joined([*self._above, text]))


def _joined(parts: list[str]) -> str:
    """Join as RSpec does: the name of a method follows its class without a space."""
    name = parts[0]
    for part in parts[1:]:
        name += part if _METHOD.match(part) else f" {part}"
    return name
