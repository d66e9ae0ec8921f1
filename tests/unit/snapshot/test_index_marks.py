"""The index as git writes it, built by hand from its format."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.snapshot.index import IndexMarks, read_marks

REGULAR, GITLINK = 0o100644, 0o160000


def entry(
    name: bytes, *, mode: int = REGULAR, flags: int = 0, extended: bool = False, id_size: int = 20
) -> bytes:
    head = struct.pack(">10I", 1, 2, 3, 4, 5, 6, mode, 0, 0, 0xE000) + b"\xab" * id_size
    flags |= min(len(name), 0xFFF) | (0x4000 if extended else 0)
    body = head + struct.pack(">H", flags) + (b"\x20\0" if extended else b"") + name
    return body + b"\0" * (8 - len(body) % 8)


def index(*entries: bytes, version: int = 2, extensions: bytes = b"", id_size: int = 20) -> bytes:
    head = struct.pack(">4sII", b"DIRC", version, len(entries))
    return head + b"".join(entries) + extensions + b"\xcd" * id_size


def test_plain_entries() -> None:
    assert read_marks(index(entry(b"a"), entry(b"b/c")), 20) == IndexMarks([], [])


def test_no_index_at_all() -> None:
    assert read_marks(b"", 20) == IndexMarks([], [])


@pytest.mark.parametrize("length", [1, 7, 8, 9, 200, 0xFFE, 0xFFF, 0x1000, 5000])
@pytest.mark.parametrize("id_size", [20, 32])
@pytest.mark.parametrize("extended", [False, True])
def test_marks_after_names_of_any_length(length: int, id_size: int, extended: bool) -> None:
    data = index(
        entry(b"x" * length, id_size=id_size, extended=extended),
        entry(b"y" * length, id_size=id_size, mode=GITLINK),
        entry(b"z" * length, id_size=id_size, flags=0x8000, extended=extended),
        version=3,
        id_size=id_size,
    )
    assert read_marks(data, id_size) == IndexMarks([b"y" * length], [b"z" * length])


@pytest.mark.parametrize("extensions", [b"link\0\0\0\0", b"TREE\0\0\0\1xsdir\0\0\0\0"])
def test_only_git_reads_split_and_sparse_indexes(extensions: bytes) -> None:
    assert read_marks(index(entry(b"a"), extensions=extensions), 20) is None


def test_only_git_reads_version_4() -> None:
    assert read_marks(index(entry(b"a"), version=4), 20) is None


def test_what_is_no_index_is_left_to_git() -> None:
    assert read_marks(b"nonsense that is long enough", 20) is None


@pytest.mark.parametrize("size", [3, 11, 12, 40, 90])
def test_an_index_that_is_cut_short_is_left_to_git(size: int) -> None:
    assert read_marks(index(entry(b"a"), entry(b"b"), entry(b"c"))[:size], 20) is None


@given(
    st.lists(
        st.tuples(st.binary(min_size=1, max_size=60).filter(lambda n: 0 not in n), st.booleans(),
                  st.booleans(), st.booleans()),
        max_size=30,
    )
)  # fmt: skip
def test_any_mix(rows: list[tuple[bytes, bool, bool, bool]]) -> None:
    entries = [
        entry(name, mode=GITLINK if link else REGULAR, flags=0x8000 if assumed else 0, extended=ext)
        for name, link, assumed, ext in rows
    ]
    marks = read_marks(index(*entries, version=3), 20)
    assert marks == IndexMarks(
        [name for name, link, _, _ in rows if link],
        [name for name, link, assumed, _ in rows if assumed and not link],
    )
