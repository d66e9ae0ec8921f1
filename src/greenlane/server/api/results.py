"""Results over HTTP: one JSON object, or an export, streamed test by test."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from starlette.responses import Response, StreamingResponse

from greenlane.model.job import JobId
from greenlane.report.exports import EXPORTS
from greenlane.report.exports.agent import About, write_agent
from greenlane.server.api.messages import ResultsAnswer
from greenlane.server.api.operation import Call

_EMPTY_TESTS = b'"tests":[]}'


async def answer_results(call: Call) -> Response:
    """Give how a job ended."""
    jobs, query = call.services.jobs, call.query
    ended = await jobs.results(JobId(call.path("job_id")))
    if query.format == "json":
        if query.test:
            lines = iter(await jobs.find_tests(ended, query.test))
        else:
            lines = jobs.iterate_test_lines(ended) if query.tests else iter(())
        return StreamingResponse(_join(ended.answer, lines), media_type="application/json")
    export, tests = EXPORTS[query.format], jobs.iterate_tests(ended)
    if query.format == "agent":
        text = write_agent(ended.summary, tests, _about(ended.answer))
        return StreamingResponse(text, media_type=export.media_type)
    return StreamingResponse(export.write(ended.summary, tests), media_type=export.media_type)


def _about(answer: ResultsAnswer) -> About:
    return About(
        job=answer.job_id,
        result=answer.result or "",
        tree=answer.tree,
        partial=answer.partial,
        run_seconds=answer.run_seconds,
    )


def _join(answer: ResultsAnswer, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Put the tests, each already JSON, into the last field of the answer."""
    head = msgspec.json.encode(answer)
    yield head.removesuffix(_EMPTY_TESTS) + b'"tests":['
    separator = b""
    for line in lines:
        yield separator + line
        separator = b",\n"
    yield b"]}"
