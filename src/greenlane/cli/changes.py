"""What a working tree changes: its differences from where it left another branch."""

from __future__ import annotations

import os

from greenlane.model.errors import BadRequestError, SnapshotError
from greenlane.system import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from greenlane.client.answers import Change

MOST_FILES = 10_000  # what one request carries
REMOTE_HEAD = "refs/remotes/origin/HEAD"
USUAL_BRANCHES = ("origin/main", "origin/master", "main", "master")


def find_changes(root: str, revision: str) -> Change:
    """Give the files of a worktree that differ from the merge base of HEAD and a revision.

    Committed, staged, unstaged and untracked differences count; what git ignores does not. With an
    empty revision: the remote's default branch, else `main` or `master`.

    Raises:
        BadRequestError: there is no such revision, none is usual here, nothing is shared with it,
            or too much differs.
    """
    name = revision or _usual_branch(root)
    base = _merge_base(root, name)
    changed, deleted = _read_status(
        _git(root, "diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", base, "--")
    )
    listed = _git(root, "ls-files", "-z", "--others", "--exclude-standard")
    changed += [path for path in _paths(listed) if path not in changed]
    if len(changed) + len(deleted) > MOST_FILES:
        raise BadRequestError(
            f"{len(changed) + len(deleted)} files differ from {name}: too many to choose tests by",
            hint="`greenlane test` runs the whole suite",
        )
    return {"files": changed, "deleted": deleted, "since": f"{name} ({base[:12]})"}


def _usual_branch(root: str) -> str:
    try:
        head = _git(root, "symbolic-ref", "--quiet", "--short", REMOTE_HEAD)
    except git.GitError:
        head = b""
    for name in (os.fsdecode(head).strip(), *USUAL_BRANCHES):
        if name and _commit_of(root, name):
            return name
    raise BadRequestError(
        f"there is no branch to compare with: no {REMOTE_HEAD}, {', '.join(USUAL_BRANCHES)}",
        hint="name a branch or commit: `greenlane test --affected REV`",
    )


def _commit_of(root: str, name: str) -> str:
    """Give the commit that a revision means; "" where there is none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    try:
        return os.fsdecode(_git(root, *words)).strip()
    except git.GitError:
        return ""


def _merge_base(root: str, name: str) -> str:
    commit = _commit_of(root, name)
    if not commit:
        raise BadRequestError(
            f"{name!r} is no commit of this repository", hint="`git branch -a` lists the branches"
        )
    try:
        return os.fsdecode(_git(root, "merge-base", "HEAD", commit)).split()[0]
    except (git.GitError, IndexError) as error:
        raise BadRequestError(
            f"HEAD and {name} have no commit in common",
            hint="in a shallow clone: `git fetch --unshallow`",
        ) from error


def _read_status(output: bytes) -> tuple[list[str], list[str]]:
    """Read `git diff --name-status -z`: status and path in turn."""
    fields = _paths(output)
    changed: list[str] = []
    deleted: list[str] = []
    for status, path in zip(fields[::2], fields[1::2], strict=False):
        (deleted if status.startswith("D") else changed).append(path)
    return changed, deleted


def _paths(output: bytes) -> list[str]:
    """Split what git ends with NUL.

    Raises:
        SnapshotError: a name is not UTF-8, and no request can carry it.
    """
    try:
        return [field.decode() for field in output.split(b"\0") if field]
    except UnicodeDecodeError as error:
        raise SnapshotError(f"a changed file has a name that is not UTF-8: {error}") from error


def _git(root: str, *words: str) -> bytes:
    return git.run(["-C", root, *words], env=git.environment())
