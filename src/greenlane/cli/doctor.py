"""`greenlane doctor`: what is missing on this machine and how to get it."""

from __future__ import annotations

import os
import sys

from greenlane.cli.diagnosis import MISSING, OK, WARNING, Check, examine
from greenlane.cli.output import clean, paint, print_json
from greenlane.cli.verdict import NOT_GREEN
from greenlane.config.locations import Locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers

COLOUR_OF_STATE = {OK: "green", WARNING: "yellow", MISSING: "red"}


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_json_option

    parser = subparsers.add_parser(
        "doctor",
        description="Look at all that Greenlane needs on this machine and say how to get what is "
        "missing. Exits with 0 when it can work here, with 3 when it cannot; a preset whose "
        "program is not installed is a warning. Starts no server.",
    )
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Examine and report."""
    locations = Locations.from_environment(os.environ)
    checks = list(examine(locations))
    is_fit = all(check.state != MISSING for check in checks)
    if arguments.json:
        places = {"state_dir": locations.state_dir, "socket": locations.socket}
        print_json({"ok": is_fit, **places, "checks": [check.as_json() for check in checks]})
    else:
        for check in checks:
            _print(check)
        print("everything that is needed is here" if is_fit else "Greenlane cannot work here yet")
    return 0 if is_fit else NOT_GREEN


def _print(check: Check) -> None:
    state = paint(f"{check.state:<8}", COLOUR_OF_STATE[check.state], sys.stdout)
    print(f"{state} {check.name}: {clean(check.detail)}")
    if check.hint:
        print(f"         {clean(check.hint)}")
