"""A typed client: one method for each operation of the HTTP API."""

# The shapes of the answers are the server's promise, tested there; they are not checked again here.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import json

from greenlane.client.http import ANSWER_TIMEOUT_SECONDS, Connection
from greenlane.client.wire import NotHttpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Self

    from greenlane.client import answers

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Client:
    """The server behind one socket. Not for several threads at once.

    Every method raises the `GreenlaneError` that the server answered with, `ServerUnavailableError`
    when nothing answers and `ConnectionLostError` when the answer breaks off.
    """

    def __init__(self, socket_path: str) -> None:
        self._connection = Connection(socket_path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        self._connection.close()

    def connect(self) -> None:
        """Connect now, to learn at once whether a server is there."""
        self._connection.open()

    def health(self, *, timeout_seconds: float = ANSWER_TIMEOUT_SECONDS) -> answers.Health:
        """Ask the server about itself."""
        return self._ask("GET", "/health", timeout_seconds=timeout_seconds)

    def resolve(
        self, path: str, *, common_dir: str = "", origin_url: str = "", object_format: str = "sha1"
    ) -> answers.Resolved:
        """Find the project of a folder; registers it when new."""
        body = {
            "path": path,
            "common_dir": common_dir,
            "origin_url": origin_url,
            "object_format": object_format,
        }
        return self._ask("POST", "/projects/resolve", body)

    def projects(self) -> list[answers.Project]:
        """List the projects that the server knows."""
        return self._ask("GET", "/projects")["projects"]

    def add_project(
        self, path: str, *, name: str = "", command: list[str] | None = None, preset: str = ""
    ) -> answers.Project:
        """Register the project of a folder."""
        body = {"path": path, "name": name, "command": command, "preset": preset}
        return self._ask("POST", "/projects", {key: value for key, value in body.items() if value})

    def remove_project(self, project: str) -> dict[str, Any]:
        """Forget a project."""
        return self._ask("DELETE", f"/projects/{quote(project)}")

    def upload_snapshot(
        self, project: str, *, commit: str, tree: str, bundle: Iterable[bytes]
    ) -> answers.Snapshot:
        """Send a snapshot as a git bundle."""
        target = f"/projects/{quote(project)}/snapshots{_query(commit=commit, tree=tree)}"
        headers = {"content-type": "application/octet-stream"}
        return _read_json(
            self._connection.request("POST", target, headers=headers, body=bundle).read()
        )

    def submit(self, submission: answers.Submission, *, key: str) -> answers.Submitted:
        """Hand a job in. The same `key` gives the same job, however often it is sent."""
        return self._ask("POST", "/test/submit", submission, headers={"idempotency-key": key})

    def status(self, job_id: str, *, wait_seconds: float = 0, since: str = "") -> answers.Status:
        """Say where a job is.

        With `wait_seconds`, at most 60, the answer comes when status or position change; `since`
        is the status that the caller knows.
        """
        query = _query(wait=f"{wait_seconds:g}" if wait_seconds else "", since=since)
        return self._ask(
            "GET",
            f"/test/status/{quote(job_id)}{query}",
            timeout_seconds=ANSWER_TIMEOUT_SECONDS + wait_seconds,
        )

    def results(self, job_id: str, *, with_tests: bool = False) -> answers.Results:
        """Say how a job ended.

        Raises:
            ConflictError: it has not ended.
        """
        query = "" if with_tests else "?tests=false"
        return self._ask("GET", f"/test/results/{quote(job_id)}{query}")

    def tests(self, job_id: str, wanted: str) -> list[answers.Test]:
        """Give the test of this id; without one, the first whose ids hold the text."""
        return self._ask("GET", f"/test/results/{quote(job_id)}{_query(test=wanted)}")["tests"]

    def export(self, job_id: str, form: str) -> Iterator[bytes]:
        """Give the results of a job as `json`, `ctrf`, `junit`, `github` or `agent`."""
        target = f"/test/results/{quote(job_id)}{_query(format=form)}"
        return self._connection.request("GET", target).chunks()

    def logs(self, job_id: str, *, offset: int = 0, follow: bool = False) -> Iterator[bytes]:
        """Give the log of a job from a byte offset on; with `follow` until the job has ended."""
        query = _query(follow="true" if follow else "", start=str(offset) if offset else "")
        timeout = None if follow else ANSWER_TIMEOUT_SECONDS
        target = f"/test/logs/{quote(job_id)}{query}"
        return self._connection.request("GET", target, timeout_seconds=timeout).chunks()

    def cancel(self, job_id: str) -> answers.Cancelled:
        """Cancel a job, queued or running."""
        return self._ask("DELETE", f"/test/cancel/{quote(job_id)}")

    def jobs(self, *, limit: int, status: str = "", project: str = "") -> list[answers.Status]:
        """List jobs, newest first."""
        query = _query(limit=str(limit), status=status, project=project)
        return self._ask("GET", f"/jobs{query}")["jobs"]

    def queue(self) -> answers.Queue:
        """Say what runs and what waits."""
        return self._ask("GET", "/queue")

    def _ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
    ) -> Any:
        payload = b"" if body is None else json.dumps(body).encode()
        sent = dict(headers or {})
        if payload:
            sent["content-type"] = "application/json"
        response = self._connection.request(
            method, target, headers=sent, body=payload, timeout_seconds=timeout_seconds
        )
        return _read_json(response.read())


def quote(text: str) -> str:
    """Percent-encode one segment or value of a URL (RFC 3986); `/` is encoded too.

    `urllib.parse` does the same and takes 6 ms to import.
    """
    raw = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in raw)


def _query(**values: str) -> str:
    pairs = [f"{name}={quote(value)}" for name, value in values.items() if value]
    return "?" + "&".join(pairs) if pairs else ""


def _read_json(body: bytes) -> Any:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise NotHttpError(f"its answer is not JSON: {body[:80]!r}") from error
    if not isinstance(value, dict):
        raise NotHttpError(f"its answer is not a JSON object: {body[:80]!r}")
    return value
