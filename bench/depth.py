"""What a long queue and a long past cost: latencies and memory of the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import (
    Row,
    Samples,
    Step,
    Table,
    measure_in_turns,
    megabytes,
    milliseconds,
    times,
)
from bench.history import fill
from bench.server import Server, ask
from bench.trees import make_lane
from bench.tsp import Spooler, spooling
from greenlane.client.http import Connection

AIM_SUBMIT_SECONDS = 0.025
AIM_MEMORY_BYTES = 100_000_000
_TSP_JOBS_AT_MOST = 200  # it keeps a process for each job that waits
_ROW_BYTES = 500


def measure(folder: Path, *, ended: int, queued: int, rounds: int) -> Table:
    """Measure a full server, in turns with an empty one."""
    with (
        _full_server(folder, ended=ended, queued=queued) as (full, job),
        _empty_server(folder) as (empty, lone_job),
        spooling(folder / "depth-tsp") as spooler,
        full.connect() as to_full,
        empty.connect() as to_empty,
    ):
        _fill_spooler(spooler, min(queued, _TSP_JOBS_AT_MOST))
        store = _Floor(folder / "floor.db")
        steps: dict[str, Step] = {
            "floor": store.commit,
            **_steps(to_full, job, "full"),
            **_steps(to_empty, lone_job, "empty"),
        }
        if spooler is not None:
            steps["tsp"] = lambda: spooler.call("true")
        taken = measure_in_turns(steps, rounds)
        memory, empty_memory = full.memory_bytes(), empty.memory_bytes()
        peak, start_seconds = full.memory_bytes("VmHWM"), full.start_seconds
        empty_start = empty.start_seconds
    return Table(
        title=f"A long queue: {queued:,} jobs wait and {ended:,} have ended",
        floor="the same with an empty server",
        peer=f"`tsp` add with {min(queued, _TSP_JOBS_AT_MOST):,} jobs waiting",
        rows=[
            _submit_row(taken),
            *(_row(what, taken, name) for what, name in _QUESTIONS),
            Row(
                what="resident memory",
                figure=f"{megabytes(memory)} (peak {megabytes(peak)})",
                floor=megabytes(empty_memory),
                ratio=times(memory, empty_memory),
                aim=f"under {megabytes(AIM_MEMORY_BYTES)}",
                is_met=max(memory, peak) < AIM_MEMORY_BYTES,
            ),
            Row(
                what="start, until it answers",
                figure=milliseconds(start_seconds),
                floor=milliseconds(empty_start),
                ratio=times(start_seconds, empty_start),
            ),
        ],
        has_peer=spooler is not None,
        note=(
            f"Median (p99) of {rounds} requests over one keep-alive connection. The ratio is to "
            "the empty server. A bare durable SQLite commit of one row took "
            f"{taken['floor'].show()} meanwhile. The rows of the past were written straight into "
            "the database; the job in front of the queue runs all the time."
        ),
    )


_QUESTIONS = (
    ("status of the job that waits longest", "status"),
    ("queue (the first 500)", "queue"),
    ("jobs (the newest 100)", "jobs"),
    ("health", "health"),
)


@contextmanager
def _full_server(folder: Path, *, ended: int, queued: int) -> Iterator[tuple[Server, Any]]:
    """Give a server with a past, and a submission to its busy lane."""
    server = Server(folder / "full")
    server.start()
    submission = make_lane(server, folder / "full-tree")
    server.stop()
    database = str(server.state_dir / "greenlane.db")
    fill(database, submission["project"], submission["folder"], ended=ended, queued=queued)
    server.start()
    try:
        yield server, submission
        server.ask("DELETE", "/test/cancel/sleeper")
    finally:
        server.stop()


@contextmanager
def _empty_server(folder: Path) -> Iterator[tuple[Server, Any]]:
    """Give a server with nothing but one job that runs, and a submission to its lane."""
    server = Server(folder / "empty")
    server.start()
    try:
        submission = make_lane(server, folder / "empty-tree")
        sleeper = submission | {"command": ["sleep", "600"]}
        job = server.ask("POST", "/test/submit", sleeper)["job_id"]
        yield server, submission
        server.ask("DELETE", f"/test/cancel/{job}")
    finally:
        server.stop()


def _steps(connection: Connection, submission: Any, which: str) -> dict[str, Step]:
    newest = ask(connection, "POST", "/test/submit", submission)["job_id"]

    def get(target: str) -> Step:
        return lambda: ask(connection, "GET", target)

    return {
        f"submit-{which}": lambda: ask(connection, "POST", "/test/submit", submission),
        f"status-{which}": get(f"/test/status/{newest}"),
        f"queue-{which}": get("/queue"),
        f"jobs-{which}": get("/jobs?limit=100"),
        f"health-{which}": get("/health"),
    }


class _Floor:
    """A durable commit of one row: less than this no submit can cost."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE jobs (body BLOB)")

    def commit(self) -> None:
        self._connection.execute("INSERT INTO jobs VALUES (zeroblob(?))", (_ROW_BYTES,))
        self._connection.commit()


def _fill_spooler(spooler: Spooler | None, jobs: int) -> None:
    if spooler is not None:
        spooler.call("sleep", "600")
        spooler.shell(f"for i in $(seq {jobs}); do tsp true; done")


def _submit_row(taken: dict[str, Samples]) -> Row:
    figure = taken["submit-full"]
    return Row(
        what="submit",
        figure=figure.show(),
        floor=taken["submit-empty"].show(),
        peer=taken["tsp"].show() if "tsp" in taken else "-",
        ratio=times(figure.median, taken["submit-empty"].median),
        aim=f"p99 under {milliseconds(AIM_SUBMIT_SECONDS)}",
        is_met=figure.p99 < AIM_SUBMIT_SECONDS,
    )


def _row(what: str, taken: dict[str, Samples], name: str) -> Row:
    full, empty = taken[f"{name}-full"], taken[f"{name}-empty"]
    return Row(
        what=what,
        figure=full.show(),
        floor=empty.show(),
        ratio=times(full.median, empty.median),
    )
