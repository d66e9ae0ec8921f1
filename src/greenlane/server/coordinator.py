"""The coordinator: the one thread that changes the store, starts runs and ends them.

Everything that changes state is a call put into its inbox. After each batch it asks the pure
scheduler what may start. The order is always: write the change, then act on it, so that a crash
between any two lines is repaired by `recover`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from greenlane.judge.verdict import Verdict, judge
from greenlane.model.errors import QueueFullError
from greenlane.model.job import JobId, LaneId, Outcome, Phase, RunId
from greenlane.model.records import Job, JobSpec, NewJob, Run
from greenlane.model.run import RunEnd, RunResult
from greenlane.model.suite import Suite
from greenlane.notify.hub import JobEvent
from greenlane.place.base import AdoptionState, Place
from greenlane.queue.backlog import Backlog, Running, Waiting
from greenlane.queue.scheduler import Load, Wait, explain, plan
from greenlane.server.launch import Launcher
from greenlane.server.recovery import read_open_work
from greenlane.server.runfiles import RunFiles
from greenlane.store import jobs, projects, runs
from greenlane.system.clock import new_run_id, now

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much the server takes on."""

    places: int  # runs at once on this host
    queued: int  # jobs that may wait
    attempts: int  # runs of one job before it is given up as lost
    retry_seconds: float = 5.0  # until what the database refused is tried again


