"""The seam of the report formats: one module per format, bytes in, tests and findings out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, Protocol

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome

Emit = Callable[[TestCase], None]

TEXT_LIMIT = 4000  # characters of one text of a test


class ReadContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may need beside the bytes."""

    root: str = ""  # folder that absolute paths are made relative to; "": leave them
    exit_code: int | None = None
    timed_out: bool = False
    output: Callable[[], str] = str  # gives beginning and end of what the run printed, if any


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What one document said, apart from its tests."""

    is_recognised: bool  # the bytes are of this format at all
    is_complete: bool = True  # the document has its end; False: cut short or broken
    declared_total: int | None = None  # the count of tests that the document itself claims
    says_success: bool | None = None  # the document's own verdict, where it gives one
    status: RunStatus | None = None  # what this document alone proves, e.g. BUILD_ERROR
    problems: list[str] = []  # errors outside of any test, each bounded
    running: list[str] = []  # ids of tests that started and never ended (emitted as `error`)
    unnamed: dict[TestOutcome, int] = {}  # tests that were only counted, never named
    unnamed_not_run: int = 0  # tests known to exist that never ran and whose names nobody said


class Reader(Protocol):
    """Read one document and emit each test once.

    Never raises on any bytes: what cannot be read is said in the findings. Memory does not grow
    with the document. Texts of a test are bounded to `TEXT_LIMIT` characters. A test that was
    running when the document broke off is emitted as `error` with the message `timeout` or
    `crash`, and named in `running`.
    """

    def __call__(self, source: BinaryIO, emit: Emit, context: ReadContext, /) -> Findings:
        """Read `source` to its end."""
        ...


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format: how its bytes are told apart from others, and how they are read."""

    read: Reader
    signature: str  # regular expression over raw bytes (multi-line): some line of every document
    is_text: bool = False  # made for people: read from the run's output, never from a report file
    is_neutral: bool = False  # written by many frameworks (JUnit, TAP)

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Compile the signature; it is searched in bytes without colour codes."""
        return re.compile(self.signature.encode(), re.MULTILINE)


UNRECOGNISED = Findings(is_recognised=False, is_complete=False)


def bound(text: str, limit: int = TEXT_LIMIT) -> str:
    """Cut the middle out of a text that is too long."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    return f"{text[:head]}\n[… {len(text) - limit} characters cut …]\n{text[head - limit :]}"


def relative(path: str, root: str) -> str:
    """Return `path` relative to `root` where it lies below it, else as it is."""
    prefix = root.rstrip("/") + "/"
    return path[len(prefix) :] if root and path.startswith(prefix) else path


_TEST_FOLDERS = frozenset({"src", "test", "tests", "__tests__", "spec", "app", "lib", "packages"})


def name_file(path: str, root: str) -> str:
    """Return the name of a test file as an id: `path` relative to `root`.

    A file that lies elsewhere ran on a machine whose root nobody said: its path is cut down to
    the last folder that tests usually lie in, else to its own name.
    """
    below = relative(path, root)
    parts = below.split("/")
    if parts[0] or "." not in parts[-1] or "\n" in below:
        return below
    known = [
        number for number, part in enumerate(parts[:-1]) if part in _TEST_FOLDERS and number > 1
    ]
    return "/".join(parts[known[-1] :] if known else parts[-1:])
