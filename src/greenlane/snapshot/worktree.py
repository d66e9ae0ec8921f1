"""Find a git worktree and read what identifies it, without starting git where files suffice."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from greenlane.model.errors import SnapshotError
from greenlane.snapshot.identity import public_origin
from greenlane.system import git

_NEEDS_GIT = re.compile(r"\[include|\\|=.*[\"#;]", re.IGNORECASE)


class Worktree(NamedTuple):
    """A git worktree. All paths are absolute and free of symbolic links."""

    root: str
    git_dir: str  # of this worktree: HEAD and index
    common_dir: str  # of the repository: objects, refs, config
    origin_url: str  # normalised and without credentials; "" when there is no remote `origin`
    object_format: str  # "sha1" or "sha256"
    has_whole_history: bool  # False: a shallow or partial clone


def find_worktree(path: str) -> Worktree | None:
    """Find the git worktree that `path` lies in; None in a plain folder or a bare repository.

    $GIT_DIR and its relatives are ignored.

    Raises:
        SnapshotError: there is a `.git` that leads nowhere, or its config cannot be read.
    """
    folder = os.path.realpath(path)
    while True:
        git_dir = _git_dir_of(folder)
        if git_dir is not None:
            return _read(folder, git_dir)
        if _is_git_dir(folder):
            return None
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def read_config(common_dir: str) -> dict[str, str]:
    """Read a repository's config: lower-cased `section.sub.key` to its last value.

    Includes, quotes, escapes and comments behind values are left to `git config`, which costs a
    process; the files that `git init` and `git clone` write have none.
    """
    try:
        with open(os.path.join(common_dir, "config"), encoding="utf-8", errors="replace") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SnapshotError(f"cannot read the config of {common_dir}: {error.strerror}") from error
    return _config_from_git(common_dir) if _NEEDS_GIT.search(text) else _parse_config(text)


def _read(root: str, git_dir: str) -> Worktree:
    common_dir = _common_dir(git_dir)
    config = read_config(common_dir)
    if git_dir == common_dir and "core.worktree" in config:
        _check_root(root, os.path.join(git_dir, config["core.worktree"]))
    return Worktree(
        root=root,
        git_dir=git_dir,
        common_dir=common_dir,
        origin_url=public_origin(config.get("remote.origin.url", ""), common_dir),
        object_format=config.get("extensions.objectformat", "sha1").lower(),
        has_whole_history=_has_whole_history(common_dir, config),
    )


def _check_root(root: str, configured: str) -> None:
    if os.path.realpath(configured) != root:
        raise SnapshotError(
            f"the files of the repository in {root} lie elsewhere: core.worktree says {configured}",
            hint='set mode = "in_place" for this suite in greenlane.toml',
        )


def _git_dir_of(folder: str) -> str | None:
    entry = os.path.join(folder, ".git")
    if os.path.isfile(entry):
        return _follow(entry)
    return os.path.realpath(entry) if _is_git_dir(entry) else None


def _follow(entry: str) -> str:
    with open(entry, encoding="utf-8", errors="surrogateescape") as file:
        word, _, target = file.read().partition(":")
    git_dir = os.path.realpath(os.path.join(os.path.dirname(entry), target.strip()))
    if word != "gitdir" or not os.path.exists(os.path.join(git_dir, "HEAD")):
        raise SnapshotError(
            f"{entry} leads to {git_dir}, which is not a git repository",
            hint="run `git worktree repair` in the main worktree, or delete the .git file",
        )
    return git_dir


def _is_git_dir(folder: str) -> bool:
    return os.path.lexists(os.path.join(folder, "HEAD")) and all(
        os.path.isdir(os.path.join(folder, name)) for name in ("objects", "refs")
    )


def _common_dir(git_dir: str) -> str:
    try:
        with open(os.path.join(git_dir, "commondir"), encoding="utf-8") as file:
            return os.path.realpath(os.path.join(git_dir, file.read().strip()))
    except FileNotFoundError:
        return git_dir


def _has_whole_history(common_dir: str, config: dict[str, str]) -> bool:
    is_partial = "extensions.partialclone" in config or any(
        name.startswith("remote.") and name.endswith(".promisor") for name in config
    )
    return not is_partial and not os.path.exists(os.path.join(common_dir, "shallow"))


def _parse_config(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            head, _, line = line[1:].partition("]")
            name, _, sub = head.partition(" ")
            section = name.lower() + (f".{sub.strip().strip(chr(34))}" if sub else "")
            line = line.strip()
        if not line or line[0] in "#;":
            continue
        key, _, value = line.partition("=")
        values[f"{section}.{key.strip().lower()}"] = value.strip()
    return values


def _config_from_git(common_dir: str) -> dict[str, str]:
    arguments = ["--git-dir", common_dir, "config", "--null", "--list"]
    listing = git.run(arguments, env=git.environment()).decode("utf-8", "replace")
    pairs = (entry.partition("\n") for entry in listing.split("\0") if entry)
    return {key: value for key, _, value in pairs}
