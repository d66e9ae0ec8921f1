"""The table of operations: the one list of what can be asked over HTTP."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response, StreamingResponse

from greenlane.model.job import JobId
from greenlane.server.api import messages as m
from greenlane.server.api import queries as q
from greenlane.server.api.logs import answer_logs
from greenlane.server.api.operation import Call, Operation
from greenlane.server.api.results import answer_results

EVENT_STREAM: Final = "text/event-stream"
OCTETS: Final = "application/octet-stream"


async def _submit(call: Call) -> m.SubmitAnswer:
    key = call.http.headers.get("idempotency-key")
    return await call.services.submissions.submit(call.body, call.caller, key)


async def _status(call: Call) -> m.StatusAnswer:
    return await call.services.jobs.status(_job(call), call.query.wait, call.query.since)


async def _cancel(call: Call) -> m.CancelAnswer:
    return await call.services.jobs.cancel(_job(call))


async def _jobs(call: Call) -> m.JobsAnswer:
    query = call.query
    return await call.services.jobs.list_newest(query.limit, query.status, query.project)


async def _queue(call: Call) -> m.QueueAnswer:
    return await call.services.jobs.queue()


async def _health(call: Call) -> m.HealthAnswer:
    return await call.services.overview.health()


async def _metrics(call: Call) -> Response:
    body = await call.services.overview.metrics()
    return Response(body, media_type="text/plain; version=0.0.4")


async def _events(call: Call) -> Response:
    return StreamingResponse(call.services.overview.events(), media_type=EVENT_STREAM)


async def _resolve(call: Call) -> m.ResolveAnswer:
    return await call.services.projects.resolve(call.body, call.caller)


async def _add_project(call: Call) -> m.ProjectAnswer:
    return await call.services.projects.add(call.body, call.caller)


async def _list_projects(call: Call) -> m.ProjectsAnswer:
    return await call.services.projects.list_all()


async def _remove_project(call: Call) -> m.ProjectAnswer:
    return await call.services.projects.remove(call.path("project"), call.caller)


async def _receive_snapshot(call: Call) -> m.SnapshotAnswer:
    return await call.services.projects.receive(
        call.path("project"), call.query.commit, call.query.tree, call.http.stream()
    )


def _job(call: Call) -> JobId:
    return JobId(call.path("job_id"))


OPERATIONS: Final = (
    Operation(
        name="submit",
        method="POST",
        path="/test/submit",
        summary="Queue a run of a suite on a snapshot",
        handler=_submit,
        body=m.SubmitRequest,
        headers=(("Idempotency-Key", "the same key gives the same job"),),
        answer=m.SubmitAnswer,
        status=202,
        errors=(403, 404, 409, 413, 422, 503),
    ),
    Operation(
        name="status",
        method="GET",
        path="/test/status/{job_id}",
        summary="Say where a job is; with `wait`, once that differs",
        handler=_status,
        query=q.StatusQuery,
        answer=m.StatusAnswer,
        errors=(404,),
    ),
    Operation(
        name="results",
        method="GET",
        path="/test/results/{job_id}",
        summary="Say how a job ended, test by test",
        handler=answer_results,
        query=q.ResultsQuery,
        answer=m.ResultsAnswer,
        raw_answers=("application/xml", "text/plain"),
        errors=(404, 409),
    ),
    Operation(
        name="logs",
        method="GET",
        path="/test/logs/{job_id}",
        summary="Give the raw log, a range of it, or follow it live",
        handler=answer_logs,
        query=q.LogsQuery,
        headers=(("Range", "bytes=START-END"),),
        raw_answers=(OCTETS, EVENT_STREAM),
        more_statuses=(206,),
        errors=(404, 416),
    ),
    Operation(
        name="cancel",
        method="DELETE",
        path="/test/cancel/{job_id}",
        summary="End a queued job, or stop a running one",
        handler=_cancel,
        answer=m.CancelAnswer,
        errors=(404,),
    ),
    Operation(
        name="jobs",
        method="GET",
        path="/jobs",
        summary="List jobs, the newest first",
        handler=_jobs,
        query=q.JobsQuery,
        answer=m.JobsAnswer,
    ),
    Operation(
        name="queue",
        method="GET",
        path="/queue",
        summary="Show what runs and what waits, in order, each with its reason",
        handler=_queue,
        answer=m.QueueAnswer,
    ),
    Operation(
        name="health",
        method="GET",
        path="/health",
        summary="Say that the server is alive",
        handler=_health,
        answer=m.HealthAnswer,
    ),
    Operation(
        name="metrics",
        method="GET",
        path="/metrics",
        summary="Figures for Prometheus",
        handler=_metrics,
        raw_answers=("text/plain",),
    ),
    Operation(
        name="events",
        method="GET",
        path="/events",
        summary="Stream every change of a job",
        handler=_events,
        raw_answers=(EVENT_STREAM,),
    ),
    Operation(
        name="resolve_project",
        method="POST",
        path="/projects/resolve",
        summary="Say which project a folder belongs to, and how its snapshots travel",
        handler=_resolve,
        body=m.ResolveRequest,
        answer=m.ResolveAnswer,
        errors=(403, 404, 409, 413, 422),
    ),
    Operation(
        name="receive_snapshot",
        method="POST",
        path="/projects/{project}/snapshots",
        summary="Take a snapshot as a git bundle",
        handler=_receive_snapshot,
        raw_body=OCTETS,
        query=q.SnapshotQuery,
        answer=m.SnapshotAnswer,
        errors=(404, 413, 422),
    ),
    Operation(
        name="add_project",
        method="POST",
        path="/projects",
        summary="Register a project and how it is tested",
        handler=_add_project,
        body=m.ProjectRequest,
        answer=m.ProjectAnswer,
        errors=(403, 404, 409, 413, 422),
    ),
    Operation(
        name="list_projects",
        method="GET",
        path="/projects",
        summary="List the projects",
        handler=_list_projects,
        answer=m.ProjectsAnswer,
    ),
    Operation(
        name="remove_project",
        method="DELETE",
        path="/projects/{project}",
        summary="Forget a project that has no jobs",
        handler=_remove_project,
        answer=m.ProjectAnswer,
        errors=(403, 404, 409),
    ),
)
