"""Projects: which one a folder belongs to, how its snapshots arrive, how it is registered."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from greenlane.config.catalogue import LivingCatalogue
from greenlane.config.project import ProjectSettings, load_project
from greenlane.config.server import ServerSettings
from greenlane.config.tree import FolderFiles
from greenlane.model.errors import BadRequestError, ForbiddenError, NotFoundError, TooLargeError
from greenlane.model.job import ProjectId
from greenlane.model.records import Project
from greenlane.model.suite import Mode
from greenlane.server.api.messages import (
    ProjectAnswer,
    ProjectRequest,
    ProjectsAnswer,
    ResolveAnswer,
    ResolveRequest,
    SnapshotAnswer,
)
from greenlane.server.caller import Caller
from greenlane.server.coordinator import Coordinator
from greenlane.server.reader import Reader
from greenlane.snapshot.identity import project_key, project_name
from greenlane.snapshot.repositories import Repositories
from greenlane.snapshot.worktree import find_worktree
from greenlane.store import projects
from greenlane.system.clock import now


class Projects:
    """Operations on projects and their snapshots."""

    def __init__(
        self,
        *,
        reader: Reader,
        coordinator: Coordinator,
        repositories: Repositories,
        catalogue: LivingCatalogue,
        settings: ServerSettings,
    ) -> None:
        self._reader = reader
        self._coordinator = coordinator
        self._repositories = repositories
        self._catalogue = catalogue
        self._settings = settings

    async def resolve(self, request: ResolveRequest, caller: Caller) -> ResolveAnswer:
        """Find the project of a folder, and take it in when it is new."""
        settings = await self._reader.run(lambda: read_settings(request.path))
        project = await self._take_in(
            new_project(request.path, request.common_dir, request.origin_url, settings)
        )
        megabytes = settings.project.max_untracked_mb
        if megabytes is None:
            megabytes = self._settings.max_untracked_mb
        is_in_place = not project.is_git or settings.project.mode is Mode.IN_PLACE
        bases: list[str] = []
        if project.is_git:
            bases = await self._reader.run(
                lambda: self._open_repository(project.id, request.object_format)
            )
        return ResolveAnswer(
            project=project.id,
            name=project.name,
            mode="in_place" if is_in_place else "snapshot",
            repository=str(self._repositories.path(project.id))
            if caller.is_owner and project.is_git
            else None,
            bases=bases,
            max_untracked_bytes=megabytes * 1_000_000,
        )

    async def receive(
        self, project_id: str, commit: str, tree: str, chunks: AsyncIterator[bytes]
    ) -> SnapshotAnswer:
        """Take in a snapshot that comes as a bundle.

        Raises:
            TooLargeError: it is larger than the settings allow.
            SnapshotError: it is not what it is said to be.
        """
        project = await self._reader.read(
            lambda connection: projects.get_project(connection, project_id)
        )
        if not project.is_git:
            raise BadRequestError(f"project {project_id} is a plain folder and has no snapshots")
        limit = self._settings.max_snapshot_mb * 1_000_000
        with tempfile.NamedTemporaryFile(prefix="greenlane-") as bundle:
            size = 0
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLargeError(
                        f"the snapshot has more than {limit:,} bytes",
                        hint="`max_snapshot_mb` in the server's settings allows more",
                    )
                bundle.write(chunk)
            bundle.flush()
            path = Path(bundle.name)
            await self._reader.run(
                lambda: self._repositories.receive(project.id, path, commit, tree)
            )
        return SnapshotAnswer(commit=commit, tree=tree)

    async def add(self, request: ProjectRequest, caller: Caller) -> ProjectAnswer:
        """Register a project, and how its default suite is run.

        Raises:
            ForbiddenError: the caller sets a command and is not the server's own user.
        """
        caller.require_owner("registering a project")
        if request.preset:
            (await self._reader.run(self._catalogue.now)).get(request.preset)
        fresh = await self._reader.run(lambda: look_at(request.path))
        project = await self._take_in(fresh)
        name = request.name or project.name

        def register() -> Project:
            with self._coordinator.transaction() as connection:
                projects.register_command(
                    connection,
                    project.id,
                    name=name,
                    command=request.command,
                    preset=request.preset,
                )
                return projects.get_project(connection, project.id)

        return _show(await asyncio.wrap_future(self._coordinator.call(register)))

    async def list_all(self) -> ProjectsAnswer:
        """Give every project, by name."""
        found = await self._reader.read(projects.list_projects)
        return ProjectsAnswer(projects=[_show(project) for project in found])

    async def remove(self, project_id: str, caller: Caller) -> ProjectAnswer:
        """Forget a project that has no jobs."""
        caller.require_owner("removing a project")

        def remove() -> Project:
            with self._coordinator.transaction() as connection:
                project = projects.get_project(connection, project_id)
                projects.remove_project(connection, project.id)
                return project

        return _show(await asyncio.wrap_future(self._coordinator.call(remove)))

    async def take_in_folder(self, path: str) -> tuple[Project, str]:
        """Give the project that a path lies in, and its root; the server looks at it itself."""
        fresh = await self._reader.run(lambda: look_at(path))
        return await self._take_in(fresh), fresh.path

    async def _take_in(self, project: Project) -> Project:
        """Give the project with this key; a new one is stored. The usual case writes nothing."""
        known = await self._reader.read(
            lambda connection: projects.find_by_key(connection, project.key)
        )
        if known is not None:
            return known

        def store() -> Project:
            with self._coordinator.transaction() as connection:
                return projects.upsert_project(connection, project)

        return await asyncio.wrap_future(self._coordinator.call(store))

    def _open_repository(self, project: ProjectId, object_format: str) -> list[str]:
        self._repositories.ensure(project, object_format)
        return list(self._repositories.bases(project))


def read_settings(path: str) -> ProjectSettings:
    """Read a folder's `greenlane.toml`; the defaults where it has none or may not be read."""
    return load_project(FolderFiles(path, listed=()))


