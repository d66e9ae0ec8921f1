"""Results over HTTP: one JSON object, or an export, streamed test by test."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from starlette.responses import Response, StreamingResponse

from greenlane.model.job import JobId
from greenlane.report.exports import EXPORTS
from greenlane.server.api.messages import ResultsAnswer
from greenlane.server.api.operation import Call

_EMPTY_TESTS = b'"tests":[]}'


async def answer_results(call: Call) -> Response:
    """Give how a job ended."""
    jobs, query = call.services.jobs, call.query
    ended = await jobs.results(JobId(call.path("job_id")))
    if query.format == "json":
        lines = jobs.iterate_test_lines(ended) if query.tests else iter(())
        return StreamingResponse(_join(ended.answer, lines), media_type="application/json")
    export = EXPORTS[query.format]
    tests = jobs.iterate_tests(ended)
    return StreamingResponse(export.write(ended.summary, tests), media_type=export.media_type)


def _join(answer: ResultsAnswer, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Put the tests, each already JSON, into the last field of the answer."""
    head = msgspec.json.encode(answer)
    yield head.removesuffix(_EMPTY_TESTS) + b'"tests":['
    separator = b""
    for line in lines:
        yield separator + line
        separator = b",\n"
    yield b"]}"
