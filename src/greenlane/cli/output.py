"""What is printed and how: plain in a pipe, coloured on a terminal, never a stray escape code."""

from __future__ import annotations

import os
import sys

from greenlane.model.plain_text import clean, clip, format_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = [
    "clean", "clip", "format_count", "format_seconds", "is_coloured", "paint", "print_json", "say",
]  # fmt: skip

COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def print_json(value: object) -> None:
    """Print one value: a line for programs, indented on a terminal."""
    import json

    print(json.dumps(value, indent=2 if sys.stdout.isatty() else None), flush=True)


def is_coloured(stream: TextIO) -> bool:
    """Say whether colours belong on a stream (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: TextIO) -> str:
    """Colour a text where the stream shows it."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if is_coloured(stream) else text


def format_count(count: int, noun: str) -> str:
    """Write a number with its noun in the right form."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def say(text: str) -> None:
    """Tell the person at the terminal something that is not the answer: on stderr."""
    sys.stdout.flush()
    print(f"greenlane: {text}", file=sys.stderr, flush=True)
