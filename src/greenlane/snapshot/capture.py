"""Capture a working tree as it is now: tracked, modified, deleted and untracked files.

Runs on the client's side, and leaves the user's repository untouched: the index is a copy, new
objects go to a scratch folder, no hook fires. The tree is the one that `git add -A` and
`git write-tree` would make. Standard library only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from greenlane.model.errors import SnapshotError
from greenlane.snapshot.index import IndexMarks, read_marks
from greenlane.snapshot.publish import Scratch, Snapshot, remove_tree
from greenlane.snapshot.worktree import Worktree, find_worktree
from greenlane.system import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MAX_UNTRACKED_BYTES", "Snapshot", "Worktree", "capture", "find_worktree"]

MAX_UNTRACKED_BYTES = 200_000_000
_ATTEMPTS = 3  # files may vanish or change under git's hands
_IN_PLACE = 'set mode = "in_place" for this suite in greenlane.toml'

#: Settings of the user that would break the capture, or make git write beside the copied index.
_SETTINGS = (
    "-c", "core.safecrlf=false",
    "-c", "core.splitIndex=false",
    "-c", "core.untrackedCache=false",
    "-c", "core.ignoreStat=false",
    "-c", "index.sparse=false",
    # In a sparse checkout git itself forgets the skip-worktree bit of a file that is there.
    "-c", "core.sparseCheckout=true",
    "-c", "sparse.expectFilesOutsideOfPatterns=false",
)  # fmt: skip
_STATUS = (
    "status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--no-renames",
    "--untracked-files=all", "--ignore-submodules=dirty",
)  # fmt: skip


class _Changes(NamedTuple):
    """What the working tree adds to the index. Paths are raw bytes relative to the root."""

    head: str  # "" when unborn
    removed: list[bytes]
    written: list[bytes]
    untracked: list[bytes]


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
        scratch = _make_scratch()
        try:
            return _Capture(worktree, scratch).take(bases, max_untracked_bytes)
        except git.GitError as error:
            remove_tree(scratch)
            if attempt == _ATTEMPTS - 1 or "ermission denied" in error.stderr:
                raise
        except BaseException:
            remove_tree(scratch)
            raise
    raise AssertionError("unreachable")


class _Capture:
    """One attempt, with its copied index and its scratch folder for objects."""

    def __init__(self, worktree: Worktree, scratch: str) -> None:
        self._worktree = worktree
        self._scratch = scratch
        self._index = os.path.join(scratch, "index")
        self._env = git.environment(
            {
                "GIT_INDEX_FILE": self._index,
                "GIT_OBJECT_DIRECTORY": os.path.join(scratch, "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(
                    os.path.join(worktree.common_dir, "objects")
                ),
            }
        )

    def take(self, bases: Sequence[str], max_untracked_bytes: int) -> Snapshot:
        index = _copy_index(self._worktree.git_dir, self._index)
        changes = self._read_changes(index)
        _check_untracked(self._worktree.root, changes.untracked, max_untracked_bytes)
        self._update(changes)
        tree = self._git("write-tree").decode("ascii").strip()
        parent = self._parent(changes.head)
        return Snapshot(
            tree=tree,
            commit=self._commit(tree, parent),
            parent=parent,
            bases=bases,
            scratch=Scratch(
                self._scratch, self._worktree.root, self._worktree.object_format, self._env
            ),
        )

    def _read_changes(self, index: bytes) -> _Changes:
        arguments = ["-C", self._worktree.root, *_SETTINGS, *_STATUS]
        status = git.start(arguments, env=self._env)
        try:  # git works while the index is read here
            marks = read_marks(index, _id_size(self._worktree)) or self._marks_from_git()
            _check_gitlinks(self._worktree.root, marks.gitlinks)
        finally:
            listing, messages = git.finish(status, _STATUS)
        if marks.assumed_unchanged:
            self._stdin("update-index", "--no-assume-unchanged", paths=marks.assumed_unchanged)
            listing, messages = git.finish(git.start(arguments, env=self._env), _STATUS)
        _check_messages(messages)
        return _parse_status(listing)

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

    def _update(self, changes: _Changes) -> None:
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
        folder = os.path.join(self._scratch, "objects", commit[:2])
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, commit[2:]), "wb") as file:
            file.write(zlib.compress(data, 1))
        return commit

    def _git(self, *arguments: str) -> bytes:
        return git.run(["-C", self._worktree.root, *_SETTINGS, *arguments], env=self._env)

    def _stdin(self, *arguments: str, paths: Iterable[bytes]) -> None:
        arguments = ("-C", self._worktree.root, *_SETTINGS, *arguments, "-z", "--stdin")
        git.run(arguments, env=self._env, stdin=b"".join(path + b"\0" for path in paths))


def _make_scratch() -> str:
    parent = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 (the name below is unguessable)
    scratch = os.path.join(parent, f"greenlane-{os.urandom(8).hex()}")
    os.mkdir(scratch, 0o700)
    os.mkdir(os.path.join(scratch, "objects"))
    return os.path.realpath(scratch)


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


def _parse_status(listing: bytes) -> _Changes:
    changes = _Changes("", [], [], [])
    head = ""
    for record in listing.split(b"\0"):
        match record[:2]:
            case b"? ":
                changes.untracked.append(record[2:])
            case b"1 ":
                _, states, _, _, _, mode, _, _, path = record.split(b" ", 8)
                if not states.endswith(b"."):
                    _sort_in(changes, mode, path)
            case b"u ":
                fields = record.split(b" ", 10)
                _sort_in(changes, fields[6], fields[10])
            case b"# ":
                key, _, value = record[2:].partition(b" ")
                if key == b"branch.oid" and value != b"(initial)":
                    head = value.decode("ascii")
    return changes._replace(head=head)


def _sort_in(changes: _Changes, mode: bytes, path: bytes) -> None:
    if mode == b"000000":
        changes.removed.append(path)
    elif mode == b"160000":
        raise _nested(path)
    else:
        changes.written.append(path)


def _check_gitlinks(root: str, gitlinks: list[bytes]) -> None:
    """Refuse a submodule that has files here: a slot would show an empty folder instead."""
    for path in gitlinks:
        try:
            is_empty = not os.listdir(os.path.join(os.fsencode(root), path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not is_empty:
            raise SnapshotError(
                f"{_shown(path)} is a submodule (or a nested repository) with files in it; "
                "a snapshot holds only its commit id, so the tests would find it empty",
                hint=f"{_IN_PLACE}, or run `git submodule deinit {_shown(path)}`",
            )


def _check_untracked(root: str, untracked: list[bytes], limit: int) -> None:
    """Refuse nested repositories and too much data, before a byte of it is hashed."""
    sizes: list[tuple[int, bytes]] = []
    for path in untracked:
        if path.endswith(b"/"):
            raise _nested(path[:-1])
        try:
            sizes.append((os.lstat(os.path.join(os.fsencode(root), path)).st_size, path))
        except OSError:
            continue  # gone since it was listed
    total = sum(size for size, _ in sizes)
    if total > limit:
        largest = ", ".join(f"{_shown(p)} ({_megabytes(s)})" for s, p in sorted(sizes)[-3:][::-1])
        raise SnapshotError(
            f"{_megabytes(total)} of untracked files in {root}, over the limit of "
            f"{_megabytes(limit)}; the largest: {largest}",
            hint="list them in .gitignore, commit them, or raise max_untracked_bytes",
        )


def _check_messages(messages: str) -> None:
    """Refuse a tree of which git could not read a part; `git status` only warns about it."""
    for line in messages.splitlines():
        if line.startswith(("warning: could not open directory", "warning: unable to access")):
            raise SnapshotError(
                f"a part of the working tree cannot be read: {line.removeprefix('warning: ')}",
                hint="make it readable, or list it in .gitignore",
            )


def _nested(path: bytes) -> SnapshotError:
    return SnapshotError(
        f"{_shown(path)} is a git repository of its own inside this one; "
        "a snapshot would not hold its files",
        hint=f"move it away, or list it in .gitignore; or {_IN_PLACE}",
    )


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
