"""Capture a working tree as it is now: tracked, modified, deleted and untracked files.

Runs on the client's side, and leaves the user's repository untouched: the index is a copy, new
objects go to a scratch folder, no hook fires. The tree is the one that `git add -A` and
`git write-tree` would make. Standard library only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from greenlane.model.errors import SnapshotError
from greenlane.snapshot.index import IndexMarks, read_marks
from greenlane.snapshot.publish import Scratch, Snapshot
from greenlane.snapshot.refusals import check_gitlinks, check_messages, check_untracked, sizes_of
from greenlane.snapshot.scratch import ScratchFolder
from greenlane.snapshot.status import STATUS, Changes, parse_status
from greenlane.snapshot.worktree import Worktree, find_worktree
from greenlane.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MAX_UNTRACKED_BYTES", "Snapshot", "Worktree", "capture", "find_worktree"]

MAX_UNTRACKED_BYTES = 200_000_000
_MEMORY_BYTES = 16_000_000  # more than this is hashed onto disk
_ATTEMPTS = 3  # files may vanish or change under git's hands

#: Settings of the user that would break the capture, or make git write beside the copied index.
_SETTINGS = (
    "-c", "core.safecrlf=false",
    "-c", "core.splitIndex=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.ignoreStat=false",
    "-c", "core.looseCompression=0",
    "-c", "index.sparse=false",
    # In a sparse checkout git itself forgets the skip-worktree bit of a file that is there.
    "-c", "core.sparseCheckout=true",
    "-c", "sparse.expectFilesOutsideOfPatterns=false",
)  # fmt: skip


def capture(
    worktree: Worktree,
    bases: Sequence[str] = (),
    max_untracked_bytes: int = MAX_UNTRACKED_BYTES,
) -> Snapshot:
    """Capture a worktree; `bases` are the commits that the server already has.

    Raises:
        SnapshotError: the tree cannot be captured faithfully: a nested repository or a
            checked-out submodule, too much untracked data, a file that cannot be read.
    """
    for attempt in range(_ATTEMPTS):
        try:
            capturing = _Capture(worktree, is_in_memory=attempt == 0)
            return capturing.take_or_drop(bases, max_untracked_bytes)
        except git.GitError as error:
            if attempt == _ATTEMPTS - 1 or "ermission denied" in error.stderr:
                raise
        except OSError as error:
            if attempt == _ATTEMPTS - 1:
                raise SnapshotError(
                    f"cannot capture {worktree.root}: {error}",
                    hint="make room for the scratch folder; TMPDIR says where it may be",
                ) from error
    raise AssertionError("unreachable")


class _Capture:
    """One attempt, with its copied index and its scratch folder for objects."""

    def __init__(self, worktree: Worktree, *, is_in_memory: bool) -> None:
        self._worktree = worktree
        self._folders = [ScratchFolder(is_in_memory=is_in_memory)]
        index = os.path.join(self._folders[0].path, "index")
        alternates = _quoted(os.path.join(worktree.common_dir, "objects"))
        self._env = git.environment(
            {"GIT_INDEX_FILE": index, "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates}
        )
        self._keep_objects_in(self._folders[0].path)

    def take_or_drop(self, bases: Sequence[str], max_untracked_bytes: int) -> Snapshot:
        try:
            return self._take(bases, max_untracked_bytes)
        except BaseException:
            for folder in self._folders:
                folder.close()
            raise

    def _take(self, bases: Sequence[str], max_untracked_bytes: int) -> Snapshot:
        index = _copy_index(self._worktree.git_dir, self._env["GIT_INDEX_FILE"])
        changes = self._read_changes(index)
        check_untracked(self._worktree.root, changes.untracked, max_untracked_bytes)
        self._make_room(changes)
        self._update(changes)
        tree = self._git("write-tree").decode("ascii").strip()
        parent = self._parent(changes.head)
        return Snapshot(
            tree=tree,
            commit=self._commit(tree, parent),
            parent=parent,
            bases=bases,
            scratch=Scratch(
                self._folders, self._worktree.root, self._worktree.object_format, self._env
            ),
        )

    def _keep_objects_in(self, folder: str) -> None:
        self._objects = os.path.join(folder, "objects")
        os.mkdir(self._objects)
        self._env["GIT_OBJECT_DIRECTORY"] = self._objects

    def _make_room(self, changes: Changes) -> None:
        """Let large content go to disk; memory is only for speed."""
        sizes = sizes_of(self._worktree.root, [*changes.written, *changes.untracked])
        if sum(sizes.values()) > _MEMORY_BYTES:
            self._folders.append(ScratchFolder(is_in_memory=False))
            self._keep_objects_in(self._folders[-1].path)

    def _read_changes(self, index: bytes) -> Changes:
        arguments = ["-C", self._worktree.root, *_SETTINGS, *STATUS]
        status = git.start(arguments, env=self._env)
        try:  # git works while the index is read here
            marks = read_marks(index, _id_size(self._worktree)) or self._marks_from_git()
            check_gitlinks(self._worktree.root, marks.gitlinks)
        finally:
            listing, messages = git.finish(status, STATUS)
        if marks.assumed_unchanged:
            self._stdin("update-index", "--no-assume-unchanged", paths=marks.assumed_unchanged)
            listing, messages = git.finish(git.start(arguments, env=self._env), STATUS)
        check_messages(messages)
        return parse_status(listing)

    def _marks_from_git(self) -> IndexMarks:
        marks = IndexMarks([], [])
        for entry in self._git("ls-files", "-s", "-v", "-z").split(b"\0")[:-1]:
            meta, _, path = entry.partition(b"\t")
            tag, mode = meta.split(b" ")[:2]
            if mode == b"160000":
                marks.gitlinks.append(path)
            elif tag.islower():
                marks.assumed_unchanged.append(path)
        return marks

    def _update(self, changes: Changes) -> None:
        if changes.removed:
            self._stdin("update-index", "--force-remove", paths=changes.removed)
        if changes.written or changes.untracked:
            paths = [*changes.written, *changes.untracked]
            self._stdin("update-index", "--add", "--remove", "--replace", paths=paths)

    def _parent(self, head: str) -> str:
        if not head or self._worktree.has_whole_history:
            return head
        tree = self._git("rev-parse", f"{head}^{{tree}}").decode("ascii").strip()
        return self._commit(tree, "")

    def _commit(self, tree: str, parent: str) -> str:
        """Write a commit object: git's own format, with nothing in it that varies.

        Done here because a process costs more than all the rest of it.
        """
        import hashlib  # noqa: PLC0415 (5 ms that pass while git works)
        import zlib  # noqa: PLC0415

        lines = [f"tree {tree}", *([f"parent {parent}"] if parent else [])]
        lines += [f"{role} Greenlane <> 0 +0000" for role in ("author", "committer")]
        body = "\n".join([*lines, "", "snapshot", ""]).encode("ascii")
        data = b"commit %d\0%s" % (len(body), body)
        commit = hashlib.new(self._worktree.object_format, data, usedforsecurity=False).hexdigest()
        folder = os.path.join(self._objects, commit[:2])
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, commit[2:]), "wb") as file:
            file.write(zlib.compress(data, 1))
        return commit

    def _git(self, *arguments: str) -> bytes:
        return git.run(["-C", self._worktree.root, *_SETTINGS, *arguments], env=self._env)

    def _stdin(self, *arguments: str, paths: Iterable[bytes]) -> None:
        arguments = ("-C", self._worktree.root, *_SETTINGS, *arguments, "-z", "--stdin")
        git.run(arguments, env=self._env, stdin=b"".join(path + b"\0" for path in paths))


def _copy_index(git_dir: str, target: str) -> bytes:
    """Copy the index with its mtime, without which git cannot tell racy entries."""
    try:
        with open(os.path.join(git_dir, "index"), "rb") as source:
            data = source.read()
            times = os.fstat(source.fileno())
    except FileNotFoundError:
        return b""
    with open(target, "wb") as copy:
        copy.write(data)
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    return data


def _id_size(worktree: Worktree) -> int:
    return 32 if worktree.object_format == "sha256" else 20


def _quoted(path: str) -> str:
    """Quote a path for a colon-separated list as git reads it."""
    if ":" not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
