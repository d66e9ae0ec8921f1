"""The OpenAPI 3.1 document, made from the table that dispatches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from greenlane import __version__
from greenlane.server.api.messages import ErrorAnswer
from greenlane.server.api.operation import Operation

_JSON: Final = "application/json"
_REFERENCES: Final = "#/components/schemas/{name}"
_PHRASES: Final = {
    206: "the range asked for",
    400: "the request is not understood",
    403: "the caller may not do this",
    404: "no such thing",
    409: "its state does not allow it",
    413: "too large",
    416: "the log does not have that range",
    422: "understood, but it cannot be done",
    503: "the queue is full; Retry-After says when to come again",
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """Give the document as plain values."""
    structs = _structs(operations)
    _, components = msgspec.json.schema_components(structs, ref_template=_REFERENCES)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _describe_operation(operation, components)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Greenlane",
            "version": __version__,
            "summary": "A test server for machines on which many agents work at once",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _structs(operations: Sequence[Operation]) -> list[type]:
    found: dict[type, None] = {ErrorAnswer: None}
    for operation in operations:
        for struct in (operation.body, operation.answer, operation.query):
            if struct is not None:
                found[struct] = None
    return list(found)


def _describe_operation(operation: Operation, components: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"{(\w+)}", operation.path)
            ),
            *_query_parameters(components[operation.query.__name__]),
            *(
                {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
                for name, text in operation.headers
            ),
        ],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        content = {_JSON: {"schema": _reference(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.raw_body:
        raw = {operation.raw_body: {"schema": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"required": True, "content": raw}
    return described


def _query_parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": value}
        for name, value in schema.get("properties", {}).items()
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content[_JSON] = {"schema": _reference(operation.answer)}
    for media_type in operation.raw_answers:
        content[media_type] = {"schema": {"type": "string"}}
    responses: dict[str, Any] = {
        str(status): {"description": _PHRASES.get(status, operation.summary), "content": content}
        for status in (operation.status, *operation.more_statuses)
    }
    for status in sorted({400, *operation.errors}):
        responses[str(status)] = {
            "description": _PHRASES[status],
            "content": {_JSON: {"schema": _reference(ErrorAnswer)}},
        }
    return responses


def _reference(struct: type) -> dict[str, str]:
    return {"$ref": _REFERENCES.format(name=struct.__name__)}
