"""Follow a job through everything that can happen to a server, played by a fake one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from greenlane.cli.progress import Progress
from greenlane.cli.verdict import JobGoesOnError
from greenlane.cli.watch import MOST_BROKEN_STREAMS, Watch
from greenlane.model.errors import ConflictError, ConnectionLostError, NotFoundError

LOG = b"0123456789"


class FakeServer:
    """A job on its way: each look at its status takes it a step further."""

    def __init__(self, steps: list[Any], streams: list[Any]) -> None:
        self._steps = steps
        self._streams = streams
        self.offsets: list[int] = []
        self.results_asked = 0
        self.closed = 0

    @property
    def client(self) -> FakeServer:
        return self

    def close(self) -> None:
        self.closed += 1

    def insist(self, ask: Callable[[], Any]) -> Any:
        return ask()

    def look(self, _job: str, *, wait_seconds: float = 0, since: str = "") -> dict[str, Any]:
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if isinstance(step, Exception):
            raise step
        return {"attempts": 1, "queue_position": 0, "waiting_for": "", **step}

    def logs(self, _job: str, *, offset: int, follow: bool) -> Iterator[bytes]:
        assert follow
        self.offsets.append(offset)
        stream = self._streams.pop(0) if len(self._streams) > 1 else self._streams[0]
        for piece in stream:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def results(self, _job: str) -> dict[str, Any]:
        self.results_asked += 1
        if self._steps[0]["status"] in {"queued", "running"}:
            raise ConflictError("not ended")
        return {"result": "passed", "log_bytes": len(LOG)}


class Sink:
    def __init__(self) -> None:
        self.data = b""

    def write(self, piece: bytes) -> None:
        self.data += piece


def follow(server: FakeServer, sink: Sink | None) -> Any:
    watch = Watch(server, "j1", progress=Progress(is_silent=True), sink=sink)  # type: ignore[arg-type]
    return watch.follow()


QUEUED, RUNNING, ENDED = {"status": "queued"}, {"status": "running"}, {"status": "complete"}


def test_from_the_queue_to_the_end() -> None:
    server, sink = FakeServer([QUEUED, QUEUED, RUNNING, ENDED], [[LOG[:4], LOG[4:]]]), Sink()
    server._steps = [QUEUED, QUEUED, ENDED]
    assert follow(server, sink)["result"] == "passed"
    assert sink.data == LOG
    assert server.results_asked == 1


def test_a_broken_stream_goes_on_where_it_broke_off() -> None:
    lost = ConnectionLostError("gone")
    server, sink = FakeServer([RUNNING, ENDED], [[LOG[:4], lost], [lost], [LOG[4:]]]), Sink()
    follow(server, sink)
    assert sink.data == LOG
    assert server.offsets == [0, 4, 4]
    assert server.closed == 2


def test_a_server_that_stops_in_order_may_cut_the_log_short() -> None:
    server, sink = FakeServer([ENDED], [[LOG[:4]], [LOG[4:]]]), Sink()
    follow(server, sink)
    assert sink.data == LOG


def test_a_log_that_stays_short_is_asked_for_once_more_only() -> None:
    server, sink = FakeServer([ENDED], [[LOG[:4]], []]), Sink()
    follow(server, sink)
    assert server.offsets == [0, 4]


def test_another_attempt_starts_its_log_anew(capsys: pytest.CaptureFixture[str]) -> None:
    second = {"status": "complete", "attempts": 2}
    lost = ConnectionLostError("gone")
    server, sink = FakeServer([RUNNING, QUEUED, second], [[b"first", lost], [LOG]]), Sink()
    follow(server, sink)
    assert sink.data == b"first" + LOG
    assert server.offsets == [0, 0]
    assert "attempt 2" in capsys.readouterr().err


def test_without_a_log_only_the_status_is_watched() -> None:
    server = FakeServer([QUEUED, RUNNING, RUNNING, ENDED], [[]])
    assert follow(server, None)["result"] == "passed"
    assert server.offsets == []
    assert server.results_asked == 1


def test_no_way_back_to_a_server_is_exit_code_75_with_the_job() -> None:
    server = FakeServer([RUNNING], [[ConnectionLostError("gone")]])
    with pytest.raises(JobGoesOnError, match="gone; job j1 goes on") as caught:
        follow(server, Sink())
    assert caught.value.exit_code == 75
    assert "greenlane wait j1" in caught.value.hint
    assert len(server.offsets) == MOST_BROKEN_STREAMS + 1


def test_what_the_server_refuses_is_not_asked_again() -> None:
    steps: list[Any] = [NotFoundError("no job j1")]
    with pytest.raises(NotFoundError):
        follow(FakeServer(steps, [[]]), Sink())
