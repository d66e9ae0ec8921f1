"""From the submit to the first byte of output, for a client that follows the log."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.figures import Row, Step, Table, measure_in_turns, times
from bench.server import ask, serving
from bench.trees import make_lane
from bench.tsp import spooling

_WORDS = ("echo", "here")
_PEER = f"job=$(tsp {' '.join(_WORDS)}); tsp -w $job; tsp -c $job"  # -c has no patience itself


def measure(folder: Path, rounds: int) -> Table:
    """Measure it in a lane with nothing else to do."""
    with (
        serving(folder / "first") as server,
        spooling(folder / "first-tsp") as spooler,
        server.connect() as connection,
    ):
        submission = make_lane(server, folder / "first-tree") | {"command": list(_WORDS)}

        def follow() -> None:
            job = ask(connection, "POST", "/test/submit", submission)["job_id"]
            chunks = connection.request("GET", f"/test/logs/{job}?follow=true").chunks()
            if next(chunks, b"") == b"":
                raise RuntimeError(f"job {job} wrote nothing")
            connection.close()  # what comes after the first byte is not of interest

        def read() -> None:
            with subprocess.Popen(_WORDS, stdout=subprocess.PIPE, bufsize=0) as process:
                assert process.stdout is not None
                process.stdout.read(1)

        steps: dict[str, Step] = {"floor": read, "greenlane": follow}
        if spooler is not None:
            steps["tsp"] = lambda: spooler.shell(_PEER)
        for step in steps.values():
            step()  # the first run makes the slot
        taken = measure_in_turns(steps, rounds)
        server.wait_until_idle()
    return Table(
        title="From submit to the first byte of output",
        floor="the command in a pipe",
        peer="`tsp` add, wait, show",
        rows=[
            Row(
                what="`echo` in an idle, warm lane of 10 files",
                figure=taken["greenlane"].show(),
                floor=taken["floor"].show(),
                peer=taken["tsp"].show() if "tsp" in taken else "-",
                ratio=times(taken["greenlane"].median, taken["floor"].median),
            )
        ],
        has_peer=spooler is not None,
        note="Median (p99).",
    )
