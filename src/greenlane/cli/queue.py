"""`greenlane queue`: what runs and what waits, live on a terminal."""

from __future__ import annotations

import sys
import time

from greenlane.cli.connect import open_session
from greenlane.cli.output import clean, format_seconds, print_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from rich.table import Table

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Queue, Status
    from greenlane.client.session import Session

REFRESH_SECONDS = 0.5
COLUMNS = ("job", "project/suite", "agent", "status", "time", "waits for", "starts in")


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_server_options

    parser = subparsers.add_parser(
        "queue",
        description="Show what runs and what waits, and why: live on a terminal until Ctrl-C, once "
        "in a pipe.",
    )
    parser.add_argument("--once", action="store_true", help="print once on a terminal too")
    add_server_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the queue."""
    with open_session(arguments) as session:
        if arguments.json:
            print_json(session.client.queue())
        elif arguments.once or not sys.stdout.isatty():
            print("\n".join(format_queue(session.client.queue())))
        else:
            _show_live(session)
    return 0


def format_queue(queue: Queue) -> list[str]:
    """Give the queue as plain lines, columns aligned."""
    lines = [headline(queue)]
    rows = [_row(status) for status in (*queue["running"], *queue["queued"])]
    if not rows:
        return lines
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
    for row in (COLUMNS, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(cells).rstrip())
    return lines


def headline(queue: Queue) -> str:
    """Count what runs and what waits."""
    running, queued = len(queue["running"]), queue["queued_total"]
    return f"{running} running, {queued} queued of at most {queue['limit']}"


def _row(status: Status) -> tuple[str, ...]:
    is_queued = status["status"] == "queued"
    seconds = status["queued_seconds"] if is_queued else status["run_seconds"]
    cells = (
        status["job_id"],
        f"{status['project']}/{status['suite']}",
        status["agent"],
        status["status"],
        format_seconds(seconds),
        status["waiting_for"],
        format_seconds(status["estimated_wait_seconds"]) if is_queued else "",
    )
    return tuple(clean(cell).replace("\n", " ") for cell in cells)


def _show_live(session: Session) -> None:
    """Redraw until Ctrl-C, which is the way out and no error."""
    from rich.live import Live

    queue = session.client.queue()
    try:
        with Live(_make_table(queue), screen=False, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_SECONDS)
                queue = session.insist(session.client.queue)
                live.update(_make_table(queue), refresh=True)
    except KeyboardInterrupt:
        return


def _make_table(queue: Queue) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=headline(queue), title_justify="left", box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="ellipsis", no_wrap=True)
    for status in (*queue["running"], *queue["queued"]):
        style = "" if status["status"] == "queued" else "green"
        table.add_row(*(Text(cell) for cell in _row(status)), style=style)
    return table
