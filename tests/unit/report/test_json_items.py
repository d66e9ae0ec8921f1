"""Huge JSON, item by item."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.report.formats.json_items import JsonItems

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=4,
)
objects = st.dictionaries(st.text(), values, max_size=4)


class Dribble(io.BytesIO):
    """Gives a few bytes at a time, as pipes do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(50, size if size and size > 0 else 50))


@settings(max_examples=25, deadline=None)
@given(before=objects, items=st.lists(objects, max_size=6), after=objects)
def test_items_are_those_of_the_document(
    before: dict[str, Any], items: list[dict[str, Any]], after: dict[str, Any]
) -> None:
    for fields in (before, after):
        fields.pop("items", None)
    document = {**before, "items": items, **{f"z{key}": after[key] for key in after}}
    found = JsonItems(Dribble(json.dumps(document).encode()), "items")
    assert [json.loads(item) for item in found] == items
    assert found.is_complete


@settings(max_examples=25, deadline=None)
@given(items=st.lists(objects, min_size=1, max_size=6), data=st.data())
def test_a_cut_document_gives_its_first_items(
    items: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole = json.dumps({"items": items}).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    found = JsonItems(io.BytesIO(whole[:cut]), "items")
    got = [json.loads(item) for item in found]
    assert got == items[: len(got)]
    assert not found.is_complete


@settings(max_examples=25, deadline=None)
@given(st.binary())
def test_any_bytes_end(noise: bytes) -> None:
    assert all(isinstance(item, bytes) for item in JsonItems(io.BytesIO(noise), "items"))


def test_what_stands_in_items_is_not_around_them() -> None:
    inner = {"success": False, "deep": [{"a": [{}, "}]"]}, 'tex"t']}
    report = {"success": True, "tests": [inner] * 5000, "end": [[1, {"b": 2}]]}
    items = JsonItems(io.BytesIO(json.dumps(report).encode()), "tests")
    assert [json.loads(item) for item in items] == [inner] * 5000
    assert items.is_complete
    assert b"false" not in items.around
    assert b'"end"' in items.around
