"""The server's bare repositories: one for each project, with every snapshot under a ref.

They share nothing with the users' repositories: no alternates, no settings, no hooks. An object
that a kept ref leads to is there in full: publishers and `receive` make a ref last.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from greenlane.model.errors import ForbiddenError, NotFoundError, SnapshotError
from greenlane.snapshot import refs
from greenlane.snapshot.bundle import BundleHead, is_object_id, read_head
from greenlane.snapshot.capture import MAX_UNTRACKED_BYTES, capture, find_worktree
from greenlane.snapshot.tree_files import TreeFiles, TreeReader
from greenlane.system import git

if TYPE_CHECKING:
    from collections.abc import Collection

    from greenlane.snapshot.publish import Snapshot

_BASES_TOLD: Final = 50
_COMMIT_HEAD_BYTES: Final = 1 << 16
_PRUNE_AFTER: Final = "1.hour.ago"  # an object may be older than its ref by one upload

#: Faults of old commits that harm nobody and would shut out real histories. What could hurt a
#: checkout (`.git` in a tree, `..`, slashes, duplicates) stays fatal.
_STRICT: Final = "--strict=" + ",".join(
    f"{fault}=ignore"
    for fault in (
        "badTimezone", "badDate", "badDateOverflow", "missingSpaceBeforeDate", "missingEmail",
        "missingNameBeforeEmail", "missingSpaceBeforeEmail", "badName", "badEmail",
        "zeroPaddedDate", "zeroPaddedFilemode", "multipleAuthors", "nulInCommit",
    )
)  # fmt: skip


class Repositories:
    """The bare repositories in one folder. Safe between threads and beside publishers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trees = TreeReader()

    def path(self, project_id: str) -> Path:
        """Give where the repository of a project is, or would be.

        Raises:
            NotFoundError: this cannot be the id of a project.
        """
        if not project_id or "/" in project_id or "\0" in project_id or project_id[0] in ".-":
            raise NotFoundError(f"no project {project_id!r}")
        return self._folder / f"{project_id}.git"

    def ensure(self, project_id: str, object_format: str = "sha1") -> Path:
        """Make the repository of a project unless it is there; give its path.

        Raises:
            SnapshotError: it is there, with another object format.
        """
        path = self.path(project_id)
        if (path / "HEAD").exists():
            self._check_format(project_id, object_format)
            return path
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{project_id}.{os.getpid()}.{os.urandom(4).hex()}"
        _create(draft, object_format)
        try:
            draft.rename(path)
        except OSError:  # another thread was first
            _remove(draft)
        return path

    def bases(self, project_id: str) -> list[str]:
        """List the commits that a thin bundle may build on, the one used last first."""
        return refs.list_refs(str(self.path(project_id)), refs.BASES)[:_BASES_TOLD]

    def has(self, project_id: str, commit: str, tree: str) -> bool:
        """Say whether a published snapshot is there and holds exactly this tree."""
        if not is_object_id(commit) or not is_object_id(tree):
            return False
        path = str(self.path(project_id))
        return refs.has_ref(path, refs.SNAPSHOTS + commit) and _tree_of(path, commit) == tree

    def receive(self, project_id: str, bundle: Path, commit: str, tree: str) -> None:
        """Take in a bundle that claims to hold a snapshot; doing it again changes nothing.

        Every object is checked, and every object that it leads to must be there.

        Raises:
            SnapshotError: it is cut short, malformed, hostile, or not what it claims to be.
        """
        with bundle.open("rb") as file:
            head = read_head(file)
            path = str(self.ensure(project_id, head.object_format))
            _check_head(path, head, commit)
            _unpack(path, file)
        _check_whole(path, head)
        if _tree_of(path, commit) != tree:
            raise SnapshotError(f"snapshot {commit} does not hold the announced tree {tree}")
        refs.write_ref(path, refs.SNAPSHOTS, commit)
        _check_head(path, head, commit)  # a base that expired meanwhile took objects with it
        for parent in _parents(path, commit):
            refs.write_ref(path, refs.BASES, parent)

    def files(self, project_id: str, tree: str) -> TreeFiles:
        """Give the files of a tree, through caches that all trees share."""
        return self._trees.files(str(self.path(project_id)), tree)

    def capture_here(
        self, project_id: str, folder: str, max_untracked_bytes: int = MAX_UNTRACKED_BYTES
    ) -> Snapshot:
        """Capture and publish a folder of this host for a caller who sent only its path.

        The snapshot comes back closed: its ids are what is of use.

        Raises:
            ForbiddenError: the repository belongs to another user than the server's.
            SnapshotError: it cannot be captured, or is not a git worktree.
        """
        check_owner(folder)
        worktree = find_worktree(folder)
        if worktree is None:
            raise SnapshotError(f"{folder} is not in a git worktree")
        for owned in (worktree.root, worktree.git_dir, worktree.common_dir):
            check_owner(owned)
        repository = self.ensure(project_id, worktree.object_format)
        with capture(worktree, self.bases(project_id), max_untracked_bytes) as snapshot:
            snapshot.publish_to_path(str(repository))
            return snapshot

    def expire(self, project_id: str, keep: Collection[str], used_before: float) -> int:
        """Drop the snapshots outside `keep` and what only they held; give how many refs went.

        The newest bases stay, and so do snapshots used since `used_before` (UNIX seconds): a job
        may be about to name one. Objects younger than an hour stay: their ref may be on its way.
        """
        path = str(self.path(project_id))
        keep = refs.list_used_since(path, refs.SNAPSHOTS, used_before).union(keep)
        names = [
            refs.SNAPSHOTS + commit
            for commit in refs.list_refs(path, refs.SNAPSHOTS)
            if commit not in keep
        ]
        names += [refs.BASES + base for base in refs.list_refs(path, refs.BASES)[_BASES_TOLD:]]
        deletions = "".join(f"delete {name}\0\0" for name in names).encode("ascii")
        _git(path, "update-ref", "-z", "--stdin", stdin=deletions)
        # Loose refs stay loose: their mtime says when they were used last.
        _git(path, "-c", "gc.packRefs=false", "gc", "--quiet", f"--prune={_PRUNE_AFTER}")
        return len(names)

    def _check_format(self, project_id: str, object_format: str) -> None:
        config = (self.path(project_id) / "config").read_text("utf-8")
        actual = "sha256" if "objectformat = sha256" in config.lower() else "sha1"
        if actual != object_format:
            raise SnapshotError(
                f"project {project_id} keeps {actual} objects, this repository has {object_format}",
                hint="remove the project and add it again",
            )


