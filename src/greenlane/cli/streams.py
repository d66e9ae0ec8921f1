"""The three streams of the command line, whatever whoever started it made of them.

A trouble with them must not look like a verdict: Python's own answer to an error is exit code 1,
which here says that tests failed.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def make_usable() -> None:
    """Open what is closed, and have text that an encoding lacks written all the same.

    A descriptor that is closed would be taken by the next file or socket that is opened, and
    whatever is printed would end up in it. In a locale such as `LC_ALL=C` a `·` is
    written as its escape.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stdout is None:
        sys.stdout = _to_nowhere()
    if sys.stderr is None:
        sys.stderr = _to_nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def silence() -> None:
    """Point stdout elsewhere, so that the interpreter's last flush does not fail once more."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)


def _to_nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")
