"""Greenlane's own JSON: one object, the head of the report first, then its tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from greenlane.model.report import ReportSummary, TestCase


def write_json(
    summary: ReportSummary, tests: Iterable[TestCase], head: Mapping[str, Any] | None = None
) -> Iterator[bytes]:
    """Write `head`, then `status`, `because`, `totals`, `failures`, `is_complete`, `tests`."""
    encoder = msgspec.json.Encoder()
    fields = {**(head or {}), **msgspec.structs.asdict(summary)}
    yield encoder.encode(fields).removesuffix(b"}") + b',"tests":['
    separator = b"\n"
    for case in tests:
        yield separator + encoder.encode(case)
        separator = b",\n"
    yield b"]}\n"
