"""The head of a git bundle: what it holds, and what its receiver must already have.

Format: https://git-scm.com/docs/gitformat-bundle
"""

from __future__ import annotations

from typing import IO, NamedTuple

from greenlane.model.errors import SnapshotError
from greenlane.snapshot.refs import SNAPSHOTS

_LINE_LIMIT = 1024
_LINES_LIMIT = 256
_SIGNATURES = {b"# v2 git bundle\n": "sha1", b"# v3 git bundle\n": "sha1"}
_FORMAT = "@object-format="


class BundleHead(NamedTuple):
    """A bundle's head. The pack follows it."""

    object_format: str
    prerequisites: list[str]  # commits that the receiver must have
    commit: str


def write_head(head: BundleHead) -> bytes:
    """Write the head of a bundle with one snapshot."""
    lines = ["# v2 git bundle"]
    if head.object_format != "sha1":
        lines = ["# v3 git bundle", _FORMAT + head.object_format]
    lines += [f"-{commit}" for commit in head.prerequisites]
    lines += [f"{head.commit} {SNAPSHOTS}{head.commit}", "", ""]
    return "\n".join(lines).encode("ascii")


def read_head(file: IO[bytes]) -> BundleHead:
    """Read the head and leave the file at the pack.

    Raises:
        SnapshotError: this is not a bundle, or not of exactly one snapshot under its own ref.
    """
    object_format = _SIGNATURES.get(file.readline(_LINE_LIMIT))
    if object_format is None:
        raise SnapshotError("the body is not a git bundle", hint="send a bundle of version 2 or 3")
    prerequisites: list[str] = []
    commits: list[str] = []
    for line in _head_lines(file):
        if line.startswith("@"):
            object_format = _object_format(line)
        elif line.startswith("-"):
            prerequisites.append(_object_id(line[1:].partition(" ")[0], object_format))
        else:
            commits.append(_snapshot(line, object_format))
    if len(commits) != 1:
        raise SnapshotError(f"the bundle holds {len(commits)} snapshots; send exactly one")
    return BundleHead(object_format, prerequisites, commits[0])


def _head_lines(file: IO[bytes]) -> list[str]:
    lines: list[str] = []
    while (line := file.readline(_LINE_LIMIT)) != b"\n":
        if not line.endswith(b"\n") or len(lines) == _LINES_LIMIT:
            raise SnapshotError("the head of the bundle is cut short, or too long")
        lines.append(line[:-1].decode("utf-8", "replace"))
    return lines


def _object_format(line: str) -> str:
    if line not in {_FORMAT + "sha1", _FORMAT + "sha256"}:
        raise SnapshotError(f"the bundle needs {line!r}, which this server does not know")
    return line.removeprefix(_FORMAT)


def _snapshot(line: str, object_format: str) -> str:
    commit, _, name = line.partition(" ")
    if name != SNAPSHOTS + commit:
        raise SnapshotError(f"the bundle names {name!r}; only {SNAPSHOTS}<commit> is accepted")
    return _object_id(commit, object_format)


def _object_id(text: str, object_format: str) -> str:
    if not is_object_id(text, object_format):
        raise SnapshotError(f"{text!r} is not an object id of {object_format}")
    return text


def is_object_id(text: str, object_format: str = "") -> bool:
    """Say whether this is a full, lower-case object id of the format, or of any."""
    sizes = {"sha1": {40}, "sha256": {64}}.get(object_format, {40, 64})
    return len(text) in sizes and not set(text) - set("0123456789abcdef")
