"""The red tests of an earlier job, to be run again; and where tests lie that are named by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import msgspec

from greenlane.config.selection import WORDS_LIMIT, SelectedTest
from greenlane.config.suites import AD_HOC_SUITE
from greenlane.model.errors import BadRequestError, ConflictError, NotFoundError, NothingToRunError
from greenlane.model.job import JobId, Outcome, Phase, ProjectId
from greenlane.model.records import Job
from greenlane.model.report import RED, TestOutcome
from greenlane.server.reader import Reader
from greenlane.server.runfiles import RunFiles
from greenlane.store import jobs

LATEST: Final = "latest"
_LOOK_BACK_JOBS: Final = 200
_PLACES_TESTS: Final = 100_000  # a larger result is not searched for the place of a test
_CUT_SHORT: Final = frozenset({Outcome.CRASHED, Outcome.TIMED_OUT})
_WHOLE_HINT: Final = "`greenlane test` runs the whole suite"


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run again."""

    suite: str
    tests: list[SelectedTest]
    because: str  # "3 tests that failed in job a1b2"


class Reruns:
    """Looks up earlier results in the store and in the folders of the runs."""

    def __init__(self, *, reader: Reader, files: RunFiles) -> None:
        self._reader = reader
        self._files = files

    async def find_failed(self, project: ProjectId, job_id: str, suite: str) -> Rerun:
        """Give the red tests of a job of this project; `suite` is "" for whichever it ran.

        Raises:
            NotFoundError: there is no such job, or its tests are no longer kept.
            ConflictError: it has not ended.
            BadRequestError: it is of another project or suite, or ran no suite.
            NothingToRunError: it names no red test.
        """
        job = await self._reader.read(lambda connection: jobs.get_job(connection, JobId(job_id)))
        _check(job, project, suite)
        return await self._rerun_of(job)

    async def find_latest_failed(self, project: ProjectId, suite: str, agent: str) -> Rerun:
        """Give the red tests of the latest job that had any: the agent's own, else anybody's.

        Raises:
            NothingToRunError: there is none, or the whole suite passed after it.
            NotFoundError: its tests are no longer kept.
        """
        ended = await self._reader.read(
            lambda connection: jobs.list_ended(connection, project, suite, limit=_LOOK_BACK_JOBS)
        )
        return await self._rerun_of(latest_red(ended, suite, agent))

    async def find_places(
        self, project: ProjectId, suite: str, ids: Sequence[str]
    ) -> list[SelectedTest]:
        """Give the tests of these ids, with file and line where the latest results have them."""
        ended = await self._reader.read(
            lambda connection: jobs.list_ended(connection, project, suite, limit=_LOOK_BACK_JOBS)
        )
        known: dict[str, SelectedTest] = {}
        for job in ended:
            if job.run is not None and job.totals and job.totals.total <= _PLACES_TESTS:
                known = await self._reader.run(partial(self._places, job, frozenset(ids)))
                break
        return [known.get(test_id, SelectedTest(id=test_id)) for test_id in ids]

    def _places(self, job: Job, wanted: frozenset[str]) -> dict[str, SelectedTest]:
        if job.run is None:
            return {}
        return {
            test.id: SelectedTest(id=test.id, file=test.file, line=test.line)
            for test in self._files.iterate_tests(job.run)
            if test.id in wanted
        }

    async def _rerun_of(self, job: Job) -> Rerun:
        tests = await self._reader.run(partial(self._red_tests, job))
        did = "failed" if _wanted_of(job) == RED else "failed or did not run"
        count = f"{len(tests)} test" if len(tests) == 1 else f"{len(tests)} tests"
        return Rerun(suite=job.suite, tests=tests, because=f"{count} that {did} in job {job.id}")

    def _red_tests(self, job: Job) -> list[SelectedTest]:
        """Read all red tests of a job, however many; each id once."""
        wanted, found = _wanted_of(job), dict[str, SelectedTest]()
        if job.run is not None and job.outcome is not Outcome.PASSED:
            for test in self._files.iterate_tests(job.run):
                if test.outcome in wanted:
                    found[test.id] = SelectedTest(id=test.id, file=test.file, line=test.line)
                    if len(found) > WORDS_LIMIT:
                        break
        if found:
            return list(found.values())
        if job.outcome is Outcome.PASSED:
            raise NothingToRunError(f"job {job.id} passed: none of its tests failed")
        if job.totals is not None and job.totals.red and job.run is not None:
            if not self._files.folder(job.run).exists():
                raise NotFoundError(
                    f"the tests of job {job.id} are no longer kept",
                    hint=f"{_WHOLE_HINT}; `retention_days` in the server's settings keeps longer",
                )
            raise NothingToRunError(
                f"job {job.id} counted {job.totals.red} red tests but names none",
                hint=_WHOLE_HINT,
            )
        outcome = "" if job.outcome is None else job.outcome.value
        raise NothingToRunError(
            f"job {job.id} ended as {outcome} and names no test that failed", hint=_WHOLE_HINT
        )


def latest_red(ended: Iterable[Job], suite: str, agent: str) -> Job:
    """Choose the latest job with red tests; `ended` has the newest first.

    A whole run that passed settles what failed before it. The agent's own jobs come first: what
    others work on is another tree.

    Raises:
        NothingToRunError: there is none.
    """
    everything = list(ended)
    for candidates in ([job for job in everything if job.agent == agent], everything):
        for job in candidates:
            if _is_red(job):
                return job
            if job.outcome is Outcome.PASSED and not job.partial:
                raise NothingToRunError(
                    f"nothing has failed since the whole suite {suite!r} passed in job {job.id}",
                    hint="`greenlane test --failed JOB` takes another job",
                )
    raise NothingToRunError(
        f"no job of suite {suite!r} has red tests", hint="`greenlane status` lists the latest jobs"
    )


def _is_red(job: Job) -> bool:
    if job.totals is None or job.run is None:
        return False
    return bool(job.totals.red or (job.outcome in _CUT_SHORT and job.totals.not_run))


def _wanted_of(job: Job) -> frozenset[TestOutcome]:
    """A run that did not get to its own end owes the tests that it never ran, too."""
    return RED if job.outcome is Outcome.FAILED else RED | {TestOutcome.NOT_RUN}


def _check(job: Job, project: ProjectId, suite: str) -> None:
    if job.project != project:
        raise BadRequestError(
            f"job {job.id} is of project {job.project}, and not of {project}",
            hint=f"`greenlane status --project {project}` lists the jobs of this one",
        )
    if job.phase is not Phase.ENDED:
        raise ConflictError(
            f"job {job.id} is {job.phase}: what fails in it is not known yet",
            hint=f"`greenlane wait {job.id}` waits for its end",
        )
    if job.suite == AD_HOC_SUITE:
        raise BadRequestError(
            f"job {job.id} ran a command of its own and no suite of the project",
            hint="`greenlane run` runs such a command again, as a whole",
        )
    if suite and suite != job.suite:
        raise BadRequestError(f"job {job.id} ran suite {job.suite!r}, and not {suite!r}")
