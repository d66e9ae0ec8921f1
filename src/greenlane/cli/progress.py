"""How a waiting job is shown: one live line on a terminal, a line for each change in a pipe."""

from __future__ import annotations

import os
import sys
import time

from greenlane.cli.output import clean, clip, format_count, format_seconds, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from greenlane.client.answers import Status

ERASE_LINE = "\r\x1b[2K"


def describe_wait(status: Status, *, now: float) -> str:
    """Say in a line how many jobs are ahead, why this one waits, and when it should start.

    `now` is UNIX time.
    """
    parts = ["queued"]
    ahead = status.get("queue_position")
    if ahead is not None:
        parts.append(f"{format_count(ahead, 'job')} ahead" if ahead else "next")
    if reason := status.get("waiting_for"):
        parts.append(clean(reason))
    seconds = status.get("estimated_wait_seconds")
    if seconds:
        clock = time.strftime("%H:%M:%S", time.localtime(now + seconds))
        parts.append(f"starts in about {format_seconds(seconds)} ({clock})")
    return " · ".join(parts)


class Progress:
    """Shows on stderr why a job does not run yet."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self._is_silent = is_silent
        self._is_live = sys.stderr.isatty()
        self._has_line = False
        self._last: tuple[object, ...] = ()

    @property
    def poll_seconds(self) -> float:
        """How long to wait for a change before showing the time again."""
        return 1.0 if self._is_live and not self._is_silent else 30.0

    def show(self, status: Status) -> None:
        """Show where a queued job stands."""
        if self._is_silent:
            return
        if self._is_live:
            width = _terminal_width()
            line = clip(describe_wait(status, now=time.time()).replace("\n", " "), width - 1)
            sys.stderr.write(ERASE_LINE + line)
            sys.stderr.flush()
            self._has_line = True
            return
        seen = (status.get("queue_position"), status.get("waiting_for"))
        if seen != self._last:
            self._last = seen
            say(describe_wait(status, now=time.time()))

    def clear(self) -> None:
        """Take the live line away."""
        if self._has_line:
            sys.stderr.write(ERASE_LINE)
            sys.stderr.flush()
            self._has_line = False


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
