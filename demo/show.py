"""The play: everybody submits at once, the server is killed, and all get their verdicts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from demo.agents import Agent
from demo.board import Board
from demo.proof import Kill
from demo.server import DemoError, Server, await_that
from demo.workspace import Lane

SUBMIT_DEADLINE_SECONDS = 60.0
VERDICTS_DEADLINE_SECONDS = 150.0


class Show:
    """One performance; `jobs` and `kill` tell how it went."""

    def __init__(
        self, server: Server, lanes: Sequence[Lane], agents: Sequence[Agent], board: Board
    ) -> None:
        self.jobs: list[dict[str, Any]] = []
        self._server = server
        self._lanes = lanes
        self._agents = agents
        self._board = board
        self._threads: list[threading.Thread] = []

    def play(self) -> Kill:
        """Run it from the first edit to the last verdict."""
        self._submit_all()
        kill = self._kill_and_restart()
        await_that("every agent has a verdict", self._all_told, seconds=VERDICTS_DEADLINE_SECONDS)
        self._look()
        return kill

    def _submit_all(self) -> None:
        for agent in self._agents:
            agent.prepare()
        begin = threading.Barrier(len(self._agents))
        self._threads = [
            threading.Thread(target=agent.work, args=(self._server.environment, begin), daemon=True)
            for agent in self._agents
        ]
        self._board.say(f"{len(self._agents)} agents submit at the same moment")
        for thread in self._threads:
            thread.start()
        await_that("all have submitted", self._all_submitted, seconds=SUBMIT_DEADLINE_SECONDS)
        self._board.say("the late edits are made: their worktrees are red now")

    def _kill_and_restart(self) -> Kill:
        running = sum(job["status"] == "running" for job in self.jobs)
        queued = sum(job["status"] == "queued" for job in self.jobs)
        pid = self._server.pid
        before = self._count("stop")
        self._server.kill()
        self._board.say(f"kill -9 of the server, {running} running and {queued} queued")
        for lane in self._lanes:
            lane.open_gate()
        if running:
            await_that("a run ends", lambda: self._count("stop") > before, seconds=60)
        ended = self._count("stop") - before
        self._board.say(f"without a server, {ended} went on to the end; it is started again")
        self._server.start()
        return Kill(pid=pid, running=running, queued=queued, ended_meanwhile=ended)

    def _look(self) -> None:
        answer = self._server.ask("status", "--limit", "500")
        if answer is not None:
            self.jobs = answer["jobs"]
            self._board.update(self.jobs)

    def _all_submitted(self) -> bool:
        self._look()
        troubles = [f"{agent.id}: {agent.trouble}" for agent in self._agents if agent.trouble]
        if troubles:
            raise DemoError("; ".join(troubles))
        is_edited = all(agent.has_edited for agent in self._agents)
        is_begun = self._count("start") == sum(job["status"] == "running" for job in self.jobs)
        return len(self.jobs) == len(self._agents) and is_edited and is_begun

    def _all_told(self) -> bool:
        self._look()
        return not any(thread.is_alive() for thread in self._threads)

    def _count(self, event: str) -> int:
        return sum(stamp["event"] == event for lane in self._lanes for stamp in lane.stamps())
