"""What every place must do: this host now, a fleet of hosts later."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenlane.model.job import JobId, RunId
from greenlane.model.run import RunEnd, RunResult, RunSpec
from greenlane.place.base import AdoptionState, OnEnd, Place, PlaceError
from greenlane.place.local import LocalPlace

PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"
PLACES: dict[str, Callable[[Path, OnEnd], Place]] = {
    "local": lambda folder, on_end: LocalPlace(folder / "runs", on_end),
}


class Ends:
    """Takes what a place tells."""

    def __init__(self) -> None:
        self.all: list[tuple[RunId, RunResult | None]] = []
        self._changed = threading.Condition()

    def take(self, run_id: RunId, result: RunResult | None) -> None:
        with self._changed:
            self.all.append((run_id, result))
            self._changed.notify_all()

    def wait(self, run_id: RunId) -> RunResult | None:
        with self._changed:
            assert self._changed.wait_for(lambda: run_id in dict(self.all), 30)
            return dict(self.all)[run_id]


@pytest.fixture(params=PLACES)
def make_place(
    request: pytest.FixtureRequest, tmp_path: Path, ends: Ends
) -> Iterator[Callable[[], Place]]:
    places = []

    def make() -> Place:
        places.append(PLACES[request.param](tmp_path, ends.take))
        return places[-1]

    yield make
    for place in places:
        place.close()


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def place(make_place: Callable[[], Place]) -> Place:
    return make_place()


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., RunSpec]:
    def make(*argv: str, **more: Any) -> RunSpec:
        run_id = RunId(uuid.uuid4().hex)
        return RunSpec(
            run_id=run_id,
            job_id=JobId("job"),
            run_dir=str(tmp_path / "runs" / run_id),
            argv=list(argv),
            env={"PATH": PATH},
            **{"timeout_seconds": 60.0, **more},
        )

    return make


def wait_for_log(spec: RunSpec, text: str) -> None:
    deadline = time.monotonic() + 20
    log = Path(spec.run_dir, "log")
    while not (log.exists() and text in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_end_is_told_with_the_result(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("sh", "-c", "echo hello; exit 3")
    place.start(run)
    result = ends.wait(run.run_id)
    assert result is not None
    assert (result.end, result.exit_code) == (RunEnd.EXITED, 3)
    assert Path(run.run_dir, "log").read_text() == "hello\n"


def test_folder_of_a_run_is_private_and_has_its_orders(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("true")
    place.start(run, read=b'{"preset": {}}')
    ends.wait(run.run_id)
    folder = Path(run.run_dir)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "spec.json").stat().st_mode & 0o777 == 0o600
    assert (folder / "read.json").read_bytes() == b'{"preset": {}}'
    assert (folder / "out").is_dir()


def test_folder_elsewhere_is_refused(place: Place, spec: Any, tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="belongs in"):
        place.start(msgspec.structs.replace(spec("true"), run_dir=str(tmp_path / "elsewhere")))


def test_runs_go_side_by_side_and_each_ends_once(place: Place, ends: Ends, spec: Any) -> None:
    runs = [spec("sh", "-c", f"sleep 0.1; exit {number}") for number in range(12)]
    starters = [threading.Thread(target=place.start, args=(run,)) for run in runs]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    for number, run in enumerate(runs):
        result = ends.wait(run.run_id)
        assert result is not None
        assert result.exit_code == number
    assert sorted(run_id for run_id, _ in ends.all) == sorted(run.run_id for run in runs)


def test_stop_ends_a_run_as_cancelled(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("sleep", "60")
    place.start(run)
    assert place.stop(run.run_id) is True
    result = ends.wait(run.run_id)
    assert result is not None
    assert result.end is RunEnd.CANCELLED


def test_stop_of_what_does_not_run(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("true")
    place.start(run)
    ends.wait(run.run_id)
    assert place.stop(run.run_id) is False
    assert place.stop(RunId("never-started")) is False


def test_starting_twice_runs_once(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("sh", "-c", "echo ran; sleep 0.3")
    place.start(run)
    place.start(run)
    ends.wait(run.run_id)
    assert Path(run.run_dir, "log").read_text() == "ran\n"


def test_adoption(make_place: Callable[[], Place], ends: Ends, spec: Any) -> None:
    first = make_place()
    done, running = spec("sh", "-c", "exit 4"), spec("sh", "-c", "echo up; sleep 0.5; exit 6")
    first.start(done)
    ends.wait(done.run_id)
    first.start(running)
    wait_for_log(running, "up")
    first.close()
    second = make_place()
    found = second.adopt(done.run_id)
    assert found.state is AdoptionState.FINISHED
    assert found.result is not None
    assert found.result.exit_code == 4
    assert second.adopt(running.run_id).state is AdoptionState.ALIVE
    assert second.adopt(running.run_id).state is AdoptionState.ALIVE
    assert second.adopt(RunId("never-started")).state is AdoptionState.LOST
    result = ends.wait(running.run_id)
    assert result is not None
    assert result.exit_code == 6
    assert [run_id for run_id, _ in ends.all].count(running.run_id) == 1


def test_broken_result_counts_as_lost(place: Place, ends: Ends, spec: Any) -> None:
    run = spec("true")
    place.start(run)
    ends.wait(run.run_id)
    Path(run.run_dir, "result.json").write_text('{"end": "unheard of"}')
    assert place.adopt(run.run_id).state is AdoptionState.LOST


def test_hosts(place: Place) -> None:
    hosts = place.hosts()
    assert hosts
    assert all(host.name and host.cpus > 0 and host.memory_bytes > 0 for host in hosts)
