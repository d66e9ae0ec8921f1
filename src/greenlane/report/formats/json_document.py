"""A report that is one JSON object in memory, with other output around it or not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import TestCase
from greenlane.report.formats.base import UNRECOGNISED, Emit, Findings, ReadContext, Reader

SIZE_LIMIT = 64 * 1024 * 1024  # bytes; such a report is held in memory whole
_TOO_LARGE = Findings(
    is_recognised=True, is_complete=False, problems=["the JSON report is too large"]
)
_CUT = Findings(is_recognised=True, is_complete=False)

Told = tuple[Iterable[TestCase], Findings]


def document_reader(
    start: str, tell: Callable[[dict[str, Any], ReadContext], Told | None]
) -> Reader:
    """Make a reader of the last object that begins as the regular expression `start` says.

    `tell` gives the tests of the decoded object, or nothing where it is no such report.
    """
    pattern = re.compile(start.encode(), re.MULTILINE)

    def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
        data = source.read(SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            return _TOO_LARGE
        starts = [found.start() for found in pattern.finditer(data)]
        if not starts:
            return UNRECOGNISED
        report = _decode(data[starts[-1] :])
        if report is None:
            return _CUT
        told = tell(report, context)
        if told is None:
            return UNRECOGNISED
        for test in told[0]:
            emit(test)
        return told[1]

    return read


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Give the objects of an array; nothing where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def object_of(value: Any) -> dict[str, Any]:
    """Give an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def _decode(data: bytes) -> dict[str, Any] | None:
    """Decode the object at the beginning; None where it is broken or cut short."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _decode_beginning(data)
    return value if isinstance(value, dict) else None


def _decode_beginning(data: bytes) -> Any:
    try:
        return json.JSONDecoder().raw_decode(data.decode("utf-8", "replace").lstrip())[0]
    except (ValueError, RecursionError):
        return None
