"""The files of a project as settings and detection see them: paths, and what is in a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Protocol

#: Folders that hold other people's code or a build's output, never a suite of the project.
FOREIGN_FOLDERS: Final = frozenset(
    {
        ".bundle",
        ".cargo",
        ".git",
        ".gradle",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "addons",
        "bower_components",
        "node_modules",
        "site-packages",
        "target",
        "vendor",
        "venv",
    }
)
READ_LIMIT_BYTES = 2_000_000
WALK_LIMIT_FILES = 50_000


class TreeFiles(Protocol):
    """A snapshot or a folder. Paths are relative to its root, with `/`, sorted or not."""

    def paths(self) -> Collection[str]:
        """Give every file of the tree."""

    def read(self, path: str) -> bytes | None:
        """Give what is in a file, or None when it is missing, no plain file or far too large."""


class MappedFiles:
    """A tree held in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def paths(self) -> Collection[str]:
        """Give every path."""
        return self._files.keys()

    def read(self, path: str) -> bytes | None:
        """Give what is in a file."""
        return self._files.get(path)


class FolderFiles:
    """A folder on disk: the listed paths of it, else a walk that leaves foreign folders out."""

    def __init__(self, folder: str | Path, listed: Collection[str] | None = None) -> None:
        self._folder = os.fspath(folder)
        self._paths = listed

    def paths(self) -> Collection[str]:
        """Give the listed paths, or those of one walk."""
        if self._paths is None:
            self._paths = walk(self._folder)
        return self._paths

    def read(self, path: str) -> bytes | None:
        """Give what is in a plain file of the folder."""
        return read_below(self._folder, path)


def read_below(folder: str, path: str) -> bytes | None:
    """Read a plain file below a folder; None for what leads elsewhere or cannot be read."""
    if "\0" in path:
        return None
    whole = os.path.realpath(f"{folder}/{path}")
    if not whole.startswith(os.path.realpath(folder).rstrip("/") + "/"):
        return None
    try:
        handle = os.open(whole, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > READ_LIMIT_BYTES:
            return None
        return file.read(READ_LIMIT_BYTES)


def walk(folder: str, limit: int = WALK_LIMIT_FILES) -> list[str]:
    """List the files below a folder, sorted, at most `limit`, without foreign folders."""
    found: list[str] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in FOREIGN_FOLDERS)
        below = os.path.relpath(where, folder)
        found += [name if below == "." else f"{below}/{name}" for name in sorted(names)]
        if len(found) >= limit:
            break
    return sorted(found[:limit])


def folder_of(path: str) -> str:
    """Give the folder of a path; the root is `.`."""
    return path.rpartition("/")[0] or "."


def join(folder: str, path: str) -> str:
    """Put a path below a folder of the tree."""
    return path if folder == "." else f"{folder}/{path}"
