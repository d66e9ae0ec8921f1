"""Take in a job: find its project and snapshot, resolve its suite, queue it."""

from __future__ import annotations

import asyncio
from functools import lru_cache

import msgspec

from greenlane.config.catalogue import Catalogue, LivingCatalogue
from greenlane.config.part import Change
from greenlane.config.project import is_default
from greenlane.config.selection import SelectedTest, needs_places
from greenlane.config.server import ServerSettings
from greenlane.config.suites import (
    Registration,
    Resolved,
    SuiteRequest,
    ad_hoc_suite,
    resolve_suite,
)
from greenlane.config.tree import FolderFiles
from greenlane.model.errors import BadRequestError, NotFoundError
from greenlane.model.job import CommitId, LaneId, Priority, ProjectId, TreeId, status_of
from greenlane.model.records import JobSpec, NewJob, Project
from greenlane.model.suite import Mode
from greenlane.notify.webhook import check_url
from greenlane.server.api.messages import SubmitAnswer, SubmitRequest
from greenlane.server.caller import Caller
from greenlane.server.coordinator import Coordinator
from greenlane.server.operations.projects import Projects, check_folder, list_worktrees
from greenlane.server.operations.reruns import LATEST, Reruns
from greenlane.server.reader import Reader
from greenlane.server.views import round_seconds
from greenlane.snapshot.repositories import Repositories
from greenlane.store import projects
from greenlane.system.clock import new_job_id, now

