"""`greenlane submit`: queue a test and leave."""

from __future__ import annotations

from greenlane.cli.connect import open_session
from greenlane.cli.submission import print_submitted, submit_folder
from greenlane.cli.test import add_suite_options, suite_wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    parser = subparsers.add_parser(
        "submit",
        usage="greenlane submit [options] [-- ARGS...]",
        description="Queue a test of the working tree as it is now, print the job's id and leave. "
        "What stands after `--` goes to the test command.",
    )
    add_suite_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Submit."""
    with open_session(arguments) as session:
        submitted = submit_folder(session, arguments, suite_wishes(arguments))
    print_submitted(submitted, as_json=arguments.json)
    return 0
