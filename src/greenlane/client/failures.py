"""The error that the server sent, as the same exception that it was over there."""

from __future__ import annotations

import json

from greenlane.model import errors
from greenlane.model.errors import GreenlaneError

CLASS_OF_CODE: dict[str, type[GreenlaneError]] = {
    each.code: each
    for each in (
        GreenlaneError,
        errors.BadRequestError,
        errors.SettingsError,
        errors.UnknownSuiteError,
        errors.NotFoundError,
        errors.ForbiddenError,
        errors.ConflictError,
        errors.NothingToRunError,
        errors.TooLargeError,
        errors.QueueFullError,
        errors.SnapshotError,
        errors.ServerUnavailableError,
        errors.ConnectionLostError,
    )
}

#: For answers that carry no known code: from an older or newer server, or from a proxy.
CLASS_OF_STATUS: dict[int, type[GreenlaneError]] = {
    400: errors.BadRequestError,
    401: errors.ForbiddenError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    405: errors.BadRequestError,
    409: errors.ConflictError,
    413: errors.TooLargeError,
    422: errors.BadRequestError,
    503: errors.ServerUnavailableError,
}


def rebuild_error(status: int, body: bytes, headers: dict[str, str]) -> GreenlaneError:
    """Make the exception that an error answer stands for. Never raises itself."""
    code, message, hint = _read_fields(body)
    kind = CLASS_OF_CODE.get(code) or CLASS_OF_STATUS.get(status, GreenlaneError)
    message = message or f"the server answered with status {status}"
    if kind is errors.QueueFullError:
        after = headers.get("retry-after", "")
        seconds = int(after) if after.isascii() and after.isdigit() else 10
        return errors.QueueFullError(message, hint=hint, retry_after_seconds=seconds)
    return kind(message, hint=hint)


def _read_fields(body: bytes) -> tuple[str, str, str]:
    try:
        value = json.loads(body)
    except ValueError:
        return "", body[:200].decode("utf-8", "replace").strip(), ""
    if not isinstance(value, dict):
        return "", "", ""
    return str(value.get("error", "")), str(value.get("message", "")), str(value.get("hint", ""))
