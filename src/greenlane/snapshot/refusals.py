"""What cannot be captured faithfully, and is refused with a word about what to do."""

from __future__ import annotations

import os
from contextlib import suppress

from greenlane.model.errors import SnapshotError

_IN_PLACE = 'set mode = "in_place" for this suite in greenlane.toml'


def check_gitlinks(root: str, gitlinks: list[bytes]) -> None:
    """Refuse a submodule that has files here: a slot would show an empty folder instead."""
    for path in gitlinks:
        try:
            is_empty = not os.listdir(os.path.join(os.fsencode(root), path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not is_empty:
            raise SnapshotError(
                f"{shown(path)} is a submodule (or a nested repository) with files in it; "
                "a snapshot holds only its commit id, so the tests would find it empty",
                hint=f"{_IN_PLACE}, or run `git submodule deinit {shown(path)}`",
            )


def check_untracked(root: str, untracked: list[bytes], limit: int) -> None:
    """Refuse nested repositories and too much data, before a byte of it is hashed."""
    for path in untracked:
        if path.endswith(b"/"):
            raise nested(path[:-1])
    sizes = sizes_of(root, untracked)
    total = sum(sizes.values())
    if total > limit:
        first = sorted(sizes, key=lambda path: sizes[path], reverse=True)[:3]
        largest = ", ".join(f"{shown(path)} ({_megabytes(sizes[path])})" for path in first)
        raise SnapshotError(
            f"{_megabytes(total)} of untracked files in {root}, over the limit of "
            f"{_megabytes(limit)}; the largest: {largest}",
            hint="list them in .gitignore, commit them, or raise max_untracked_mb in the settings",
        )


def sizes_of(root: str, paths: list[bytes]) -> dict[bytes, int]:
    """Give the sizes of those files that are still there."""
    base = os.fsencode(root)
    sizes: dict[bytes, int] = {}
    for path in paths:
        with suppress(OSError):
            sizes[path] = os.lstat(os.path.join(base, path)).st_size
    return sizes


def check_messages(messages: str) -> None:
    """Refuse a tree of which git could not read a part; `git status` only warns about it."""
    for line in messages.splitlines():
        if line.startswith(("warning: could not open directory", "warning: unable to access")):
            raise SnapshotError(
                f"a part of the working tree cannot be read: {line.removeprefix('warning: ')}",
                hint="make it readable, or list it in .gitignore",
            )


def nested(path: bytes) -> SnapshotError:
    """Say that a repository inside the repository cannot be captured."""
    return SnapshotError(
        f"{shown(path)} is a git repository of its own inside this one; "
        "a snapshot would not hold its files",
        hint=f"move it away, or list it in .gitignore; or {_IN_PLACE}",
    )


def shown(path: bytes) -> str:
    """Spell a path for people, whatever bytes it has."""
    return path.decode("utf-8", "backslashreplace")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
