"""Logs over HTTP: whole, in ranges, live as raw bytes, or live as server-sent events."""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncIterator

import msgspec
from starlette.responses import Response, StreamingResponse

from greenlane.model.errors import GreenlaneError
from greenlane.model.job import JobId
from greenlane.server.api.operation import Call

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeError(GreenlaneError):
    """The range asked for is not in the log."""

    code = "bad_range"
    exit_code = 2
    http_status = 416


async def answer_logs(call: Call) -> Response:
    """Give the log of a job."""
    job_id, logs = JobId(call.path("job_id")), call.services.logs
    log = await logs.find(job_id)
    if "text/event-stream" in call.http.headers.get("accept", ""):
        events = _as_events(logs.follow(job_id, call.query.start))
        return StreamingResponse(events, media_type="text/event-stream")
    asked = call.http.headers.get("range")
    if call.query.follow:
        first = _first_byte(asked) if asked else call.query.start
        return StreamingResponse(
            logs.follow(job_id, first),
            status_code=206 if asked else 200,
            media_type="application/octet-stream",
        )
    start, end = (call.query.start, log.size_bytes)
    headers = {"accept-ranges": "bytes"}
    if asked is not None:
        start, end = _parse_range(asked, log.size_bytes)
        headers["content-range"] = f"bytes {start}-{end - 1}/{log.size_bytes}"
    headers["content-length"] = str(max(0, end - start))
    return StreamingResponse(
        logs.read(log, start, end),
        status_code=200 if asked is None else 206,
        headers=headers,
        media_type="application/octet-stream",
    )


def _parse_range(asked: str, size: int) -> tuple[int, int]:
    """Give start and end, the end not included.

    Raises:
        RangeError: it is not one range of bytes that the log has.
    """
    match = _RANGE.fullmatch(asked.strip())
    if match is None or not (match[1] or match[2]):
        raise RangeError(f"the range {asked!r} is not understood", hint="ask for bytes=START-END")
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
    if start >= end:
        raise RangeError(f"the log has {size} bytes so far; {asked!r} is not among them")
    return start, end


def _first_byte(asked: str) -> int:
    """Give the start of an open range: a log that is followed has no end yet."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or not match[1] or match[2]:
        raise RangeError(f"the range {asked!r} has no place in a live log", hint="bytes=START-")
    return int(match[1])


async def _as_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Wrap the bytes as events whose data is a JSON string; broken UTF-8 is replaced."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    async for chunk in chunks:
        text = decoder.decode(chunk)
        if text:
            yield b"event: log\ndata: " + msgspec.json.encode(text) + b"\n\n"
    if rest := decoder.decode(b"", final=True):
        yield b"event: log\ndata: " + msgspec.json.encode(rest) + b"\n\n"
    yield b"event: end\ndata: {}\n\n"
