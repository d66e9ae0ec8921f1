"""How many jobs that do nothing pass in a second, over one lane and over many."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.figures import Row, Table, time_of
from bench.server import Server, ask, serving
from bench.trees import make_lane
from bench.tsp import Spooler, spooling

AIM_SHARE_OF_TSP = 1 / 3
_CONNECTIONS = 4


def measure(folder: Path, jobs: int, lanes: int, rounds: int) -> Table:
    """Measure one lane and many, in turns with `tsp` and with the bare command."""
    places = max(2, os.cpu_count() or 1)
    rows = []
    with serving(folder / "rate") as server:
        made = [make_lane(server, folder / "rate-trees" / str(n)) for n in range(lanes)]
        for count, slots in ((1, 1), (lanes, places)):
            chosen = made[:count]
            run_all(server, chosen, count)  # the first run of a lane makes its slot
            with spooling(folder / f"rate-tsp{slots}", slots) as spooler:
                rates = _measure_in_turns(server, chosen, spooler, jobs=jobs, rounds=rounds)
            rows.append(_row(f"{jobs} jobs over {count} lane{'s'[: count > 1]}", rates))
    return Table(
        title="Jobs that do nothing, in a second",
        floor="`true` from a shell, one after another",
        peer=f"`tsp`, 1 slot; {places} slots for many lanes",
        rows=rows,
        has_peer=spooler is not None,
        note=(
            f"Best of {rounds} rounds. The ratio is to `tsp`. Submitted over {_CONNECTIONS} "
            "keep-alive connections to the Unix socket; every job is made durable, switches its "
            f"slot to its snapshot and is judged. The host takes {places} runs at once."
        ),
    )


def run_all(server: Server, submissions: Sequence[dict[str, Any]], jobs: int) -> None:
    """Submit jobs, each lane in its turn, and wait until all have ended well."""
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        turns = list(itertools.islice(itertools.cycle(submissions), jobs))
        parts = [turns[number::_CONNECTIONS] for number in range(_CONNECTIONS)]
        ids = list(itertools.chain(*pool.map(lambda part: _submit(server, part), parts)))
    server.wait_until_idle()
    with server.connect() as connection:
        status = ask(connection, "GET", f"/test/status/{ids[-1]}")
    if len(ids) != jobs or status["result"] != "passed":
        raise RuntimeError(f"{len(ids)} of {jobs} jobs were taken, the last one: {status}")


def _submit(server: Server, submissions: list[dict[str, Any]]) -> list[str]:
    with server.connect() as connection:
        return [ask(connection, "POST", "/test/submit", one)["job_id"] for one in submissions]


def _measure_in_turns(
    server: Server,
    lanes: list[dict[str, Any]],
    spooler: Spooler | None,
    *,
    jobs: int,
    rounds: int,
) -> dict[str, float]:
    """Give jobs per second, the best of all rounds."""
    best: dict[str, float] = {}
    loop = f"for i in $(seq {jobs}); do %s; done"

    def note(name: str, seconds: float) -> None:
        best[name] = max(best.get(name, 0.0), jobs / seconds)

    for _ in range(rounds):
        note("greenlane", time_of(lambda: run_all(server, lanes, jobs)))
        if spooler is not None:
            note("tsp", time_of(lambda: _run_in_spooler(spooler, loop % "tsp true")))
        note("floor", time_of(lambda: _run_in_shell(loop % "/bin/true")))
    return best


def _run_in_shell(script: str) -> None:
    subprocess.run(["sh", "-c", script], check=True)


def _run_in_spooler(spooler: Spooler, script: str) -> None:
    spooler.shell(script)
    spooler.wait_until_idle()
    spooler.call("-C")


def _row(what: str, rates: dict[str, float]) -> Row:
    figure, peer = rates["greenlane"], rates.get("tsp")
    return Row(
        what=what,
        figure=f"{figure:.0f}/s",
        floor=f"{rates['floor']:.0f}/s",
        peer=f"{peer:.0f}/s" if peer else "-",
        ratio=f"{figure / peer:.2g} x" if peer else "-",
        aim=f"a third of `tsp` = {peer * AIM_SHARE_OF_TSP:.0f}/s" if peer else "-",
        is_met=figure >= peer * AIM_SHARE_OF_TSP if peer else None,
    )
