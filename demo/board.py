"""Show the lanes while they work, and the verdicts at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.agents import Agent
from demo.proof import Claim

WIDTH_OF_PIPE = 140
COLOUR = {"passed": "green", "failed": "red", "running": "yellow", "queued": "dim"}


class Board:
    """A live table on a terminal, one line for each change in a pipe."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        plain = Console()
        self.console = plain if plain.is_terminal else Console(width=WIDTH_OF_PIPE)
        self._agents = agents
        self._began = time.monotonic()
        self._states = dict.fromkeys((agent.id for agent in agents), "edits")
        self._live = Live(console=self.console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """Tell what the demo itself does."""
        self.console.print(f"{self._seconds()}  {text}", markup=False, highlight=False)

    def update(self, jobs: Sequence[dict[str, Any]]) -> None:
        """Show where the jobs are."""
        by_agent = {job["agent"]: job for job in jobs}
        for agent in self._agents:
            job = by_agent.get(agent.id)
            if job is None or self._states[agent.id] == state_of(job):
                continue
            self._states[agent.id] = state_of(job)
            if not self.console.is_terminal:
                self._tell(agent, job)
        if self.console.is_terminal:
            self._live.update(self._table(by_agent), refresh=True)

    def _tell(self, agent: Agent, job: dict[str, Any]) -> None:
        word = state_of(job)
        line = Text.assemble(
            f"{self._seconds()}  {agent.lane.project.name:<7} {agent.name:<5} ",
            (f"{word:<8}", COLOUR.get(word, "magenta")),
            f"tree {job['tree'][:10]}",
        )
        self.console.print(line)

    def _table(self, by_agent: dict[str, dict[str, Any]]) -> Table:
        table = Table("lane", "agent", "does this", "tree", "now", title=self._seconds().strip())
        for before, agent in zip([None, *self._agents], self._agents, strict=False):
            job = by_agent.get(agent.id)
            is_first = before is None or before.lane is not agent.lane
            if is_first and before is not None:
                table.add_section()
            table.add_row(
                agent.lane.project.name if is_first else "",
                agent.name,
                agent.story.value,
                agent.tree[:10],
                _now(job),
            )
        return table

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._began:6.2f} s"


def state_of(job: dict[str, Any]) -> str:
    """Give the result, or the status while there is none."""
    return str(job["result"] or job["status"])


def _now(job: dict[str, Any] | None) -> Text:
    if job is None:
        return Text("edits", "dim")
    word = state_of(job)
    wait = f", {job['queue_position']} before it" if word == "queued" else ""
    return Text(word + wait, COLOUR.get(word, "magenta"))


def show_verdicts(console: Console, agents: Sequence[Agent]) -> None:
    """Print one row for each verdict."""
    table = Table("lane", "agent", "what it did", "tree", "verdict", "tests", "waited", "ran")
    table.columns[5].overflow = "fold"
    for agent in agents:
        verdict = agent.verdict
        result = str(verdict.get("result") or "none")
        totals = verdict.get("totals") or {}
        failed = [test["id"] for test in verdict.get("failures") or []]
        table.add_row(
            agent.lane.project.name,
            agent.name,
            agent.story.value,
            str(verdict.get("tree", ""))[:10],
            Text(result, COLOUR.get(result, "magenta")),
            "\n".join([f"{totals.get('passed', 0)} of {totals.get('total', 0)} passed", *failed]),
            f"{verdict.get('queued_seconds') or 0:.2f} s",
            f"{verdict.get('run_seconds') or 0:.2f} s",
        )
    console.print(table)


def show_claims(console: Console, claims: Sequence[Claim]) -> None:
    """Print what was proved, and what was not."""
    for claim in claims:
        mark = Text("NO   ", "bold red") if claim.troubles else Text("yes  ", "bold green")
        console.print(
            Text.assemble(mark, (claim.text, "bold"), f": {claim.evidence}."), soft_wrap=True
        )
        for trouble in claim.troubles:
            console.print(Text(f"     {trouble}", "red"), soft_wrap=True)
