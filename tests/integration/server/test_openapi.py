"""Schemathesis against the document that the server gives of itself: no 5xx, nothing undeclared."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from greenlane.config.locations import Locations
from greenlane.config.server import ServerSettings
from greenlane.server.api.operation import NoQuery, Operation
from greenlane.server.api.table import OPERATIONS
from greenlane.server.bootstrap import Parts, build

EXAMPLES = int(os.environ.get("GREENLANE_TEST_EXAMPLES", "40"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class AsOwner:
    """The application as the Unix socket shows it to the server's own user."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "state": {"peer": (os.getuid(), os.getpid())}}, receive, send)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    state_dir = tmp_path_factory.mktemp("state")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = build(
        Locations.from_environment({"GREENLANE_STATE_DIR": str(state_dir), "HOME": str(state_dir)}),
        ServerSettings(),
        loop,
    )
    made.coordinator.start()
    yield made
    made.place.close()
    made.coordinator.stop()
    made.reader.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def document(parts: Parts) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", AsOwner(parts.app))


def can_be_wrong(operation: Operation) -> bool:
    return operation.body is not None or operation.query is not NoQuery


CASES = [
    pytest.param(operation, mode, id=f"{operation.name}-{mode.value}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if operation.name != "events"  # it never ends
    and (mode is GenerationMode.POSITIVE or can_be_wrong(operation))
]


@pytest.mark.slow
@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_every_operation_answers_as_it_declares(
    operation: Operation, mode: GenerationMode, document: Any
) -> None:
    described = document[operation.path][operation.method]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=described.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    holds()