def check_owner(path: str) -> None:
    """Make sure that a path belongs to the server's own user.

    Raises:
        ForbiddenError: it belongs to somebody else.
        NotFoundError: it is not there.
    """
    try:
        owner = Path(path).stat().st_uid
    except OSError as error:
        raise NotFoundError(f"{path}: {error.strerror}") from error
    if owner != os.geteuid():
        raise ForbiddenError(
            f"{path} belongs to another user than the server",
            hint="submit with `greenlane test`, which takes the snapshot as its owner",
        )


def _create(draft: Path, object_format: str) -> None:
    env = git.server_environment({"GIT_DEFAULT_REF_FORMAT": "files"})
    made = ["init", "-q", "--bare", "--template=", f"--object-format={object_format}", str(draft)]
    git.run(made, env=env)
    with (draft / "config").open("a", encoding="utf-8") as config:
        config.write(
            "[gc]\n\tauto = 0\n\tautoDetach = false\n[maintenance]\n\tauto = false\n"
            "[core]\n\thooksPath = /dev/null\n[transfer]\n\tfsckObjects = true\n"
            "[advice]\n\tdetachedHead = false\n"
        )
    for prefix in (refs.SNAPSHOTS, refs.BASES):
        (draft / prefix).mkdir(parents=True)


def _remove(draft: Path) -> None:
    import shutil  # noqa: PLC0415 (only where two threads made one repository)

    shutil.rmtree(draft)


def _check_head(repository: str, head: BundleHead, commit: str) -> None:
    if head.commit != commit:
        raise SnapshotError(f"the bundle holds {head.commit}, not the announced {commit}")
    for base in head.prerequisites:
        if not refs.has_ref(repository, refs.BASES + base):
            raise SnapshotError(
                f"the bundle builds on {base}, which this server does not have",
                hint="ask for the bases again and send a bundle that builds on one of them",
            )


def _unpack(repository: str, bundle: IO[bytes]) -> None:
    """Store the pack that `bundle` is at; it lands whole or not at all."""
    os.lseek(bundle.fileno(), bundle.tell(), os.SEEK_SET)  # past what Python read ahead
    arguments = ["index-pack", "--stdin", "--fix-thin", _STRICT]
    command = ["--git-dir", repository, *arguments]
    process = git.start(command, env=git.server_environment(), stdin=bundle)
    try:
        git.finish(process, arguments)
    except git.GitError as error:
        raise SnapshotError(f"the bundle is refused: {error.message}", hint=error.hint) from error


def _check_whole(repository: str, head: BundleHead) -> None:
    """Make sure that nothing is missing: what a killed publisher left behind has holes."""
    known = [f"^{base}" for base in head.prerequisites]
    try:
        _git(repository, "rev-list", "--objects", "--quiet", head.commit, *known)
    except git.GitError as error:
        raise SnapshotError(f"the bundle lacks objects: {error.message}") from error


def _tree_of(repository: str, commit: str) -> str:
    return _tree_and_parents(repository, commit)[0]


def _parents(repository: str, commit: str) -> list[str]:
    return _tree_and_parents(repository, commit)[1:]


def _tree_and_parents(repository: str, commit: str) -> list[str]:
    """Read the head of a commit: from its own file where it has one, else through git.

    Gives one empty string when there is no such commit. However long a hostile commit is, no more
    than its head is read.
    """
    try:
        raw = Path(repository, "objects", commit[:2], commit[2:]).read_bytes()
        data = zlib.decompressobj().decompress(raw, _COMMIT_HEAD_BYTES)
    except (OSError, zlib.error):
        try:
            return _git(repository, "log", "-1", "--format=%T %P", commit).decode("ascii").split()
        except git.GitError:
            return [""]
    kind, _, body = data.partition(b"\0")
    if not kind.startswith(b"commit "):
        return [""]
    lines = body.partition(b"\n\n")[0].decode("utf-8", "replace").splitlines()
    fields = [line.partition(" ") for line in lines]
    return [value for key, _, value in fields if key in {"tree", "parent"}]


def _git(repository: str, *arguments: str, stdin: bytes | None = None) -> bytes:
    return git.run(["--git-dir", repository, *arguments], env=git.server_environment(), stdin=stdin)
