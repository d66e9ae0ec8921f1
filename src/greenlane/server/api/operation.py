"""One entry of the table of operations, and one call of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from greenlane.server.caller import Caller
from greenlane.server.services import Services

if TYPE_CHECKING:
    from greenlane.server.api.messages import Answer


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operation that takes no query parameters."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request, decoded: everything in it has the type that the operation asks for."""

    services: Services
    caller: Caller
    http: HttpRequest
    body: Any = None
    query: Any = None

    def path(self, name: str) -> Any:
        """Give a parameter of the path."""
        return self.http.path_params[name]


Handler = Callable[[Call], Awaitable["Answer | Response"]]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked. HTTP dispatch and the OpenAPI document are made from it."""

    name: str
    method: str
    path: str  # {parameters} are plain strings without a slash
    summary: str
    handler: Handler
    body: type[msgspec.Struct] | None = None
    raw_body: str = ""  # media type, where the body is not JSON
    query: type[msgspec.Struct] = NoQuery
    headers: tuple[tuple[str, str], ...] = ()  # name, description
    answer: type[msgspec.Struct] | None = None
    raw_answers: tuple[str, ...] = ()  # media types of answers that are not this struct
    status: int = 200
    more_statuses: tuple[int, ...] = ()  # 206, say
    errors: tuple[int, ...] = ()
