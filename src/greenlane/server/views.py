"""Jobs as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from greenlane.model.job import Outcome, Phase, status_of
from greenlane.model.records import Job
from greenlane.model.report import ReportSummary, RunStatus, Totals
from greenlane.model.run import RunResult
from greenlane.queue.scheduler import Wait
from greenlane.server.api.messages import ResultsAnswer, StatusAnswer

#: What an outcome is called in an export; the rest are runs that gave no verdict.
_STATUS_OF_OUTCOME: Final[dict[Outcome | None, RunStatus]] = {
    Outcome.PASSED: RunStatus.PASSED,
    Outcome.FAILED: RunStatus.FAILED,
    Outcome.NO_TESTS: RunStatus.NO_TESTS,
    Outcome.BUILD_ERROR: RunStatus.BUILD_ERROR,
    Outcome.USAGE_ERROR: RunStatus.USAGE_ERROR,
    Outcome.TIMED_OUT: RunStatus.TIMEOUT,
}


def view_status(job: Job, wait: Wait | None, now: float) -> StatusAnswer:
    """Show where a job is."""
    queued_until = job.started_at or job.ended_at or now
    is_queued = job.phase is Phase.QUEUED
    return StatusAnswer(
        job_id=job.id,
        project=job.project,
        suite=job.suite,
        agent=job.agent,
        task=job.task,
        tree=job.tree,
        partial=job.partial,
        status=status_of(job.phase, job.outcome),
        result=None if job.outcome is None else job.outcome.value,
        because=job.because,
        queue_position=wait.position if wait is not None and is_queued else None,
        waiting_for=wait.reason if wait is not None and is_queued else "",
        estimated_wait_seconds=round_seconds(wait.seconds) if wait and is_queued else None,
        attempts=job.attempts,
        submitted_at=iso(job.submitted_at),
        started_at=None if job.started_at is None else iso(job.started_at),
        ended_at=None if job.ended_at is None else iso(job.ended_at),
        queued_seconds=round(max(0.0, queued_until - job.submitted_at), 3),
        run_seconds=round_seconds(_run_seconds(job, now)),
    )


def view_results(
    job: Job, now: float, result: RunResult | None, report: ReportSummary | None
) -> ResultsAnswer:
    """Show how a job ended; its tests are added by who streams them."""
    status = view_status(job, None, now)
    totals = job.totals or Totals()
    return ResultsAnswer(
        **msgspec.structs.asdict(status),
        summary=_summary(job, totals, status.run_seconds),
        totals=msgspec.structs.asdict(totals),
        failures=[] if report is None else msgspec.to_builtins(report.failures),
        exit_code=None if result is None else result.exit_code,
        cpu_seconds=None if result is None else round(result.cpu_seconds, 3),
        peak_memory_bytes=None if result is None else result.peak_memory_bytes,
        log_bytes=None if result is None else result.log_bytes,
        artifacts=[f"/test/logs/{job.id}"],
    )


def view_summary(job: Job, report: ReportSummary | None) -> ReportSummary:
    """Give the head of an export: the verdict, whatever the report itself said."""
    return ReportSummary(
        status=_STATUS_OF_OUTCOME.get(job.outcome, RunStatus.CRASHED),
        because=job.because,
        totals=job.totals or Totals(),
        failures=[] if report is None else report.failures,
        is_complete=report is None or report.is_complete,
    )


def iso(seconds: float) -> str:
    """Write UNIX seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def round_seconds(seconds: float | None) -> float | None:
    """Round to milliseconds."""
    return None if seconds is None else round(seconds, 3)


def _run_seconds(job: Job, now: float) -> float | None:
    if job.started_at is None or job.phase is Phase.QUEUED:
        return None
    return max(0.0, (job.ended_at or now) - job.started_at)


def _summary(job: Job, totals: Totals, run_seconds: float | None) -> str:
    """Say it in one line: `failed: 2 failed, 10 passed of 12 in 3.2 s`."""
    counts = [
        f"{count} {name.replace('_', ' ')}"
        for name in ("failed", "error", "passed", "skipped", "xfail", "not_run")
        if (count := getattr(totals, name))
    ]
    said = f"{', '.join(counts)} of {totals.total}" if counts else job.because
    outcome = job.outcome.value if job.outcome is not None else job.phase.value
    took = f" in {run_seconds:.1f} s" if run_seconds is not None else ""
    return f"{outcome}: {said}{took}"
