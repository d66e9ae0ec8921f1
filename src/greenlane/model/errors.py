"""Errors: one root, and one subclass for each thing that a caller can do something about.

Standard library only: the command line imports this on its fast path, which is why `typing`
(5 ms) stays out of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class GreenlaneError(Exception):
    """Root of every error that Greenlane raises on purpose.

    `code` is stable and machine-readable, `message` says what happened to which thing, `hint`
    says what to do next. All three travel over HTTP unchanged.
    """

    code: ClassVar[str] = "internal_error"
    exit_code: ClassVar[int] = 3
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadRequestError(GreenlaneError):
    """The caller's input has the wrong shape or an impossible value."""

    code = "bad_request"
    exit_code = 2
    http_status = 400


class SettingsError(GreenlaneError):
    """A settings file or preset cannot be used: unknown key, wrong type, missing command."""

    code = "bad_settings"
    exit_code = 2
    http_status = 422


class UnknownSuiteError(SettingsError):
    """The project has no suite of that name, or several and none was chosen."""

    code = "unknown_suite"


class NotFoundError(GreenlaneError):
    """No job, project or path of that name."""

    code = "not_found"
    exit_code = 2
    http_status = 404


class ForbiddenError(GreenlaneError):
    """The caller may not do this: another user's path, an ad-hoc command from elsewhere."""

    code = "forbidden"
    exit_code = 2
    http_status = 403


class ConflictError(GreenlaneError):
    """The thing is in a state that does not allow the request."""

    code = "conflict"
    exit_code = 2
    http_status = 409


class NothingToRunError(GreenlaneError):
    """What was asked for holds no test: nothing failed, or no change reaches any."""

    code = "nothing_to_run"
    exit_code = 2
    http_status = 409


class TooLargeError(GreenlaneError):
    """A body, a file or a count is over its limit."""

    code = "too_large"
    exit_code = 2
    http_status = 413


class QueueFullError(GreenlaneError):
    """The queue holds as many jobs as it may; try again after `retry_after_seconds`."""

    code = "queue_full"
    exit_code = 69
    http_status = 503

    def __init__(self, message: str, *, hint: str = "", retry_after_seconds: int = 10) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class SnapshotError(GreenlaneError):
    """The working tree cannot be captured or received."""

    code = "snapshot_failed"
    exit_code = 2
    http_status = 422


class ServerUnavailableError(GreenlaneError):
    """No server answers on the socket, and none could be started."""

    code = "server_unavailable"
    exit_code = 69
    http_status = 503


class ConnectionLostError(GreenlaneError):
    """The server went away in the middle; the job goes on."""

    code = "connection_lost"
    exit_code = 75
    http_status = 503