class Coordinator:
    """Joins the stages: store, queue, place, judge, notify."""

    def __init__(
        self,
        *,
        engine: Engine,
        place: Place,
        launcher: Launcher,
        files: RunFiles,
        limits: Limits,
        publish: Callable[[JobEvent], None],
        send_webhook: Callable[[str, bytes], None],
    ) -> None:
        self._engine = engine
        self._place = place
        self._launcher = launcher
        self._files = files
        self._limits = limits
        self._publish = publish
        self._send_webhook = send_webhook
        self._is_woken_later = False
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._backlog = Backlog()
        self._running: dict[RunId, tuple[Job, Running]] = {}
        self._lanes: dict[LaneId, Running] = {}
        self._durations: dict[tuple[str, str], float] = {}
        self._thread = threading.Thread(target=self._loop, name="coordinator", daemon=True)

    # ── from any thread ──────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Load what is open, settle what the last server left, and begin."""
        self._thread.start()
        self.call(self._recover).result()

    def stop(self) -> None:
        """Stop starting runs and end the thread. Runs that are under way go on without us."""
        self._inbox.put(None)
        self._thread.join()

    def call(self, work: Callable[[], T]) -> Future[T]:
        """Have the coordinator's thread do something, and give the future of its answer."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # handed to the caller, whatever it is
                future.set_exception(error)

        self._inbox.put(run)
        return future

    def end_run(self, run: RunId, result: RunResult | None) -> None:
        """Take the news that a run ended; None when it was lost. Called by the place."""
        self._inbox.put(partial(self._settle, run, result))

    # ── on the coordinator's thread, through `call` ──────────────────────────────────────────

    def submit(self, job: NewJob) -> tuple[Job, Wait | None]:
        """Store a job and queue it.

        A job whose idempotency key was seen before is given back as it is.

        Raises:
            QueueFullError: as many jobs wait as may.
        """
        with self._engine.begin() as connection:
            if job.idempotency_key is not None:
                known = jobs.find_by_idempotency_key(connection, job.idempotency_key)
                if known is not None:
                    return known, self.explain(known.id)
            self._refuse_if_full()
            jobs.insert_job(connection, job)
            stored = jobs.get_job(connection, job.id)
        self._enqueue(stored, job.spec.suite)
        self._tell(stored, Phase.QUEUED)
        return stored, self.explain(stored.id)

    def cancel(self, job_id: JobId) -> tuple[Job, bool]:
        """End a queued job, or have a running one stopped; say whether it was running.

        Idempotent: a job that has ended is given back as it is.
        """
        with self._engine.begin() as connection:
            job = jobs.get_job(connection, job_id)
            if job.phase is Phase.QUEUED:
                verdict = Verdict(outcome=Outcome.CANCELLED, because="cancelled while queued")
                self._end_job(connection, job, verdict)
        if job.phase is Phase.QUEUED:
            self._backlog.remove(job.id)
            self._tell(job, Phase.ENDED, Outcome.CANCELLED)
        elif job.phase is Phase.RUNNING and job.run is not None:
            self._place.stop(job.run)
        return job, job.phase is Phase.RUNNING

    def transaction(self) -> AbstractContextManager[Connection]:
        """Open a transaction for a change that is not about jobs."""
        return self._engine.begin()

    def explain(self, job: JobId) -> Wait | None:
        """Say why a job waits."""
        return explain(self._backlog, self._load(), job, now())

    def explain_all(self, wanted: Iterable[JobId]) -> dict[JobId, Wait | None]:
        """Say of each of some jobs why it waits."""
        return {job: self.explain(job) for job in wanted}

    def list_waiting(self, limit: int) -> list[tuple[Waiting, Wait | None]]:
        """Give the first of those that wait, in the order of the queue, each with its reason."""
        return [(one, self.explain(one.job)) for one in islice(self._backlog, limit)]

    def count(self) -> tuple[int, int, int]:
        """Count the jobs that wait, those that run, and the lanes in use."""
        lanes = self._backlog.lanes() | self._lanes.keys()
        return len(self._backlog), len(self._running), len(lanes)

    # ── the loop ─────────────────────────────────────────────────────────────────────────────

    def _loop(self) -> None:
        while (work := self._inbox.get()) is not None:
            self._do(work)
            while True:
                try:
                    work = self._inbox.get_nowait()
                except Empty:
                    break
                if work is None:
                    return
                self._do(work)
            self._do(self._start_what_may)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001  # the edge of the loop: one broken step stops no other
            _log.exception("coordinator step failed")

    def _start_what_may(self) -> None:
        for waiting in plan(self._backlog, self._load()):
            self._do(partial(self._start_or_wait, waiting))

    def _start_or_wait(self, waiting: Waiting) -> None:
        """Start a job; while the database cannot be written, as on a full disk, look again."""
        try:
            self._start_job(waiting)
        except SQLAlchemyError:
            _log.exception("job could not be started, tried again", extra={"job": waiting.job})
            if not self._is_woken_later:
                self._is_woken_later = True
                self._do_later(self._wake)

    def _wake(self) -> None:
        """Do nothing but have the loop go round."""
        self._is_woken_later = False

    def _do_later(self, work: Callable[[], None]) -> None:
        timer = threading.Timer(self._limits.retry_seconds, self._inbox.put, [work])
        timer.daemon = True
        timer.start()

    def _start_job(self, waiting: Waiting) -> None:
        """Claim the lane and write that the job runs; only then start it."""
        instant = now()
        with self._engine.begin() as connection:
            job = jobs.get_job(connection, waiting.job)
            spec = jobs.get_spec(connection, job.spec_hash)
            run = Run(
                id=new_run_id(job.id, job.attempts + 1),
                job=job.id,
                attempt=job.attempts + 1,
                lane=job.lane,
                started_at=instant,
                ended_at=None,
            )
            runs.insert_run(connection, run, _claims_of(waiting))
            jobs.move_job(
                connection,
                job,
                Phase.RUNNING,
                attempts=run.attempt,
                run=run.id,
                started_at=instant,
                because="",
            )
        self._backlog.remove(job.id)
        self._hold(
            msgspec.structs.replace(
                job, phase=Phase.RUNNING, attempts=run.attempt, run=run.id, started_at=instant
            ),
            run,
            spec.suite,
        )
        self._tell(job, Phase.RUNNING)
        self._launch(job, spec, run.id)

    def _launch(self, job: Job, spec: JobSpec, run: RunId) -> None:
        try:
            self._place.start(*self._launcher.launch(job, spec, run))
        except Exception as error:  # noqa: BLE001  # a lane must not stay held for a run that is not
            _log.exception("run could not be started", extra={"job": job.id, "run": run})
            self._settle(run, None, because=f"the run could not be started: {error}")

    def _settle(self, run: RunId, result: RunResult | None, because: str = "") -> None:
        """Finish a run, however often it takes: its lane is held until its end is written."""
        try:
            self._finish(run, result, because)
        except SQLAlchemyError:
            _log.exception("end of run could not be written, tried again", extra={"run": run})
            self._do_later(partial(self._settle, run, result, because))

    def _finish(self, run: RunId, result: RunResult | None, because: str = "") -> None:
        """Judge a run and write how it ended. Twice is the same as once."""
        held = self._running.get(run)
        if held is None:
            return
        job, running = held
        verdict = self._verdict(job, run, result, because)
        with self._engine.begin() as connection:
            runs.end_run(connection, run, now(), result)
            if verdict is None:
                jobs.move_job(connection, job, Phase.QUEUED, because="its run was lost", run=None)
            else:
                self._end_job(connection, job, verdict)
                self._learn(connection, job, result)
        del self._running[run]
        del self._lanes[running.lane]
        if verdict is None:
            _log.warning("run lost, queued again", extra={"job": job.id, "run": run})
            self._requeue(job.id)
        else:
            self._tell(job, Phase.ENDED, verdict.outcome)

    def _verdict(
        self, job: Job, run: RunId, result: RunResult | None, because: str
    ) -> Verdict | None:
        """Give the verdict; None when the run was lost and the job gets another attempt.

        A runner that was ended by somebody else, as at the shutdown of the machine, is lost too.
        """
        is_cancelled = self._files.is_cancelled(run)
        if result is not None and (result.end is not RunEnd.CANCELLED or is_cancelled):
            expects_report = self._files.expects_report(run)
            report = self._files.read_report(run) if expects_report else None
            return judge(result, report, expects_report=expects_report)
        if is_cancelled:
            return Verdict(outcome=Outcome.CANCELLED, because="cancelled; its run was lost")
        if job.attempts >= self._limits.attempts:
            said = because or "the runner vanished without a result"
            return Verdict(outcome=Outcome.LOST, because=f"{said}, {job.attempts} times; given up")
        return None

    # ── recovery ─────────────────────────────────────────────────────────────────────────────

    def _recover(self) -> None:
        """Queue what waits; finish, adopt or give up what ran when the last server ended."""
        found = read_open_work(self._engine)
        self._durations = found.durations
        for job, suite in found.waiting:
            self._enqueue(job, suite)
        for job, run, suite in found.running:
            self._hold(job, run, suite)
        for run_id in list(self._running):
            adoption = self._place.adopt(run_id)
            if adoption.state is not AdoptionState.ALIVE:
                self._finish(run_id, adoption.result)

    # ── small steps ──────────────────────────────────────────────────────────────────────────

    def _load(self) -> Load:
        return Load(running=self._lanes, places=self._limits.places)

    def _refuse_if_full(self) -> None:
        if len(self._backlog) >= self._limits.queued:
            raise QueueFullError(
                f"the queue holds {len(self._backlog)} jobs, as many as it may",
                hint="try again later; `greenlane queue` shows what waits",
                retry_after_seconds=30,
            )

    def _enqueue(self, job: Job, suite: Suite) -> None:
        self._backlog.add(
            Waiting(
                priority=job.priority,
                seq=job.seq,
                job=job.id,
                lane=job.lane,
                resources=tuple(suite.resources),
                estimate_seconds=self._durations.get((job.project, job.suite)),
            )
        )

    def _requeue(self, job_id: JobId) -> None:
        with self._engine.connect() as connection:
            job = jobs.get_job(connection, job_id)
            suite = jobs.get_spec(connection, job.spec_hash).suite
        self._enqueue(job, suite)
        self._tell(job, Phase.QUEUED)

    def _hold(self, job: Job, run: Run, suite: Suite) -> None:
        running = Running(
            job=job.id,
            lane=run.lane,
            agent=job.agent,
            resources=tuple(suite.resources),
            started_at=run.started_at,
            estimate_seconds=self._durations.get((job.project, job.suite)),
        )
        self._running[run.id] = (job, running)
        self._lanes[run.lane] = running

    def _end_job(self, connection: Connection, job: Job, verdict: Verdict) -> None:
        totals = verdict.totals
        jobs.move_job(
            connection,
            job,
            Phase.ENDED,
            outcome=verdict.outcome.value,
            because=verdict.because,
            ended_at=now(),
            totals=None if totals is None else msgspec.json.encode(totals).decode(),
        )

    def _learn(self, connection: Connection, job: Job, result: RunResult | None) -> None:
        """Remember how long a whole run takes; a part of a suite says nothing about that."""
        if result is not None and job.started_at is not None and not job.partial:
            seconds = result.ended_at - result.started_at
            mean = projects.record_duration(connection, job.project, job.suite, seconds)
            self._durations[job.project, job.suite] = mean

    def _tell(self, job: Job, phase: Phase, outcome: Outcome | None = None) -> None:
        _log.info("job %s", phase, extra={"job": job.id, "agent": job.agent, "outcome": outcome})
        event = JobEvent(job_id=job.id, lane=job.lane, phase=phase, outcome=outcome, at=now())
        self._publish(event)
        if phase is Phase.ENDED and job.callback_url:
            self._send_webhook(job.callback_url, msgspec.json.encode(event))


def _claims_of(waiting: Waiting) -> list[str]:
    """Name what a run holds, lanes and resources apart, whatever a project calls its resources."""
    names = sorted({f"resource:{name}" for name in waiting.resources})
    return [f"lane:{waiting.lane}", *names]
