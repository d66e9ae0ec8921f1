"""What a run left, sorted into sources: for each document the format it is read in, best first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from os import SEEK_END
from pathlib import PurePosixPath
from typing import BinaryIO

from greenlane.model.suite import Preset
from greenlane.report.formats import READERS

ANY = "any"  # the format of a report source whose files are told apart by their content
_HEAD_BYTES = 128 * 1024
_TAIL_BYTES = 128 * 1024
_COLOUR = re.compile(rb"\x1b\[[\d;]*[A-Za-z]")


class RefusedError(Exception):
    """A report file that is not read: a link that leads out, a FIFO, a device."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """One file that a run left. `open` gives a fresh, seekable reader of it.

    `open` raises `RefusedError` for what must not be read and `OSError` for what cannot be.
    """

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Documents of one format that together are one report."""

    format: str
    documents: tuple[Document, ...]
    is_output: bool = False
    is_guess: bool = False  # text that the preset did not name: cut short, it proves nothing


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """The sources of a run, best first, and what was left over."""

    sources: tuple[Source, ...]
    refusals: tuple[str, ...] = ()  # reports that must not or cannot be read
    strangers: tuple[str, ...] = ()  # reports of no format that the preset reads


def sort_sources(
    preset: Preset, reports: Iterable[Document], outputs: Sequence[Document]
) -> Sorted:
    """Find the format of each document by its content among the formats that the preset reads."""
    file_formats = _formats(preset, of_output=False)
    by_format: dict[str, list[Document]] = {}
    refusals: list[str] = []
    strangers: list[str] = []
    for document in reports:
        try:
            found = _recognise(document, [*_formats_of(preset, document.name), *file_formats])
        except (RefusedError, OSError) as error:
            refusals.append(f"the report {document.name} is refused: {error}")
            continue
        if found:
            by_format.setdefault(found, []).append(document)
        else:
            strangers.append(document.name)
    sources = [
        Source(format=name, documents=tuple(by_format[name]))
        for name in file_formats
        if name in by_format
    ]
    sources += _output_sources(preset, outputs)
    order = {name: rank for rank, name in enumerate(_formats(preset, of_output=None))}
    sources.sort(key=lambda source: (order[source.format], source.is_output))
    return Sorted(sources=tuple(sources), refusals=tuple(refusals), strangers=tuple(strangers))


def _formats(preset: Preset, *, of_output: bool | None) -> list[str]:
    """List the formats that a preset reads, in its order; None: of files and output alike."""
    names: list[str] = []
    for source in preset.report:
        if of_output is not None and bool(source.stream) is not of_output:
            continue
        names += READERS if source.format == ANY else [source.format]
    return list(dict.fromkeys(name for name in names if name in READERS))


def _formats_of(preset: Preset, name: str) -> list[str]:
    """List the formats of the sources that ask for a file of this name.

    They come first: a report holds what tests print, a report in another format too.
    """
    base = PurePosixPath(name).name
    return [
        source.format
        for source in preset.report
        if source.format in READERS and fnmatchcase(base, PurePosixPath(source.path).name)
    ]


def _recognise(document: Document, formats: list[str]) -> str:
    head, _ = _ends(document)
    return next((name for name in formats if READERS[name].pattern.search(head)), "")


def _output_sources(preset: Preset, outputs: Sequence[Document]) -> list[Source]:
    """Find each format whose mark stands near the beginning or the end of the output."""
    formats = _formats(preset, of_output=True)
    named = {source.format for source in preset.report}
    ends = [text for document in outputs for text in _ends(document)] if formats else []
    return [
        Source(
            format=name,
            documents=tuple(outputs),
            is_output=True,
            is_guess=READERS[name].is_text and name not in named,
        )
        for name in formats
        if any(READERS[name].pattern.search(text) for text in ends)
    ]


def _ends(document: Document) -> tuple[bytes, bytes]:
    """Return the beginning of a document and, where that is not all, its end; no colours."""
    with document.open() as file:
        head = file.read(_HEAD_BYTES)
        size = file.seek(0, SEEK_END)
        if size <= len(head):
            return _plain(head), b""
        file.seek(max(len(head), size - _TAIL_BYTES))
        return _plain(head), _plain(file.read(_TAIL_BYTES))


def _plain(data: bytes) -> bytes:
    return _COLOUR.sub(b"", data).replace(b"\r\n", b"\n")
