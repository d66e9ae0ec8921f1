"""Read `git status`: what the working tree adds to the index. Pure but for the words of git.

Format: https://git-scm.com/docs/git-status#_porcelain_format_version_2
"""

from __future__ import annotations

from typing import NamedTuple

from greenlane.snapshot.refusals import nested

STATUS = (
    "status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--no-renames",
    "--untracked-files=all", "--ignore-submodules=dirty",
)  # fmt: skip


class Changes(NamedTuple):
    """What the working tree adds to the index. Paths are raw bytes relative to the root."""

    head: str  # "" when unborn
    removed: list[bytes]
    written: list[bytes]
    untracked: list[bytes]


def parse_status(listing: bytes) -> Changes:
    """Sort what git lists by what the copied index needs.

    Raises:
        SnapshotError: a repository stands where files were tracked.
    """
    changes = Changes("", [], [], [])
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


def _sort_in(changes: Changes, mode: bytes, path: bytes) -> None:
    if mode == b"000000":
        changes.removed.append(path)
    elif mode == b"160000":
        raise nested(path)
    else:
        changes.written.append(path)