def look_at(path: str) -> Project:
    """Describe the project of a folder on this machine.

    Raises:
        NotFoundError: there is no such folder.
        ForbiddenError: it belongs to somebody else.
    """
    folder = check_folder(path)
    worktree = find_worktree(folder)
    if worktree is None:
        return new_project(folder, "", "", read_settings(folder))
    settings = read_settings(worktree.root)
    return new_project(worktree.root, worktree.common_dir, worktree.origin_url, settings)


def list_worktrees(folder: str) -> list[str]:
    """Give a worktree and the main worktree of its repository, in which a `.venv` may lie."""
    worktree = find_worktree(folder)
    if worktree is None:
        return [folder]
    main = str(Path(worktree.common_dir).parent)
    return list(dict.fromkeys([worktree.root, main]))


def check_folder(path: str) -> str:
    """Give the real path of a folder that the server's user owns.

    Raises:
        BadRequestError: the path is not absolute.
        NotFoundError: there is no such folder.
        ForbiddenError: it belongs to somebody else.
    """
    if not path.startswith("/") or "\0" in path:
        raise BadRequestError(f"{path!r} is not an absolute path")
    real = os.path.realpath(path)
    try:
        owner = Path(real).stat().st_uid
    except OSError as error:
        raise NotFoundError(f"the folder {path} cannot be read: {error.strerror}") from error
    if not Path(real).is_dir():
        raise NotFoundError(f"{path} is not a folder")
    if owner != os.getuid():
        raise ForbiddenError(
            f"the folder {path} belongs to user {owner}, and the server runs as {os.getuid()}",
            hint="submit a snapshot of it with `greenlane test`, which the server can take",
        )
    return real


def new_project(path: str, common_dir: str, origin_url: str, settings: ProjectSettings) -> Project:
    """Describe a project that may be new; its id follows from its key."""
    key = project_key(
        common_dir or path, origin_url, share_clones=settings.project.share_lane_with_clones
    )
    name = settings.project.name or project_name(common_dir or path, origin_url)
    slug = "".join(
        letter if letter.isalnum() else "-" for letter in name.lower() if letter.isascii()
    )
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Project(
        id=ProjectId(f"{slug.strip('-')[:40] or 'project'}-{digest}"),
        name=name,
        key=key,
        path=path,
        is_git=bool(common_dir),
        created_at=now(),
    )


def _show(project: Project) -> ProjectAnswer:
    return ProjectAnswer(
        project=project.id,
        name=project.name,
        path=project.path,
        is_git=project.is_git,
        command=project.command,
        preset=project.preset,
    )
