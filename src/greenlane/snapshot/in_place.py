"""Folders that are tested where they are: not in git, or not fit to be checked out twice.

No snapshot is taken of them: the runner hashes the folder before and after the run, and the
verdict says `tree_changed` when it moved.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from greenlane.model.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_FILES = 200_000

#: Folders that say nothing about a project and can be huge.
_SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "target", "__pycache__", ".tox"}
)


class FolderFiles:
    """The files of a plain folder, as detection sees them; the twin of `TreeFiles`."""

    def __init__(self, folder: str) -> None:
        if not os.path.isdir(folder):
            raise NotFoundError(f"{folder} is not a folder")
        self._folder = folder

    def paths(self) -> list[str]:
        """List the files relative to the folder; links are not followed."""
        return sorted(os.path.relpath(path, self._folder) for path in _walk(self._folder))

    def read(self, path: str, max_bytes: int = 1_000_000) -> bytes | None:
        """Read the head of a file in the folder; None when there is none."""
        target = os.path.realpath(os.path.join(self._folder, path))
        inside = os.path.realpath(self._folder) + os.sep
        if not target.startswith(inside) or not os.path.isfile(target):
            return None
        try:
            with open(target, "rb") as file:
                return file.read(max_bytes)
        except OSError:
            return None


def folder_of(path: str) -> str:
    """Give the one spelling of a folder that is run in place.

    Raises:
        NotFoundError: there is no such folder.
    """
    folder = os.path.realpath(path)
    if not os.path.isdir(folder):
        raise NotFoundError(f"{path} is not a folder")
    return folder


def _walk(folder: str) -> Iterator[str]:
    count = 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            count += 1
            if count > _MAX_FILES:
                return
            yield os.path.join(base, name)
