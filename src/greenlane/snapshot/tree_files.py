"""The files of a snapshot as detection sees them: names, and bytes on demand."""

from __future__ import annotations

import os
from collections import OrderedDict
from threading import Lock
from typing import Final

from greenlane.system import git

_MAX_BYTES: Final = 1_000_000
_CACHED_LISTING_BYTES: Final = 16_000_000


class TreeFiles:
    """The files of one tree in a bare repository. Immutable, so it may be cached by tree id."""

    def __init__(self, repository: str, tree: str, listing: bytes) -> None:
        self._repository = repository
        self._tree = tree
        self._listing = listing

    def paths(self) -> list[str]:
        """List all files, sorted as git does; bytes that are not UTF-8 come as surrogates."""
        return [os.fsdecode(path) for path in self._listing.split(b"\0")[:-1]]

    def read(self, path: str, max_bytes: int = _MAX_BYTES) -> bytes | None:
        """Read the head of a file; None when there is none. A symbolic link reads as its target."""
        return read_blob(self._repository, self._tree, path, max_bytes)


class TreeCache:
    """Listings of trees asked for lately, bounded by their size. Safe between threads."""

    def __init__(self, max_bytes: int = _CACHED_LISTING_BYTES) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._listings: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def files(self, repository: str, tree: str) -> TreeFiles:
        """Give the files of a tree, listing it only when it is not known.

        Raises:
            GitError: the repository has no such tree.
        """
        key = (repository, tree)
        with self._lock:
            listing = self._listings.get(key)
            if listing is not None:
                self._listings.move_to_end(key)
        if listing is None:
            listing = _list(repository, tree)
            self._remember(key, listing)
        return TreeFiles(repository, tree, listing)

    def _remember(self, key: tuple[str, str], listing: bytes) -> None:
        with self._lock:
            if key in self._listings or len(listing) > self._max_bytes:
                return
            self._listings[key] = listing
            self._size += len(listing)
            while self._size > self._max_bytes:
                self._size -= len(self._listings.popitem(last=False)[1])


def read_blob(repository: str, tree: str, path: str, max_bytes: int) -> bytes | None:
    """Read at most `max_bytes` of a file in a tree; None when it is not there, or is a folder."""
    arguments = ["--git-dir", repository, "cat-file", "blob", f"{tree}:{path}"]
    if "\0" in path:
        return None
    process = git.start(arguments, env=git.server_environment())
    with process:
        content = process.stdout.read(max_bytes) if process.stdout else b""
        if len(content) == max_bytes:
            process.kill()
            return content
    return content if process.returncode == 0 else None


def _list(repository: str, tree: str) -> bytes:
    arguments = ["--git-dir", repository, "ls-tree", "-r", "--name-only", "--full-tree", "-z", tree]
    return git.run(arguments, env=git.server_environment())
