"""`greenlane serve`: the server in the foreground."""

from __future__ import annotations

import os

from greenlane.config.locations import (
    CONFIG_VARIABLE,
    SOCKET_VARIABLE,
    STATE_VARIABLE,
    Locations,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        "serve",
        description="Run the server in the foreground until SIGTERM or Ctrl-C; runs in progress "
        "go on, and the next server takes them up.",
    )
    parser.add_argument(
        "--auto",
        action="store_true",
        help="as a client starts it: leave quietly when one runs already, and when idle for long",
    )
    parser.add_argument(
        "--state-dir", metavar="DIR", help=f"where everything is kept (default: ${STATE_VARIABLE})"
    )
    parser.add_argument(
        "--socket", metavar="PATH", help=f"where to listen (default: ${SOCKET_VARIABLE})"
    )
    parser.add_argument("--verbose", action="store_true", help="log every request and decision")


def run(arguments: argparse.Namespace) -> int:
    """Serve. The places go on as the environment that they stand for, to runs and readers too."""
    places = ((STATE_VARIABLE, arguments.state_dir), (SOCKET_VARIABLE, arguments.socket))
    for variable, value in places:
        if value:
            os.environ[variable] = os.path.abspath(value)
    locations = Locations.from_environment(os.environ)
    if arguments.auto:
        _leave_folder(locations)
    from greenlane.server.main import serve

    return serve(
        locations,
        is_on_demand=arguments.auto,
        is_verbose=arguments.verbose,
    )


def _leave_folder(locations: Locations) -> None:
    """Do not hold on to the folder of whoever came first: it may be deleted or unmounted."""
    for variable, path in (
        (STATE_VARIABLE, locations.state_dir),
        (SOCKET_VARIABLE, locations.socket),
        (CONFIG_VARIABLE, locations.config),
    ):
        if os.environ.get(variable):
            os.environ[variable] = path
    os.makedirs(locations.state_dir, mode=0o700, exist_ok=True)
    os.chdir(locations.state_dir)
