from __future__ import annotations

from typing import Any

import pytest

from greenlane.client import autostart
from greenlane.client import session as module
from greenlane.client.session import GRACE_SECONDS, PATIENCE_SECONDS, Session
from greenlane.model.errors import ConnectionLostError, NotFoundError, ServerUnavailableError


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    it = Clock()
    monkeypatch.setattr(module, "time", it)
    return it


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[tuple[float, bool]]:
    """Whenever a connection was made: at what time, and whether a server might be started."""
    made: list[tuple[float, bool]] = []

    def connect(_client: object, *, state_dir: str, is_allowed: bool) -> None:
        assert state_dir == "/state"
        made.append((clock.now - 100.0, is_allowed))

    monkeypatch.setattr(autostart, "connect", connect)
    return made


def make_session(said: list[str], *, may_start: bool = True) -> Session:
    return Session("/no/socket", "/state", may_start=may_start, tell=said.append)


def answering_after(failures: int, error: Exception) -> Any:
    left = [error] * failures

    def ask() -> str:
        if left:
            raise left.pop()
        return "answer"

    return ask


def test_an_answer_costs_nothing(connections: list[Any]) -> None:
    said: list[str] = []
    assert make_session(said).insist(answering_after(0, ConnectionLostError(""))) == "answer"
    assert (said, connections) == ([], [])


@pytest.mark.parametrize("error", [ConnectionLostError("lost"), ServerUnavailableError("busy")])
def test_a_lost_server_is_asked_again(connections: list[Any], error: Exception) -> None:
    said: list[str] = []
    assert make_session(said).insist(answering_after(3, error)) == "answer"
    assert len(said) == 2
    assert len(connections) == 3


def test_a_server_is_started_only_when_none_comes_back_by_itself(
    connections: list[tuple[float, bool]],
) -> None:
    make_session([]).insist(answering_after(15, ConnectionLostError("lost")))
    assert {late: at > GRACE_SECONDS for at, late in connections} == {True: True, False: False}


def test_no_server_is_started_where_that_was_refused(
    connections: list[tuple[float, bool]],
) -> None:
    make_session([], may_start=False).insist(answering_after(15, ConnectionLostError("lost")))
    assert not any(may_start for _, may_start in connections)


def test_patience_ends(connections: list[tuple[float, bool]], clock: Clock) -> None:
    with pytest.raises(ConnectionLostError, match="no server came back within 30 s: lost"):
        make_session([]).insist(answering_after(10_000, ConnectionLostError("lost")))
    assert PATIENCE_SECONDS < clock.now - 100.0 < PATIENCE_SECONDS + 2


def test_a_refusal_is_an_answer(connections: list[Any]) -> None:
    with pytest.raises(NotFoundError):
        make_session([]).insist(answering_after(1, NotFoundError("no job")))
    assert connections == []
