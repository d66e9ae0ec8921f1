"""What `test`, `run` and `wait` do once there is a job: follow it, and print its verdict."""

from __future__ import annotations

import signal
import sys

from greenlane.cli.output import paint, print_json, say
from greenlane.cli.progress import Progress
from greenlane.cli.summary import format_summary
from greenlane.cli.verdict import JobGoesOnError, exit_code_of, has_ended, verdict_object
from greenlane.cli.watch import LogSink, Watch
from greenlane.model.errors import GreenlaneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import NoReturn

    from greenlane.client.answers import Results
    from greenlane.client.session import Session

LOOK_SECONDS = 30.0


class TerminatedError(KeyboardInterrupt):
    """SIGTERM: whoever started this command gave it up, which says nothing about the job."""


def follow_to_verdict(session: Session, job_id: str, arguments: argparse.Namespace) -> int:
    """Follow a job to its end, print the verdict, give the exit code.

    Ctrl-C cancels the job, unless `--detach` was given; a second one leaves at once. SIGTERM
    leaves it running: an agent's tool that runs out of time must not lose the verdict.
    """
    signal.signal(signal.SIGTERM, _raise_terminated)
    sink = None if arguments.json or arguments.quiet else LogSink()
    progress = Progress(is_silent=arguments.json or arguments.quiet)
    watch = Watch(session, job_id, progress=progress, sink=sink)
    try:
        results = watch.follow()
    except TerminatedError as signalled:
        raise JobGoesOnError(job_id, "terminated") from signalled
    except KeyboardInterrupt as signalled:
        if arguments.detach:
            raise JobGoesOnError(job_id, "interrupted") from signalled
        results = _cancel(session, job_id)
    if sink is not None:
        sink.finish()
    if not arguments.json and not sys.stdout.isatty() and exit_code_of(results):
        print_compact(session, results)
    else:
        print_verdict(results, as_json=arguments.json)
    return exit_code_of(results)


def print_verdict(results: Results, *, as_json: bool) -> None:
    """Print the summary of a job that has ended, or its object."""
    if as_json:
        print_json(verdict_object(results))
        return
    lines = format_summary(results, lambda text, colour: paint(text, colour, sys.stdout))
    print("\n".join(lines), flush=True)


def print_compact(session: Session, results: Results) -> None:
    """Print what is red by its causes, for a program that reads along."""
    try:
        text = b"".join(session.client.export(results["job_id"], "agent"))
    except GreenlaneError:  # the server went away, or is older: what is known is enough
        print_verdict(results, as_json=False)
        return
    print(text.decode("utf-8", "replace"), end="", flush=True)


def _raise_terminated(_number: int, _frame: object) -> NoReturn:
    raise TerminatedError


def _cancel(session: Session, job_id: str) -> Results:
    """Cancel and wait for the end, which the user may cut short too."""
    client = session.client
    try:
        client.close()  # whatever was half sent or half read
        say(f"cancelling job {job_id}; Ctrl-C again leaves it running")
        client.cancel(job_id)
        status = client.status(job_id)
        while not has_ended(status):
            status = client.status(job_id, wait_seconds=LOOK_SECONDS, since=status["status"])
        return client.results(job_id)
    except KeyboardInterrupt as signalled:
        raise JobGoesOnError(job_id, "interrupted again") from signalled
