"""The server's own log: one line an event on stderr, with the ids that it is about."""

from __future__ import annotations

import logging
import sys
from typing import Final

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Formatter(logging.Formatter):
    """Puts what a call gives as `extra` behind the message as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        extras = " ".join(
            f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD
        )
        text = super().format(record)
        return f"{text} {extras}" if extras else text


def set_up_logging(*, is_verbose: bool) -> None:
    """Send the log to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("greenlane").setLevel(logging.DEBUG if is_verbose else logging.INFO)
