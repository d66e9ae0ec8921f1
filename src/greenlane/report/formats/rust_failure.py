"""What a red test of Rust's libtest says: its message, and where it panicked."""

from __future__ import annotations

import re

_DOCTEST = re.compile(r"^(\S.*?\.\w+) - .*\(line (\d+)\)")
_PANIC = re.compile(
    r"panicked at (?:'(?P<old>.*)', )?(?P<file>[^\s:']+):(?P<line>\d+):\d+:?$", re.MULTILINE
)
_NOTE = re.compile(
    r"^(?:stack backtrace:|note: (?:run with|Some details)|thread '|\s*$)", re.MULTILINE
)
_EXPECTED_PANIC = re.compile(r"did not panic as expected(?: at ([^\s:]+):(\d+))?")


def place_in_name(name: str) -> tuple[str, int]:
    """Find file and line in the name of a documentation test; "" and 0 for any other test."""
    doctest = _DOCTEST.match(name)
    return (doctest[1], int(doctest[2][:9])) if doctest else ("", 0)


def explain_failure(name: str, message: str, output: str) -> tuple[str, str, int]:
    """Find message, file and line of a red test in its name, libtest's words and its output."""
    file, line = place_in_name(name)
    if panic := _PANIC.search(output):
        if not file:
            file, line = panic["file"], int(panic["line"][:9])
        rest = output[panic.end() :].lstrip("\n")
        said = panic["old"] or _NOTE.split(rest, maxsplit=1)[0].strip()
        return message or said, file, line
    if expected := _EXPECTED_PANIC.search(message or output):
        file, line = expected[1] or file, int((expected[2] or "0")[:9]) or line
    return message or output.strip(), file, line
