"""`greenlane logs`: the raw log of a job."""

from __future__ import annotations

from greenlane.cli.connect import open_session
from greenlane.cli.progress import Progress
from greenlane.cli.watch import LogSink, Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options

    parser = subparsers.add_parser("logs", description="Print the log of a job, byte for byte.")
    parser.add_argument("job", metavar="JOB", help="the id that submitting printed")
    parser.add_argument(
        "-f", "--follow", action="store_true", help="go on until the job ends, as it grows"
    )
    add_server_options(parser, with_json=False)


def run(arguments: argparse.Namespace) -> int:
    """Print the log."""
    sink = LogSink()
    with open_session(arguments) as session:
        if arguments.follow:
            Watch(session, arguments.job, progress=Progress(), sink=sink).follow()
            return 0
        for piece in session.client.logs(arguments.job):
            sink.write(piece)
    return 0
