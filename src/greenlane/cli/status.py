"""`greenlane status`: where a job is, or the latest jobs."""

from __future__ import annotations

from greenlane.cli.connect import open_session
from greenlane.cli.output import clean, format_seconds, print_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Status
    from greenlane.client.session import Session

MOST_JOBS = 500


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options, positive_count

    parser = subparsers.add_parser(
        "status", description="Say where a job is; without a job, list the latest ones."
    )
    parser.add_argument("job", nargs="?", metavar="JOB", help="the id that submitting printed")
    parser.add_argument("--project", metavar="ID", default="", help="list jobs of one project only")
    parser.add_argument(
        "--status",
        metavar="WORD",
        default="",
        help="list jobs of one status only: queued, running…",
    )
    parser.add_argument(
        "--limit", metavar="N", type=positive_count, default=20, help="how many to list (20)"
    )
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the status of one job or of many."""
    with open_session(arguments) as session:
        if arguments.job is None:
            return _list(session, arguments)
        status = session.client.status(arguments.job)
    if arguments.json:
        print_json(status)
    else:
        print("\n".join(format_status(status)))
    return 0


def _list(session: Session, arguments: argparse.Namespace) -> int:
    jobs = session.client.jobs(
        limit=min(arguments.limit, MOST_JOBS), status=arguments.status, project=arguments.project
    )
    if arguments.json:
        print_json({"jobs": jobs})
        return 0
    if not jobs:
        print("no jobs")
    for job in jobs:
        print(format_row(job))
    return 0


def format_row(status: Status) -> str:
    """Give one line for a list of jobs."""
    word = status["result"] or status["status"]
    seconds = status["run_seconds"] if status["started_at"] else status["queued_seconds"]
    name = f"{status['project']}/{status['suite']}"
    columns = (f"{status['job_id']:<14}", f"{word:<12}", f"{format_seconds(seconds):>12}", name)
    part = f"only {status['partial']}" if status.get("partial") else ""
    return clean("  ".join((*columns, status["agent"], part))).rstrip()


def format_status(status: Status) -> list[str]:
    """Give all that there is to say about one job."""
    pairs = [
        ("job", status["job_id"]),
        ("project", status["project"]),
        ("suite", status["suite"]),
        ("agent", status["agent"]),
        ("task", status["task"]),
        ("tree", status["tree"]),
        ("only", status.get("partial", "")),
        ("status", status["status"]),
        ("result", status["result"]),
        ("because", status["because"]),
        ("ahead", _text_of(status["queue_position"])),
        ("waits for", status["waiting_for"]),
        ("attempts", _text_of(status["attempts"])),
        ("submitted", status["submitted_at"]),
        ("queued", format_seconds(status["queued_seconds"])),
        ("ran", "" if status["run_seconds"] is None else format_seconds(status["run_seconds"])),
    ]
    return [f"{name:<10} {clean(value)}" for name, value in pairs if value]


def _text_of(number: int | None) -> str:
    return "" if number is None else str(number)
