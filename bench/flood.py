"""A run that writes a lot: the server's memory, the time, and somebody who follows the log."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.figures import Row, Table, megabytes, time_of, times
from bench.server import Server, ask, serving
from bench.trees import make_lane
from bench.tsp import Spooler, spooling

AIM_GROWTH_BYTES = 10_000_000  # what "flat" means here
_SAMPLE_SECONDS = 0.02
_MEGABYTE = 1_000_000


@dataclass(slots=True)
class Flood:
    """What was seen of one run."""

    seconds: float
    memory: list[int]
    followed_bytes: int = 0
    log_bytes: int = 0


def measure(folder: Path, size_mb: int, rounds: int) -> Table:
    """Measure with the usual limit of the log, with all of it kept, and with a follower."""
    command = ["dd", "if=/dev/zero", f"bs={_MEGABYTE}", f"count={size_mb}", "status=none"]
    keeping = f"log_limit_mb = {2 * size_mb}\n"
    kinds = (
        ("log cut at its usual limit of 200 MB", "", False),
        ("all of the log kept", keeping, False),
        ("all kept, and a follower reads it meanwhile", keeping, True),
    )
    rows = []
    with spooling(folder / "flood-tsp") as spooler:
        for number, (what, settings, is_followed) in enumerate(kinds):
            with serving(folder / f"flood{number}", settings) as server:
                lane = make_lane(server, folder / f"flood-tree{number}") | {"command": command}
                beside = _Beside(folder / "floor.bin", command, spooler)
                floods = []
                for _ in range(rounds):
                    beside.take()
                    floods.append(_flood(server, lane, is_followed=is_followed))
                rows.append(_row(what, floods, beside))
    return Table(
        title=f"A run that writes {size_mb} MB",
        floor="the same into a file",
        peer="`tsp` add + wait",
        rows=rows,
        has_peer=spooler is not None,
        note=(
            f"Best time of {rounds}. Memory is the server's resident memory before, at its most "
            f"(sampled every {_SAMPLE_SECONDS * 1000:.0f} ms) and after. The ratio is to the "
            f"floor."
        ),
    )


@dataclass(slots=True)
class _Beside:
    """The floor and the peer, measured next to every flood."""

    path: Path
    command: list[str]
    spooler: Spooler | None
    floors: list[float] = field(default_factory=list)
    peers: list[float] = field(default_factory=list)

    def take(self) -> None:
        self.floors.append(time_of(self._write))
        self.path.unlink()
        if self.spooler is not None:
            script = f"job=$(tsp {' '.join(self.command)}); tsp -w $job; rm $(tsp -o $job)"
            self.peers.append(time_of(partial(self.spooler.shell, script)))

    def _write(self) -> None:
        with self.path.open("wb") as file:
            subprocess.run(self.command, check=True, stdout=file)


def _flood(server: Server, lane: dict[str, Any], *, is_followed: bool) -> Flood:
    flood = Flood(0.0, [])
    with _sampling(server, flood.memory):
        flood.seconds = time_of(lambda: _run(server, lane, flood, is_followed=is_followed))
    return flood


def _run(server: Server, lane: dict[str, Any], flood: Flood, *, is_followed: bool) -> None:
    with server.connect() as connection:
        job = ask(connection, "POST", "/test/submit", lane)["job_id"]
        if is_followed:
            log = connection.request("GET", f"/test/logs/{job}?follow=true", timeout_seconds=None)
            flood.followed_bytes = sum(len(chunk) for chunk in log.chunks())
        while (status := ask(connection, "GET", f"/test/status/{job}?wait=60"))["result"] is None:
            pass
        if status["result"] != "passed":
            raise RuntimeError(f"the run did not pass: {status}")
        results = ask(connection, "GET", f"/test/results/{job}?tests=false")
        flood.log_bytes = results["log_bytes"]


@contextmanager
def _sampling(server: Server, memory: list[int]) -> Iterator[None]:
    """Sample the server's memory; the first sample is from before, the last from after."""
    has_ended = threading.Event()
    memory.append(server.memory_bytes())

    def sample() -> None:
        while not has_ended.wait(_SAMPLE_SECONDS):
            memory.append(server.memory_bytes())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()
        memory.append(server.memory_bytes())


def _row(what: str, floods: list[Flood], beside: _Beside) -> Row:
    best = min(flood.seconds for flood in floods)
    last = floods[-1]
    before, most, after = last.memory[0], max(last.memory), last.memory[-1]
    followed = f"; {megabytes(last.followed_bytes)} followed" if last.followed_bytes else ""
    return Row(
        what=f"{what} ({megabytes(last.log_bytes)}{followed})",
        figure=f"{best:.2f} s; {megabytes(before)} → {megabytes(most)} → {megabytes(after)}",
        floor=f"{min(beside.floors):.2f} s",
        peer=f"{min(beside.peers):.2f} s" if beside.peers else "-",
        ratio=times(best, min(beside.floors)),
        aim=f"memory flat: at most {megabytes(AIM_GROWTH_BYTES)} more",
        is_met=most - before <= AIM_GROWTH_BYTES,
    )
