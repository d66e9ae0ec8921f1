"""The server that the commands talk to."""

from __future__ import annotations

import os

from greenlane.cli.output import say
from greenlane.client.session import Session
from greenlane.config.locations import Locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def open_session(arguments: argparse.Namespace) -> Session:
    """Prepare a session with this environment's instance; entering it connects.

    Raises:
        ServerUnavailableError: on entering, when there is no server and none may or can start.
    """
    locations = Locations.from_environment(os.environ)
    return Session(
        locations.socket,
        locations.state_dir,
        may_start=not arguments.no_autostart,
        tell=_be_silent if getattr(arguments, "json", False) else say,
    )


def _be_silent(_: str) -> None:
    """Say nothing: a program reads the answer."""
