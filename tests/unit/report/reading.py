"""Read a text with one reader, for the tests of the readers."""

from __future__ import annotations

import io
from textwrap import dedent

from greenlane.model.report import TestCase
from greenlane.report.formats import READERS
from greenlane.report.formats.base import Findings, ReadContext


def read(
    name: str, text: str | bytes, *, root: str = "/src", timed_out: bool = False
) -> tuple[Findings, list[TestCase]]:
    data = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
    tests: list[TestCase] = []
    context = ReadContext(root=root, exit_code=1, timed_out=timed_out)
    return READERS[name].read(io.BytesIO(data), tests.append, context), tests


def outcomes(tests: list[TestCase]) -> dict[str, str]:
    assert len({one.id for one in tests}) == len(tests)
    return {one.id: one.outcome.value for one in tests}
