"""Webhooks: tell a URL that a job ended. Best effort: a few tries, then a line in the log."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from greenlane.model.errors import BadRequestError

_log = logging.getLogger(__name__)
_PAUSES_SECONDS: Final = (1.0, 5.0, 30.0)
_TIMEOUT_SECONDS: Final = 10.0
_THREADS: Final = 2


class _NoRedirects(HTTPRedirectHandler):
    """A webhook goes where the submitter said and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        """Follow none; the answer counts as an error."""


class Webhooks:
    """Sends from threads of its own: a slow receiver holds up nobody but its own kind."""

    def __init__(self, pauses_seconds: tuple[float, ...] = _PAUSES_SECONDS) -> None:
        self._pauses_seconds = pauses_seconds
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook")
        self._opener = build_opener(_NoRedirects)
        self._stopping = threading.Event()

    def send(self, url: str, body: bytes) -> None:
        """Post a JSON body in the background."""
        self._pool.submit(self._deliver, url, body)

    def close(self) -> None:
        """Stop at once; what was not delivered is dropped."""
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, url: str, body: bytes) -> None:
        for pause in (*self._pauses_seconds, None):
            try:
                self._post(url, body)
            except (OSError, URLError, ValueError) as error:
                if pause is None:
                    _log.warning("webhook given up", extra={"url": url, "error": str(error)})
                elif self._stopping.wait(pause):
                    return
            else:
                return

    def _post(self, url: str, body: bytes) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "greenlane"}
        request = Request(url, body, headers, method="POST")  # noqa: S310  # checked at submit
        with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise URLError(f"HTTP {answer.status}")


def check_url(url: str) -> str:
    """Give the URL back if a webhook can go there.

    Raises:
        BadRequestError: it is no http or https URL with a host.
    """
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_good = False
    if not is_good or any(letter <= " " for letter in url):
        raise BadRequestError(
            f"callback_url {url!r} is not a URL that can be called",
            hint="give an http:// or https:// URL with a host",
        )
    return url