UNNAMED = "unnamed"
_MAX_KEY = 200


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be tested: a snapshot that the server holds, a folder, or both."""

    project: Project
    commit: CommitId = CommitId("")
    tree: TreeId = TreeId("")
    folder: str = ""  # the submitter's
    worktrees: list[str] = []  # the submitter's and the repository's main one


class Submissions:
    """The operation that starts everything."""

    def __init__(
        self,
        *,
        reader: Reader,
        coordinator: Coordinator,
        repositories: Repositories,
        catalogue: LivingCatalogue,
        settings: ServerSettings,
        projects: Projects,
        reruns: Reruns,
    ) -> None:
        self._reader = reader
        self._coordinator = coordinator
        self._repositories = repositories
        self._catalogue = catalogue
        self._settings = settings
        self._projects = projects
        self._reruns = reruns
        self._resolve_snapshot = lru_cache(maxsize=256)(self._resolve_snapshot_now)

    async def submit(
        self, request: SubmitRequest, caller: Caller, key: str | None = None
    ) -> SubmitAnswer:
        """Store a job and queue it; the same `key` from the same user gives the same job.

        Raises:
            BadRequestError: the request names no snapshot or folder, or more than one.
            ForbiddenError: an ad-hoc command or environment from anybody but the server's user.
            UnknownSuiteError, SettingsError: the suite cannot be resolved.
            SnapshotError: the snapshot is not here.
            NothingToRunError: nothing failed, or the change reaches no test.
            QueueFullError: as many jobs wait as may.
        """
        _check_powers(request, caller)
        _check_part(request)
        source = await self._find_source(request)
        wanted = await self._narrowed(request, source)
        resolved = await self._reader.run(lambda: self._resolve(request, source, wanted))
        job = self._new_job(request, caller, source, resolved)
        job = msgspec.structs.replace(
            job, idempotency_key=_scoped_key(key, caller, source.project.id)
        )
        stored, wait = await asyncio.wrap_future(
            self._coordinator.call(lambda: self._coordinator.submit(job))
        )
        return SubmitAnswer(
            job_id=stored.id,
            status=status_of(stored.phase, stored.outcome),
            queue_position=None if wait is None else wait.position,
            estimated_wait_seconds=None if wait is None else round_seconds(wait.seconds),
            project=stored.project,
            suite=stored.suite,
            tree=stored.tree,
            partial=stored.partial,
        )

    async def _find_source(self, request: SubmitRequest) -> Source:
        if request.project_path is not None:
            if request.project is not None or request.snapshot is not None:
                raise BadRequestError(
                    "`project_path` is given together with `project` or `snapshot`",
                    hint="a path is captured here; a snapshot was captured before: give one",
                )
            return await self._capture(request.project_path)
        if request.project is None:
            raise BadRequestError(
                "the request names neither `project_path` nor `project`",
                hint='{"project_path": "/path/to/your/repository"} is the simplest request',
            )
        name = request.project
        project = await self._reader.read(lambda connection: projects.get_project(connection, name))
        return await self._reader.run(lambda: self._check_source(request, project))

    async def _capture(self, path: str) -> Source:
        """Take the snapshot for a caller that has nothing but a path."""
        project, folder = await self._projects.take_in_folder(path)
        if not project.is_git:
            return Source(project=project, folder=folder, worktrees=[folder])

        def capture() -> Source:
            snapshot = self._repositories.capture_here(
                project.id, folder, self._settings.max_untracked_mb * 1_000_000
            )
            return Source(
                project=project,
                commit=CommitId(snapshot.commit),
                tree=TreeId(snapshot.tree),
                folder=folder,
                worktrees=list_worktrees(folder),
            )

        return await self._reader.run(capture)

    def _check_source(self, request: SubmitRequest, project: Project) -> Source:
        folder = "" if request.folder is None else check_folder(request.folder)
        if request.snapshot is None:
            if not folder:
                raise BadRequestError(
                    "the request names a project, but neither `snapshot` nor `folder`"
                )
            return Source(project=project, folder=folder, worktrees=[folder])
        commit, tree = CommitId(request.snapshot.commit), TreeId(request.snapshot.tree)
        if not project.is_git or not self._repositories.has(project.id, commit, tree):
            raise NotFoundError(
                f"the server has no snapshot {commit} with tree {tree} of project {project.id}",
                hint=f"send it first: POST /projects/{project.id}/snapshots",
            )
        return Source(
            project=project,
            commit=commit,
            tree=tree,
            folder=folder,
            worktrees=list_worktrees(folder) if folder else [],
        )

    async def _narrowed(self, request: SubmitRequest, source: Source) -> SuiteRequest:
        """Say which suite is wanted, and which part of it."""
        change = request.affected
        wanted = SuiteRequest(
            suite=request.test_suite,
            framework=request.framework or "",
            args=request.args,
            select=[SelectedTest(id=test_id) for test_id in request.select],
            change=None if change is None else Change(**msgspec.structs.asdict(change)),
            timeout_seconds=request.timeout_seconds,
            mode=None if request.mode is None else Mode(request.mode),
        )
        if request.failed_of is not None:
            return await self._failed(request, source, request.failed_of, wanted)
        if request.select and request.command is None:
            suite, preset = await self._whole(request, source, wanted)
            if preset is not None and needs_places(preset.select):
                found = await self._reruns.find_places(
                    source.project.id, suite.name, request.select
                )
                return msgspec.structs.replace(wanted, select=found)
        return wanted

    async def _failed(
        self, request: SubmitRequest, source: Source, job: str, wanted: SuiteRequest
    ) -> SuiteRequest:
        project = source.project.id
        if job == LATEST:
            suite, _ = await self._whole(request, source, wanted)
            agent = request.agent_id or UNNAMED
            rerun = await self._reruns.find_latest_failed(project, suite.name, agent)
        else:
            named = "" if is_default(request.test_suite) else request.test_suite
            rerun = await self._reruns.find_failed(project, job, named)
        return msgspec.structs.replace(
            wanted, suite=rerun.suite, select=rerun.tests, select_because=rerun.because
        )

    async def _whole(
        self, request: SubmitRequest, source: Source, wanted: SuiteRequest
    ) -> Resolved:
        whole = msgspec.structs.replace(wanted, args=[], select=[], change=None)
        return await self._reader.run(lambda: self._resolve(request, source, whole))

    def _resolve(self, request: SubmitRequest, source: Source, wanted: SuiteRequest) -> Resolved:
        longest, catalogue = self._settings.max_timeout_seconds, self._catalogue.now()
        if request.command is not None:
            return ad_hoc_suite(
                catalogue,
                request.command,
                wanted,
                cwd=request.cwd,
                env=request.env,
                max_timeout_seconds=longest,
            )
        given = Registration(command=source.project.command, preset=source.project.preset)
        if not source.tree:
            files = FolderFiles(source.folder)
            return resolve_suite(files, catalogue, given, wanted, max_timeout_seconds=longest)
        encode = msgspec.json.encode
        is_kept = not wanted.select and wanted.change is None  # those are long, and asked for once
        resolve = self._resolve_snapshot if is_kept else self._resolve_snapshot_now
        return resolve(catalogue, source.project.id, source.tree, encode(given), encode(wanted))

    def _resolve_snapshot_now(
        self,
        catalogue: Catalogue,
        project: ProjectId,
        tree: TreeId,
        registration: bytes,
        wanted: bytes,
    ) -> Resolved:
        """Resolve a suite in a tree, which never changes, so that the answer can be kept."""
        return resolve_suite(
            self._repositories.files(project, tree),
            catalogue,
            msgspec.json.decode(registration, type=Registration),
            msgspec.json.decode(wanted, type=SuiteRequest),
            max_timeout_seconds=self._settings.max_timeout_seconds,
        )

    def _new_job(
        self, request: SubmitRequest, caller: Caller, source: Source, resolved: Resolved
    ) -> NewJob:
        project, (suite, preset) = source.project, resolved
        mode = suite.mode if source.tree else Mode.IN_PLACE
        if mode is Mode.IN_PLACE and not source.folder:
            raise BadRequestError(
                f"suite {suite.name} runs in place, and the request names no `folder`",
                hint="name the folder to run in, or submit its `project_path`",
            )
        return NewJob(
            id=new_job_id(),
            project=project.id,
            lane=LaneId(project.id),
            suite=suite.name,
            agent=request.agent_id or UNNAMED,
            task=request.task_id,
            priority=Priority[request.priority.upper()],
            mode=mode,
            tree=source.tree,
            commit=source.commit,
            folder=source.folder,
            callback_url=check_url(request.callback_url) if request.callback_url else "",
            partial=suite.partial,
            submitter_uid=-1 if caller.uid is None else caller.uid,
            submitted_at=now(),
            spec=JobSpec(
                suite=suite,
                preset=preset,
                environment=request.environment,
                worktrees=source.worktrees,
            ),
        )


def _check_powers(request: SubmitRequest, caller: Caller) -> None:
    if request.command is not None:
        caller.require_owner("running an ad-hoc command")
    if request.env and request.command is None:
        raise BadRequestError(
            "`env` goes with `command` only", hint="a suite's environment is in greenlane.toml"
        )
    if request.environment:
        caller.require_owner("bringing an environment")


def _check_part(request: SubmitRequest) -> None:
    """Refuse to combine what each says which tests run."""
    given = {
        "select": bool(request.select),
        "failed_of": request.failed_of is not None,
        "affected": request.affected is not None,
    }
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise BadRequestError(f"`{named[0]}` and `{named[1]}` are given together: give one")
    if request.command is not None and request.failed_of is not None:
        raise BadRequestError("`failed_of` goes with a suite, and not with `command`")


def _scoped_key(key: str | None, caller: Caller, project: ProjectId) -> str | None:
    """Keep the keys of different users and projects apart.

    Raises:
        BadRequestError: the key is empty or too long.
    """
    if key is None:
        return None
    if not 0 < len(key) <= _MAX_KEY:
        raise BadRequestError(f"an Idempotency-Key has 1 to {_MAX_KEY} characters")
    return f"{caller.uid}:{project}:{key}"
