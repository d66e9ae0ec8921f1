"""`greenlane results`: how a job ended, in full."""

from __future__ import annotations

import sys

from greenlane.cli.connect import open_session
from greenlane.cli.output import paint, print_json
from greenlane.cli.summary import describe_use, format_failure_in_full, headline
from greenlane.cli.verdict import verdict_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Results

FORMATS = ("json", "ctrf", "junit", "github")


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options

    parser = subparsers.add_parser(
        "results", description="Say how a job ended, with all that is known about each failure."
    )
    parser.add_argument("job", metavar="JOB", help="the id that submitting printed")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="print the whole report: every test as JSON, CTRF, JUnit XML or GitHub annotations",
    )
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the results of a job."""
    with open_session(arguments) as session:
        if arguments.format:
            for piece in session.client.export(arguments.job, arguments.format):
                sys.stdout.buffer.write(piece)
            return 0
        results = session.client.results(arguments.job)
    if arguments.json:
        print_json(verdict_object(results))
    else:
        print("\n".join(_format(results)))
    return 0


def _format(results: Results) -> list[str]:
    colour = "green" if results["result"] == "passed" else "red"
    lines = [paint(headline(results), colour, sys.stdout)]
    if results["because"]:
        lines.append(f"  because: {results['because']}")
    if use := describe_use(results):
        lines.append(f"  used: {use}")
    for failure in results["failures"]:
        lines += ["", *format_failure_in_full(failure)]
    red = results["totals"]["failed"] + results["totals"]["error"]
    if more := red - len(results["failures"]):
        lines.append(f"… and {more} more: greenlane results {results['job_id']} --format json")
    return lines
