"""The seam of the report formats: one function per format, bytes in, tests and findings out."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Protocol

import msgspec

from greenlane.model.report import RunStatus, TestCase

Emit = Callable[[TestCase], None]


class ReadContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may need beside the bytes."""

    root: str = ""  # folder that absolute paths are made relative to; "": leave them
    exit_code: int | None = None
    timed_out: bool = False


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What one document said, apart from its tests."""

    is_recognised: bool  # the bytes are of this format at all
    is_complete: bool = True  # the document has its end; False: cut short or broken
    declared_total: int | None = None  # the count of tests that the document itself claims
    says_success: bool | None = None  # the document's own verdict, where it gives one
    status: RunStatus | None = None  # what this document alone proves, e.g. BUILD_ERROR
    problems: list[str] = []  # errors outside of any test, each bounded
    running: list[str] = []  # ids of tests that started and never ended


class Reader(Protocol):
    """Read one document and emit each test once.

    Never raises on any bytes: what cannot be read is said in the findings. Memory does not grow
    with the document. Texts of a test are bounded to a few thousand characters.
    """

    def __call__(self, source: BinaryIO, emit: Emit, context: ReadContext) -> Findings: ...
