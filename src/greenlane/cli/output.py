"""What is printed and how: plain in a pipe, coloured on a terminal, never a stray escape code."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}

#: What a test's id or message may not do to a terminal: C0 and C1 controls but tab and newline,
#: and the characters that turn the direction of text (Trojan Source, CVE-2021-42574).
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def print_json(value: object) -> None:
    """Print one value: a line for programs, indented on a terminal."""
    import json

    print(json.dumps(value, indent=2 if sys.stdout.isatty() else None), flush=True)


def clean(text: str) -> str:
    """Take escape sequences and control characters out of text that a test may have made."""
    if text.isprintable():
        return text
    if "\x1b" in text:
        import re

        text = re.sub(
            r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])", "", text
        )
    return text.translate(_CONTROLS)


def is_coloured(stream: TextIO) -> bool:
    """Say whether colours belong on a stream (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: TextIO) -> str:
    """Colour a text where the stream shows it."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if is_coloured(stream) else text


def format_seconds(seconds: float | None) -> str:
    """Write a duration as a person would: `0.84 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return "?"
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def format_count(count: int, noun: str) -> str:
    """Write a number with its noun in the right form."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def clip(text: str, width: int) -> str:
    """Shorten one line to a width."""
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"


def say(text: str) -> None:
    """Tell the person at the terminal something that is not the answer: on stderr."""
    sys.stdout.flush()
    print(f"greenlane: {text}", file=sys.stderr, flush=True)
