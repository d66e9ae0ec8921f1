"""`greenlane wait`: wait for jobs that were submitted before."""

from __future__ import annotations

import time

from greenlane.cli.connect import open_session
from greenlane.cli.follow import print_verdict
from greenlane.cli.output import print_json
from greenlane.cli.verdict import JobGoesOnError, exit_code_of, has_ended, verdict_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Results
    from greenlane.client.session import Session

LOOK_SECONDS = 30.0


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options, positive_seconds

    parser = subparsers.add_parser(
        "wait",
        description="Wait for jobs to end, print their verdicts in the order given, and exit with "
        "the code of the first that is not green.",
    )
    parser.add_argument("jobs", nargs="+", metavar="JOB", help="the ids that submitting printed")
    parser.add_argument(
        "--timeout",
        metavar="TIME",
        type=positive_seconds,
        help="give up after this time with exit code 75; the jobs go on",
    )
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Wait for all jobs."""
    deadline = time.monotonic() + arguments.timeout if arguments.timeout else None
    ended: list[Results] = []
    with open_session(arguments) as session:
        for job_id in arguments.jobs:
            results = _wait_for(session, job_id, deadline)
            ended.append(results)
            if not arguments.json:
                print_verdict(results, as_json=False)
    if arguments.json:
        objects = [verdict_object(results) for results in ended]
        print_json(objects[0] if len(objects) == 1 else {"jobs": objects})
    codes = [exit_code_of(results) for results in ended]
    return next((code for code in codes if code), 0)


def _wait_for(session: Session, job_id: str, deadline: float | None) -> Results:
    """Give the results of a job.

    Raises:
        JobGoesOnError: the deadline came first.
    """
    status = session.look(job_id)
    while not has_ended(status):
        left = LOOK_SECONDS if deadline is None else deadline - time.monotonic()
        if left <= 0:
            raise JobGoesOnError(job_id, "the time to wait is over")
        status = session.look(job_id, wait_seconds=min(left, LOOK_SECONDS), since=status["status"])
    return session.insist(lambda: session.client.results(job_id))
