"""`greenlane run`: any command, on the tree as it is now."""

from __future__ import annotations

from greenlane.cli.connect import open_session
from greenlane.cli.follow import follow_to_verdict
from greenlane.cli.submission import announce, print_submitted, submit_folder
from greenlane.model.errors import BadRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Submission


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_follow_options, add_submit_options, assignment

    parser = subparsers.add_parser(
        "run",
        usage="greenlane run [options] -- COMMAND...",
        description="Run a command, a linter or one script say, on the working tree exactly as it "
        "is now, in the same subfolder. It takes its turn in the project's lane. Its exit status "
        "is the verdict; with --framework its reports are read too.",
        epilog="Exit codes and Ctrl-C are those of `greenlane test`: 0 when the command ended "
        "with 0, 1 when it did not.",
    )
    parser.set_defaults(takes_rest=True)
    parser.add_argument(
        "--env",
        metavar="NAME=VALUE",
        type=assignment,
        action="append",
        default=[],
        help="set a variable for the command; may be repeated",
    )
    add_submit_options(parser)
    add_follow_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Submit, follow, judge.

    Raises:
        BadRequestError: there is no command.
    """
    if not arguments.rest:
        raise BadRequestError(
            "no command to run", hint="put it after `--`: greenlane run -- make check"
        )
    wishes: Submission = {"command": arguments.rest}
    if arguments.env:
        wishes["env"] = dict(arguments.env)
    with open_session(arguments) as session:
        submitted = submit_folder(session, arguments, wishes)
        if arguments.no_wait:
            print_submitted(submitted, as_json=arguments.json)
            return 0
        if not (arguments.json or arguments.quiet):
            announce(submitted)
        return follow_to_verdict(session, submitted["job_id"], arguments)
