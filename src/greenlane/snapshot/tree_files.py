"""The files of a snapshot as settings and detection see them: names, and bytes on demand.

A submission of a new tree should cost as few processes as possible: a listing is made once for a
tree and only when somebody asks for all names; file contents are kept by blob id, so that a
`greenlane.toml` that did not change is not read again from the next tree.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from threading import Lock
from typing import Final

from greenlane.system import git

READ_LIMIT_BYTES: Final = 2_000_000
_LISTINGS_BYTES: Final = 16_000_000
_BLOBS_BYTES: Final = 8_000_000
_PLAIN_FILE: Final = b"100"  # how the mode of a file begins; links are 120000, submodules 160000


class ByteCache:
    """Values used lately, bounded by their bytes. Safe between threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._values: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, repository: str, object_id: str) -> bytes | None:
        """Give what is kept for an object, if anything is."""
        with self._lock:
            value = self._values.get((repository, object_id))
            if value is not None:
                self._values.move_to_end((repository, object_id))
            return value

    def put(self, repository: str, object_id: str, value: bytes) -> None:
        """Keep a value; the ones not used for longest go when there are too many bytes."""
        with self._lock:
            if (repository, object_id) in self._values or len(value) > self._max_bytes:
                return
            self._values[repository, object_id] = value
            self._size += len(value)
            while self._size > self._max_bytes:
                self._size -= len(self._values.popitem(last=False)[1])


class TreeReader:
    """Gives trees of bare repositories as files, from caches where it can."""

    def __init__(self) -> None:
        self.listings = ByteCache(_LISTINGS_BYTES)
        self.blobs = ByteCache(_BLOBS_BYTES)

    def files(self, repository: str, tree: str) -> TreeFiles:
        """Give the files of a tree. Costs nothing until they are asked for."""
        return TreeFiles(self, repository, tree)


class TreeFiles:
    """The files of one tree in a bare repository."""

    def __init__(self, reader: TreeReader, repository: str, tree: str) -> None:
        self._reader = reader
        self._repository = repository
        self._tree = tree
        self._listing = reader.listings.get(repository, tree)

    def paths(self) -> list[str]:
        """List files and links in git's order; bytes that are not UTF-8 come as surrogates.

        Raises:
            GitError: the repository has no such tree.
        """
        if self._listing is None:
            self._listing = self._list()
            self._reader.listings.put(self._repository, self._tree, self._listing)
        entries = (entry.partition(b"\t") for entry in self._listing.split(b"\0")[:-1])
        return [os.fsdecode(path) for meta, _, path in entries if b" blob " in meta]

    def read(self, path: str, max_bytes: int = READ_LIMIT_BYTES) -> bytes | None:
        """Read a file; None when it is missing, not a plain file, or larger than `max_bytes`."""
        if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
            return None
        mode, _, blob = self._entry(os.fsencode(path)).partition(b" blob ")
        if not mode.startswith(_PLAIN_FILE):
            return None
        return self._blob(blob.decode("ascii"), max_bytes)

    def _entry(self, path: bytes) -> bytes:
        """Give `MODE blob ID` of a path; empty when the tree does not have it."""
        listing = self._listing
        if listing is None:
            listing = self._list("--", os.fsdecode(path))
        end = listing.find(b"\t" + path + b"\0")
        return b"" if end < 0 else listing[listing.rfind(b"\0", 0, end) + 1 : end]

    def _list(self, *arguments: str) -> bytes:
        listing = ["--git-dir", self._repository, "ls-tree", "-r", "-z", "--full-tree"]
        return git.run([*listing, self._tree, *arguments], env=git.server_environment())

    def _blob(self, blob: str, max_bytes: int) -> bytes | None:
        content = self._reader.blobs.get(self._repository, blob)
        if content is None:
            content = _read_blob(self._repository, blob, max_bytes)
            if len(content) <= max_bytes:
                self._reader.blobs.put(self._repository, blob, content)
        return content if len(content) <= max_bytes else None


def _read_blob(repository: str, blob: str, max_bytes: int) -> bytes:
    """Read a blob, but no more than one byte over the limit."""
    arguments = ["--git-dir", repository, "cat-file", "blob", blob]
    with git.start(arguments, env=git.server_environment()) as process:
        content = process.stdout.read(max_bytes + 1) if process.stdout else b""
        if len(content) > max_bytes:
            process.kill()
            return content
        git.finish(process, arguments[2:])
    return content
