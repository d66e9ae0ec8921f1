from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from greenlane.model.job import JobId, LaneId, Priority
from greenlane.queue.backlog import Backlog, Running, Waiting
from greenlane.queue.scheduler import Load, explain, plan

NOW = 1000.0


def waiting(
    seq: int,
    lane: str = "a",
    *,
    priority: Priority = Priority.NORMAL,
    resources: Sequence[str] = (),
    estimate: float | None = None,
) -> Waiting:
    return Waiting(
        priority=priority,
        seq=seq,
        job=JobId(f"j{seq}"),
        lane=LaneId(lane),
        resources=tuple(resources),
        estimate_seconds=estimate,
    )


def running(lane: str, *, resources: Sequence[str] = (), estimate: float | None = None) -> Running:
    return Running(
        job=JobId(f"r-{lane}"),
        lane=LaneId(lane),
        agent="ada",
        resources=tuple(resources),
        started_at=NOW - 4,
        estimate_seconds=estimate,
    )


def backlog(*jobs: Waiting) -> Backlog:
    filled = Backlog()
    for job in jobs:
        filled.add(job)
    return filled


def load(*runs: Running, places: int = 4) -> Load:
    return Load(running={run.lane: run for run in runs}, places=places)


def started(jobs: Backlog, situation: Load) -> list[str]:
    return [job.job for job in plan(jobs, situation)]


def test_one_run_a_lane_and_lanes_in_parallel() -> None:
    jobs = backlog(waiting(1, "a"), waiting(2, "a"), waiting(3, "b"))
    assert started(jobs, load()) == ["j1", "j3"]


def test_a_busy_lane_starts_nothing() -> None:
    assert started(backlog(waiting(1, "a")), load(running("a"))) == []


def test_priority_goes_before_arrival() -> None:
    jobs = backlog(
        waiting(1, priority=Priority.LOW), waiting(2), waiting(3, priority=Priority.HIGH)
    )
    assert [job.job for job in jobs] == ["j3", "j2", "j1"]
    assert started(jobs, load()) == ["j3"]


def test_no_more_runs_than_places() -> None:
    jobs = backlog(waiting(1, "a"), waiting(2, "b"), waiting(3, "c"))
    assert started(jobs, load(running("x"), places=3)) == ["j1", "j2"]


def test_a_held_resource_keeps_other_lanes_waiting() -> None:
    jobs = backlog(waiting(1, "a", resources=["port:1"]), waiting(2, "b", resources=["port:1"]))
    assert started(jobs, load()) == ["j1"]
    assert started(jobs, load(running("c", resources=["port:1"]))) == []


def test_the_reason_names_the_run_that_holds_the_lane() -> None:
    jobs = backlog(waiting(1, estimate=10.0), waiting(2))
    wait = explain(jobs, load(running("a", estimate=10.0)), JobId("j2"), NOW)
    assert wait is not None
    assert wait.position == 1
    assert "r-a of ada since 4 s; 1 more before this one" in wait.reason
    assert wait.seconds == 6.0 + 10.0


def test_the_reason_names_full_places_and_held_resources() -> None:
    jobs = backlog(waiting(1, "a", resources=["display"]))
    full = explain(jobs, load(running("b"), places=1), JobId("j1"), NOW)
    held = explain(jobs, load(running("b", resources=["display"])), JobId("j1"), NOW)
    assert full is not None and "all 1 places" in full.reason
    assert held is not None and "display is held by job r-b of ada" in held.reason


def test_an_unknown_length_gives_no_expected_start() -> None:
    wait = explain(backlog(waiting(1)), load(running("a")), JobId("j1"), NOW)
    assert wait is not None
    assert wait.seconds is None


def test_a_job_that_does_not_wait_has_no_reason() -> None:
    assert explain(backlog(), load(), JobId("j1"), NOW) is None


def test_adding_twice_and_removing_twice_counts_once() -> None:
    jobs = backlog(waiting(1), waiting(1), waiting(2))
    assert len(jobs) == 2
    jobs.remove(JobId("j1"))
    jobs.remove(JobId("j1"))
    assert [job.job for job in jobs] == ["j2"]
    assert jobs.lanes() == {"a"}


jobs_of_lanes = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(Priority),
        st.sets(st.sampled_from(["port", "display", "gpu"])),
    ),
    max_size=40,
)


@given(jobs_of_lanes, st.sets(st.sampled_from("abcxyz")), st.integers(1, 6))
def test_a_plan_never_breaks_a_rule(
    jobs: list[tuple[str, Priority, set[str]]], busy: set[str], places: int
) -> None:
    queue = backlog(
        *(
            waiting(seq, lane, priority=priority, resources=sorted(resources))
            for seq, (lane, priority, resources) in enumerate(jobs)
        )
    )
    situation = load(*(running(lane) for lane in sorted(busy)), places=places)
    starts = plan(queue, situation)
    lanes = [start.lane for start in starts]
    held = [resource for start in starts for resource in start.resources]
    assert len(set(lanes)) == len(lanes)
    assert not set(lanes) & busy
    assert len(set(held)) == len(held)
    assert len(starts) <= max(0, places - len(busy))
    for start in starts:
        assert queue.position_of(start) == 0


@given(jobs_of_lanes, st.integers(1, 4))
def test_everybody_is_started_in_the_end(
    jobs: list[tuple[str, Priority, set[str]]], places: int
) -> None:
    queue = backlog(
        *(
            waiting(seq, lane, priority=priority, resources=sorted(resources))
            for seq, (lane, priority, resources) in enumerate(jobs)
        )
    )
    order: list[Waiting] = []
    while len(queue):
        starts = plan(queue, load(places=places))
        assert starts, "something waits, nothing runs, and nothing may start"
        for start in starts:
            queue.remove(start.job)
        order += starts
    assert len(order) == len(jobs)
    for lane in "abcdef":
        of_lane = [job for job in order if job.lane == lane]
        assert of_lane == sorted(of_lane)
