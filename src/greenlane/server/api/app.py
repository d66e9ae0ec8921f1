"""The ASGI application: decode, call, encode; every error in one shape."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from greenlane.model.errors import BadRequestError, GreenlaneError, QueueFullError, TooLargeError
from greenlane.server.api.messages import ErrorAnswer
from greenlane.server.api.openapi import describe
from greenlane.server.api.operation import Call, Operation
from greenlane.server.api.table import OPERATIONS
from greenlane.server.caller import Caller
from greenlane.server.services import Services
from greenlane.store.database import StoreError

_log = logging.getLogger(__name__)
MAX_JSON_BYTES: Final = 8_000_000
_JSON: Final = "application/json"
_encode = msgspec.json.Encoder().encode


def build_app(services: Services) -> Starlette:
    """Make the application from the table of operations."""
    document = _encode(describe(OPERATIONS))

    async def openapi(_request: Request) -> Response:
        return Response(document, media_type=_JSON)

    routes = [_route(operation, services) for operation in OPERATIONS]
    routes.append(Route("/openapi.json", openapi, methods=["GET"], name="openapi"))
    return Starlette(
        routes=_join_methods(routes),
        exception_handlers={HTTPException: _answer_http_error, Exception: _answer_crash},
    )


def _route(operation: Operation, services: Services) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            call = Call(
                services=services,
                caller=_caller(request),
                http=request,
                query=_decode_query(operation, request),
                body=await _decode_body(operation, request),
            )
            answer = await operation.handler(call)
        except GreenlaneError as error:
            return _answer_error(error)
        except OperationalError as error:
            return _answer_store_error(request, error)
        except ClientDisconnect:
            return Response(status_code=499)
        if isinstance(answer, Response):
            return answer
        return Response(_encode(answer), status_code=operation.status, media_type=_JSON)

    return Route(operation.path, endpoint, methods=[operation.method], name=operation.name)


def _join_methods(routes: list[Route]) -> list[Route]:
    """Make one route of those that share a path, so that 405 names all that is allowed."""
    by_path: dict[str, list[Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, []).append(route)
    return [same[0] if len(same) == 1 else _joined(path, same) for path, same in by_path.items()]


def _joined(path: str, routes: list[Route]) -> Route:
    endpoints: dict[str, Callable[[Request], Awaitable[Response]]] = {
        method: route.endpoint for route in routes for method in route.methods or ()
    }

    async def endpoint(request: Request) -> Response:
        return await endpoints[request.method](request)

    return Route(path, endpoint, methods=list(endpoints))


def _caller(request: Request) -> Caller:
    """Give the peer's credentials, which `server.peer` had from the kernel."""
    peer = request.scope.get("state", {}).get("peer")
    return Caller() if peer is None else Caller(uid=peer[0], pid=peer[1])


def _decode_query(operation: Operation, request: Request) -> Any:
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadRequestError("a query parameter is given twice")
    try:
        return msgspec.convert(dict(pairs), operation.query, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequestError(
            f"the query of {operation.path} is not understood: {error}",
            hint="GET /openapi.json names the parameters",
        ) from error


async def _decode_body(operation: Operation, request: Request) -> Any:
    if operation.body is None:
        return None
    try:
        return msgspec.json.decode(await _read_body(request), type=operation.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(
            f"the body of {operation.method} {operation.path} is not understood: {error}",
            hint="GET /openapi.json describes the body",
        ) from error


async def _read_body(request: Request) -> bytes:
    """Take a JSON body, and no more of it than is allowed."""
    said = request.headers.get("content-length", "0")
    too_large = TooLargeError(f"a JSON body may have {MAX_JSON_BYTES:,} bytes")
    if said.isdigit() and int(said) > MAX_JSON_BYTES:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise too_large
    return bytes(body)


def _answer_error(error: GreenlaneError) -> Response:
    answer = ErrorAnswer(error=error.code, message=error.message, hint=error.hint)
    headers = {}
    if isinstance(error, QueueFullError):
        headers["retry-after"] = str(error.retry_after_seconds)
    if isinstance(error, TooLargeError):
        headers["connection"] = "close"  # what is left of the body is not worth reading
    return Response(
        _encode(answer), status_code=error.http_status, headers=headers, media_type=_JSON
    )


def _answer_store_error(request: Request, error: OperationalError) -> Response:
    """Answer for a database that cannot be used now, mostly since its disk is full."""
    _log.error("request failed", exc_info=error, extra={"path": request.url.path})
    return _answer_error(
        StoreError(
            f"the server cannot use its database: {error.orig}",
            hint="`greenlane doctor` says how much room its disk has",
        )
    )


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # by the table it is registered in
    method, path = request.method, request.url.path
    known = {
        404: ErrorAnswer(
            error="no_such_path",
            message=f"nothing is at {path}",
            hint="GET /openapi.json lists the paths",
        ),
        405: ErrorAnswer(
            error="method_not_allowed",
            message=f"{path} does not take {method}",
            hint="the Allow header says what it takes",
        ),
    }
    answer = known.get(
        error.status_code, ErrorAnswer(error="bad_request", message=str(error.detail), hint="")
    )
    return Response(
        _encode(answer), status_code=error.status_code, headers=error.headers, media_type=_JSON
    )


async def _answer_crash(request: Request, error: Exception) -> Response:
    _log.error("request failed", exc_info=error, extra={"path": request.url.path})
    answer = ErrorAnswer(
        error="internal_error",
        message=f"{request.method} {request.url.path} failed: {type(error).__name__}",
        hint="the server's log has the details",
    )
    return Response(_encode(answer), status_code=500, media_type=_JSON)
