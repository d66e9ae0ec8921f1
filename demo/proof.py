"""Judge the demo from outside: what the runs noted and what git says, against the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from demo import witness
from demo.agents import Agent, Story
from demo.workspace import Lane

EXPECTED_EXIT_CODE = {Story.NEW_FILE: 0, Story.BREAKS: 1, Story.EDITS_LATE: 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something that the demo promises, with what was seen; no troubles: it holds."""

    text: str
    evidence: str
    troubles: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What was going on when the server was killed."""

    pid: int
    running: int
    queued: int
    ended_meanwhile: int  # runs that came to their end while there was no server


def no_overlap(lanes: Sequence[Lane], jobs: Sequence[dict[str, Any]]) -> Claim:
    """No two runs of a lane at once, by the runs' own lock and stamps and the server's times."""
    troubles = []
    count = 0
    for lane in lanes:
        name = lane.project.name
        starts = [stamp for stamp in lane.stamps() if stamp["event"] == "start"]
        count += len(starts)
        troubles += [f"{name}: a run found its lane taken" for s in starts if not s["was_free"]]
        spans = _spans_of_stamps(lane.stamps())
        if len(spans) != len(starts):
            troubles.append(f"{name}: {len(starts)} runs began and {len(spans)} ended")
        own = [job for job in jobs if job["agent"].endswith(f"-{name}")]
        troubles += [f"{name}: job {j['job_id']} has no times" for j in own if not j["ended_at"]]
        theirs = [_span_of_job(job) for job in own if job["started_at"] and job["ended_at"]]
        for source, times in (("stamps", spans), ("server times", theirs)):
            troubles += [
                f"{name}: two runs overlap by {end - begin:.3f} s ({source})"
                for (_, end), (begin, _) in pairwise(sorted(times))
                if begin < end
            ]
    return Claim(
        text="No two runs of a lane overlapped",
        evidence=f"{count} runs in {len(lanes)} lanes; each tried its lane's lock and stamped its "
        "times, outside the server, whose own times agree",
        troubles=troubles,
    )


def trees_match(agents: Sequence[Agent]) -> Claim:
    """Each verdict names the tree that was submitted, and that tree is what ran."""
    troubles = []
    named_right = sum(agent.verdict.get("tree") == agent.tree for agent in agents)
    for agent in agents:
        named = agent.verdict.get("tree", "")
        if named != agent.tree:
            troubles.append(f"{agent.id}: submitted {agent.tree[:10]}, verdict on {named[:10]}")
        if agent.tree not in {stamp["tree"] for stamp in agent.lane.stamps()}:
            troubles.append(f"{agent.id}: no run saw its tree {agent.tree[:10]}")
    return Claim(
        text="Each verdict names its tree",
        evidence=f"{named_right} of {len(agents)} equal our own `git write-tree` of what was "
        "submitted, and of what lay in the folder of the run",
        troubles=troubles,
    )


def late_edits_stayed_out(agents: Sequence[Agent]) -> Claim:
    """What was edited after the submission changed nothing."""
    late = [agent for agent in agents if agent.story is Story.EDITS_LATE]
    troubles = []
    green = sum(agent.verdict.get("result") == "passed" for agent in late)
    for agent in late:
        if agent.verdict.get("result") != "passed":
            troubles.append(f"{agent.id}: {agent.verdict.get('result')}, its late edit leaked in")
        if witness.write_tree(agent.worktree) == agent.tree:
            troubles.append(f"{agent.id}: there was no late edit")
        if any(
            agent.edited_at > _number(stamp["at"])
            for stamp in agent.lane.stamps()
            if (stamp["event"], stamp["tree"]) == ("tests", agent.tree)
        ):
            troubles.append(f"{agent.id}: its tests began before its late edit")
    return Claim(
        text="The late edits did not leak in",
        evidence=f"{len(late)} agents broke a test right after submitting, before their tests "
        f"began; {green} of them are green, on what they had submitted",
        troubles=troubles,
    )


def verdicts_are_right(agents: Sequence[Agent]) -> Claim:
    """Green is green, red is red and names the test that was broken."""
    troubles = []
    for agent in agents:
        wanted = EXPECTED_EXIT_CODE[agent.story]
        if agent.exit_code != wanted:
            why = agent.trouble or agent.verdict.get("because", "")
            troubles.append(f"{agent.id}: exit code {agent.exit_code}, not {wanted}; {why}")
        failed = [test["id"] for test in agent.verdict.get("failures") or []]
        broken = [agent.lane.project.red_test] if agent.story is Story.BREAKS else []
        if len(failed) != len(broken) or not all(map(str.__contains__, failed, broken)):
            troubles.append(f"{agent.id}: failed are {failed}, broken was {broken}")
        if not (agent.verdict.get("totals") or {}).get("passed"):
            troubles.append(f"{agent.id}: no test of it passed")
    codes = [agent.exit_code for agent in agents]
    return Claim(
        text="Green is green, and red names the broken test",
        evidence=f"{codes.count(0)} passed with exit code 0; {codes.count(1)} failed with "
        "exit code 1 and exactly the test that was broken",
        troubles=troubles,
    )


def kill_lost_nothing(agents: Sequence[Agent], kill: Kill, jobs: Sequence[dict[str, Any]]) -> Claim:
    """Every job ended once, though the server was killed in the middle."""
    troubles = []
    if kill.running == 0 or kill.queued == 0:
        troubles.append(f"the kill proved little: {kill.running} running, {kill.queued} queued")
    ended = sorted(job["job_id"] for job in jobs if job["result"])
    told = sorted(agent.verdict["job_id"] for agent in agents if agent.verdict)
    if ended != told or len(told) != len(agents):
        troubles.append(f"{len(ended)} jobs ended, {len(told)} of {len(agents)} agents were told")
    again = sum(job["attempts"] > 1 for job in jobs)
    return Claim(
        text="The kill -9 lost nothing",
        evidence=f"process {kill.pid} died with {kill.running} running and {kill.queued} queued; "
        f"{kill.ended_meanwhile} ended while there was no server; {again} had to run again; "
        f"{len(ended)} of {len(agents)} jobs ended, once each",
        troubles=troubles,
    )


def repositories_are_clean(before: dict[str, str], lanes: Sequence[Lane]) -> Claim:
    """The agents' repositories have no ref that was not there before."""
    return Claim(
        text="The repositories are as they were",
        evidence="no ref came or went",
        troubles=[
            f"{lane.project.name}: its refs changed"
            for lane in lanes
            if lane.refs() != before[lane.project.name]
        ],
    )


def _spans_of_stamps(stamps: Sequence[dict[str, object]]) -> list[tuple[float, float]]:
    begin = {stamp["pid"]: _number(stamp["at"]) for stamp in stamps if stamp["event"] == "start"}
    return [(begin[s["pid"]], _number(s["at"])) for s in stamps if s["event"] == "stop"]


def _span_of_job(job: dict[str, Any]) -> tuple[float, float]:
    begin, end = (datetime.fromisoformat(job[key]) for key in ("started_at", "ended_at"))
    return begin.timestamp(), end.timestamp()


def _number(value: object) -> float:
    return float(str(value))
