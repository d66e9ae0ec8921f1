"""`python -m demo`, which is `make demo`. Exits with 0 only if everything was as it should be."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from demo import proof
from demo.agents import hire
from demo.board import Board, show_claims, show_verdicts
from demo.projects import PROJECTS
from demo.proof import Claim
from demo.server import DemoError, Server, await_that
from demo.show import Show
from demo.workspace import Lane

LEFTOVER_DEADLINE_SECONDS = 15.0


def main() -> int:
    """Play, prove, clean up."""
    scratch = Path(tempfile.mkdtemp(prefix="greenlane-demo-"))
    server = Server(scratch)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    claims: list[Claim] = []
    try:
        claims = play(scratch, server)
    except DemoError as error:
        claims = [Claim(text="The demo came to its end", evidence="", troubles=[str(error)])]
    finally:
        last = clean_up(scratch, server)
    console = Board([]).console
    show_claims(console, [*claims, last])
    is_right = not any(claim.troubles for claim in [*claims, last])
    console.print("All as promised." if is_right else "NOT as promised.", style="bold")
    return 0 if is_right else 1


def play(scratch: Path, server: Server) -> list[Claim]:
    """Run the show and judge it."""
    lanes = [Lane(project, scratch) for project in PROJECTS if not project.missing]
    for lane in lanes:
        lane.make()
    agents = [agent for lane in lanes for agent in hire(lane)]
    refs = {lane.project.name: lane.refs() for lane in lanes}
    with Board(agents) as board:
        for project in PROJECTS:
            if project.missing:
                board.say(f"left out: {project.name}, since {project.missing} is not here")
        server.start()
        board.say(f"a private server runs, process {server.pid}")
        show = Show(server, lanes, agents, board)
        kill = show.play()
    show_verdicts(board.console, agents)
    return [
        proof.no_overlap(lanes, show.jobs),
        proof.trees_match(agents),
        proof.late_edits_stayed_out(agents),
        proof.verdicts_are_right(agents),
        proof.kill_lost_nothing(agents, kill, show.jobs),
        proof.repositories_are_clean(refs, lanes),
    ]


def clean_up(scratch: Path, server: Server) -> Claim:
    """Stop the server, remove the folder, and look whether anything stayed."""
    server.stop()
    with contextlib.suppress(DemoError):
        await_that("gone", lambda: not server.processes(), seconds=LEFTOVER_DEADLINE_SECONDS)
    left = server.processes()
    for pid in left:  # all of them are of this demo: they name its folder
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
    troubles = [f"process {pid} was still there" for pid in left]
    if scratch.exists():
        troubles.append(f"{scratch} could not be removed")
    return Claim(text="Nothing was left behind", evidence="no process, no file", troubles=troubles)


if __name__ == "__main__":
    sys.exit(main())
