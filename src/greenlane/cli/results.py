"""`greenlane results`: how a job ended, in full."""

from __future__ import annotations

import sys

from greenlane.cli.connect import open_session
from greenlane.cli.output import clean, format_seconds, paint, print_json
from greenlane.cli.summary import describe_use, format_failure_in_full, headline
from greenlane.cli.verdict import verdict_object
from greenlane.model.errors import NotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Results, Test

FORMATS = ("json", "ctrf", "junit", "github", "agent")


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
        help="print the whole report: every test as JSON, CTRF, JUnit XML or GitHub annotations; "
        "or, as `agent`, the causes in at most 40 lines",
    )
    parser.add_argument(
        "--test",
        metavar="ID",
        help="show this test only, whatever its outcome; a part of its id does, if one has it",
    )
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the results of a job."""
    with open_session(arguments) as session:
        if arguments.format:
            for piece in session.client.export(arguments.job, arguments.format):
                sys.stdout.buffer.write(piece)
            return 0
        if arguments.test:
            return _show_test(session.client.tests(arguments.job, arguments.test), arguments)
        results = session.client.results(arguments.job)
    if arguments.json:
        print_json(verdict_object(results))
    else:
        print("\n".join(_format(results)))
    return 0


def _show_test(found: list[Test], arguments: argparse.Namespace) -> int:
    """Print one test in full.

    Raises:
        NotFoundError: no test has this id, or several hold it.
    """
    if not found:
        raise NotFoundError(
            f"job {arguments.job} has no test {arguments.test!r}",
            hint=f"`greenlane results {arguments.job} --format json` lists them all",
        )
    if len(found) > 1:
        names = "\n  ".join(clean(test["id"]).replace("\n", " ") for test in found)
        raise NotFoundError(f"several tests are called like {arguments.test!r}:\n  {names}")
    [test] = found
    if arguments.json:
        print_json(test)
        return 0
    seconds = test.get("duration_seconds")
    took = "" if seconds is None else f" · {format_seconds(seconds)}"
    print(f"{test['outcome'].replace('_', ' ').upper()}{took}")
    print("\n".join(format_failure_in_full(test)).rstrip())
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
