"""`greenlane cancel`: end jobs, queued or running."""

from __future__ import annotations

from greenlane.cli.connect import open_session
from greenlane.cli.output import print_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Cancelled


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options

    parser = subparsers.add_parser("cancel", description="End a job, queued or running.")
    parser.add_argument("job", metavar="JOB", help="the id that submitting printed")
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Cancel the job."""
    with open_session(arguments) as session:
        answer = session.client.cancel(arguments.job)
    if arguments.json:
        print_json(answer)
    else:
        print(_describe(answer))
    return 0


def _describe(answer: Cancelled) -> str:
    if answer["was_running"]:
        return f"job {answer['job_id']} is being stopped"
    if answer["status"] == "cancelled":
        return f"job {answer['job_id']} is cancelled"
    return f"job {answer['job_id']} had ended already: {answer['status']}"
