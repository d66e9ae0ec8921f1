"""The clock and fresh ids: the only sources of time and chance."""

from __future__ import annotations

import secrets
import time

from greenlane.model.job import JobId, RunId

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing to misread


def now() -> float:
    """Give the time in UNIX seconds."""
    return time.time()


def new_job_id() -> JobId:
    """Make an id that sorts by time: 9 characters of milliseconds, 5 of chance."""
    return JobId(_encode(int(now() * 1000), 9) + _encode(secrets.randbits(25), 5))


def new_run_id(job: JobId, attempt: int) -> RunId:
    """Name the run of an attempt, so that the same attempt always has the same folder."""
    return RunId(f"{job}-{attempt}")


def _encode(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        letters.append(_ALPHABET[digit])
    return "".join(reversed(letters))
