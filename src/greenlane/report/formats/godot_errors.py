"""The script errors that Godot 3 and 4 print, each with the place that stands on its next line."""

from __future__ import annotations

import re

from greenlane.report.formats.base import bound

_ERROR = re.compile(r"^(?:USER )?SCRIPT ERROR: (.*)$")
_PARSE = re.compile(r"^(?:GDScript::reload: )?(?:Parse|Compile) Error: ")
_PLACE = re.compile(r"^\s+[Aa]t: (?:[^()]*\()?(res://[^()]+?):(\d{1,7})\)?\.?$")
_MAX_ERRORS = 50

PARSE_ERROR = r"^SCRIPT ERROR: (?:GDScript::reload: )?(?:Parse|Compile) Error: "


class ScriptErrors:
    """Collect script errors from lines of output."""

    def __init__(self) -> None:
        self.broken: dict[str, tuple[int, str]] = {}  # by script: line and message of the first
        self.runtime: list[str] = []
        self._message: str | None = None

    def feed(self, line: str) -> bool:
        """Take the next line; tell whether it belonged to a script error."""
        if self._message is not None and (place := _PLACE.match(line)):
            self._end(place[1], int(place[2]))
            return True
        self.finish()
        if error := _ERROR.match(line):
            self._message = error[1]
            return True
        return False

    def finish(self) -> None:
        """End an error whose place was never said."""
        self._end("", 0)

    @property
    def problems(self) -> list[str]:
        """The parse errors in words."""
        return [
            bound(f"{path}:{line}: {message}" if path else message, 500)
            for path, (line, message) in self.broken.items()
        ]

    def _end(self, path: str, line: int) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        if parse := _PARSE.match(message):
            if len(self.broken) < _MAX_ERRORS:
                self.broken.setdefault(path[:1000], (line, bound(message[parse.end() :], 500)))
        elif len(self.runtime) < _MAX_ERRORS:
            place = f" ({path}:{line})" if path else ""
            self.runtime.append(bound(f"SCRIPT ERROR: {message}{place}", 500))
