"""A captured snapshot and its way into the server's repository: as a path, or as a bundle."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from greenlane.snapshot import refs
from greenlane.snapshot.bundle import BundleHead, write_head
from greenlane.system import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from greenlane.snapshot.scratch import ScratchFolder

_PACK_HEADER_BYTES = 12
#: Up to so many objects arrive as loose files, as in `git fetch`: one pack for each snapshot
#: would make every later git process on the server open thousands of them.
_UNPACK_LIMIT = 100
_CHUNK_BYTES = 1 << 16
_PACK = ("-c", "pack.compression=1", "pack-objects", "--revs", "--stdout", "-q")
#: To a path, where bytes are cheap, nothing is spent on finding deltas.
_PACK_FOR_PATH = (*_PACK, "--window=0", "--threads=1")
_PACK_FOR_BUNDLE = (*_PACK, "--thin", "--delta-base-offset")


class Scratch(NamedTuple):
    """Where a captured snapshot lies until it is published."""

    folders: list[ScratchFolder]
    root: str  # of the worktree that it was taken from
    object_format: str
    env: dict[str, str]  # in which git sees the scratch objects and the user's


class Snapshot:
    """A captured tree, its objects still in a scratch folder: close it when it is published.

    `commit` depends only on the content and on `parent`, so that the same content on the same
    HEAD is the same snapshot. `parent` is "" when HEAD is unborn; for a shallow or partial clone
    it is a commit without parents that holds HEAD's tree.
    """

    def __init__(
        self, *, tree: str, commit: str, parent: str, bases: Sequence[str], scratch: Scratch
    ) -> None:
        self.tree = tree
        self.commit = commit
        self.parent = parent
        self.root = scratch.root
        self._bases = bases
        self._scratch = scratch

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Delete the scratch folders. May be called twice."""
        for folder in self._scratch.folders:
            folder.close()

    def publish_to_path(self, repository: str) -> None:
        """Put the snapshot into a bare repository of the server that this user can write.

        Does nothing when it is there already. Many publishers may work on one repository.

        Raises:
            GitError: the objects cannot be read or written.
        """
        if refs.has_ref(repository, refs.SNAPSHOTS + self.commit):
            refs.write_ref(repository, refs.SNAPSHOTS, self.commit)  # used now: it stays
        else:
            self._bring(repository)
        if self.parent:
            refs.write_ref(repository, refs.BASES, self.parent)

    def bundle_stream(self) -> Iterator[bytes]:
        """Yield the snapshot as a thin git bundle, in chunks, for the body of a request.

        Raises:
            GitError: git broke off; what was yielded is not a whole bundle then.
        """
        shared = self._shared(self._bases)
        yield write_head(BundleHead(self._scratch.object_format, shared, self.commit))
        packer = self._start_pack(_PACK_FOR_BUNDLE, shared)
        try:
            while chunk := os.read(_pipe(packer).fileno(), _CHUNK_BYTES):
                yield chunk
            git.finish(packer, _PACK)
        finally:
            _end(packer)

    def _bring(self, repository: str) -> None:
        """Send what the repository lacks and make the ref.

        A base may expire while this goes on. As long as its ref is there after the new ref is,
        whoever cleans up saw the new ref and kept all that it leads to.
        """
        shared = self._shared(refs.list_refs(repository, refs.BASES))
        with suppress(git.GitError):
            self._send(repository, shared)
            refs.write_ref(repository, refs.SNAPSHOTS, self.commit)
            if all(refs.has_ref(repository, refs.BASES + base) for base in shared):
                return
        self._send(repository, [])
        refs.write_ref(repository, refs.SNAPSHOTS, self.commit)

    def _send(self, repository: str, shared: list[str]) -> None:
        packer = self._start_pack(_PACK_FOR_PATH, shared)
        try:
            count = _read_pack_header(packer)
            if count is None:
                git.finish(packer, _PACK)
            unpack = ["--git-dir", repository, *_unpacker(count or 0)]
            unpacker = git.start(unpack, env=git.server_environment(), stdin=_pipe(packer))
            try:
                git.finish(unpacker, unpack[2:])
            finally:
                _end(unpacker)
            git.finish(packer, _PACK)
        finally:
            _end(packer)

    def _start_pack(self, pack: Sequence[str], shared: Sequence[str]) -> subprocess.Popen[bytes]:
        wanted = "".join([f"{self.commit}\n", *(f"^{commit}\n" for commit in shared)])
        arguments = ["-C", self.root, *pack]
        packer = git.start(arguments, env=self._scratch.env, stdin=subprocess.PIPE)
        if packer.stdin is not None:
            with suppress(BrokenPipeError):  # it died at once; `finish` tells why
                packer.stdin.write(wanted.encode("ascii"))
                packer.stdin.close()
            packer.stdin = None
        return packer

    def _shared(self, bases: Sequence[str]) -> list[str]:
        """Choose the commits that both sides have: the parent if it is one, else what git finds."""
        if not self.parent or not bases:
            return []
        if self.parent in bases:
            return [self.parent]
        arguments = ["-C", self.root, "cat-file", "--batch-check"]
        asked = "".join(f"{commit}\n" for commit in bases[:50]).encode("ascii")
        answers = git.run(arguments, env=self._scratch.env, stdin=asked).decode("ascii", "replace")
        found = (line.split(" ") for line in answers.splitlines())
        return [words[0] for words in found if words[1:2] == ["commit"]]


def _unpacker(count: int) -> list[str]:
    told = f"--pack_header=2,{count}"
    if count <= _UNPACK_LIMIT:
        return ["unpack-objects", "-q", told]
    return ["index-pack", "--stdin", "--fix-thin", told]


def _read_pack_header(packer: subprocess.Popen[bytes]) -> int | None:
    """Take the head off the stream and give the number of objects; None: there is no stream."""
    head = b""
    while len(head) < _PACK_HEADER_BYTES:
        chunk = os.read(_pipe(packer).fileno(), _PACK_HEADER_BYTES - len(head))
        if not chunk:
            return None
        head += chunk
    return int.from_bytes(head[8:], "big")


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("the process was started without a pipe")
    return process.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process and no pipe behind, whatever went wrong."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
