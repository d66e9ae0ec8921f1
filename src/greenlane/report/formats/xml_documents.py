"""XML reports of every kind, read as a stream of events: memory does not grow with the file.

A document is fed to the parser from its root element on, so that no DTD is ever seen: entities
are not expanded, nothing is loaded. Broken XML is read as far as it goes. Other output may stand
around a document, and several documents may follow each other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

import msgspec

from greenlane.report.formats.base import UNRECOGNISED, Emit, Findings, ReadContext, Reader
from greenlane.report.formats.xml_slim import Slimmer, bulky

if TYPE_CHECKING:
    from lxml import etree

_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']")
_DECLARED = re.compile(r"(<\?xml[^>]{0,200}?)\sencoding\s*=\s*[\"'][\w.-]{1,40}[\"']")
_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_CONTROL = bytes(32 if byte < 32 and byte not in {9, 10, 13} else byte for byte in range(256))
_CHUNK = 256 * 1024
_LOOKBACK = 256  # bytes that a tag may span over two chunks


class Target(Protocol):
    """What follows the events of one document and says at its end what it was."""

    is_closed: bool  # the root element has ended
    is_broken: bool  # set from outside: the parser gave up
    is_utf8: bool  # set from outside: the bytes are UTF-8

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None:
        """Open an element; its tag may have a namespace in braces."""

    def data(self, text: str, /) -> None:
        """Take a piece of text."""

    def end(self, tag: str, /) -> None:
        """Close an element."""

    def comment(self, text: str, /) -> None:
        """Take a comment."""

    def close(self) -> None:
        """End the document, as the parser demands."""

    def finish(self, *, is_complete: bool) -> Findings:
        """Say what the document was."""

    def skip(self, data: bytes, start: int, /) -> int:
        """Return how far the bytes from `start` on need no parser: what they say is noted."""

    def next_skip(self, data: bytes, start: int, /) -> int:
        """Return where behind `start` it is worth asking again; -1: nowhere."""


@dataclass(frozen=True)
class _Dialect:
    """How the documents of a format are found."""

    make: Callable[[Emit, ReadContext], Target]
    root: re.Pattern[bytes]
    end: re.Pattern[bytes]
    bulk: tuple[re.Pattern[bytes], re.Pattern[bytes]]


def xml_reader(
    make: Callable[[Emit, ReadContext], Target], roots: Sequence[str], bulk: Sequence[str]
) -> Reader:
    """Make a reader of documents with these root elements.

    `bulk` names the elements that hold only text, which may be long: its beginning is kept.
    """
    words = "|".join(roots)
    dialect = _Dialect(
        make=make,
        root=re.compile(rf"<(?:[\w.-]+:)?(?:{words})(?=[\s/>])".encode()),
        end=re.compile(
            rf"</(?:[\w.-]+:)?(?:{words})\s*>|<(?:[\w.-]+:)?(?:{words})\b[^<>]*/>".encode()
        ),
        bulk=bulky(bulk),
    )

    def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
        reader = _Reader(dialect, emit, context)
        rest = b""
        for chunk in _chunks(source):
            rest = reader.take(rest + chunk.translate(_CONTROL), is_last=False)
        reader.take(rest, is_last=True)
        reader.finish()
        return _join(reader.findings)

    return read


def signature_of(words: str) -> str:
    """Give a signature that finds a beginning such as `<robot`, in UTF-8 and in UTF-16."""
    plain = [re.escape(f"<{word}") + r"[\s/>]" for word in words.split()]
    wide = [r"\0".join(re.escape(char) for char in f"<{word}") + r"\0" for word in words.split()]
    return "|".join([*plain, *wide])


class _Document:
    """One XML document that is being parsed."""

    def __init__(self, dialect: _Dialect, emit: Emit, context: ReadContext, encoding: str) -> None:
        from lxml import etree  # noqa: PLC0415 - heavy; most runs leave no XML

        self.target = dialect.make(emit, context)
        self.target.is_utf8 = encoding in {"", "utf-8"}
        self._slimmer = Slimmer(dialect.bulk)
        self._error = etree.LxmlError
        self._parser: etree.XMLParser = etree.XMLParser(
            target=cast("Any", self.target),
            recover=True,
            huge_tree=True,
            # Without a DTD those of XML itself; with False `&amp;` in an attribute stays `&#38;`.
            resolve_entities=cast("Any", "internal"),
            load_dtd=False,
            no_network=True,
            encoding=encoding or None,
        )

    def feed(self, data: bytes) -> None:
        """Parse the next bytes; what is broken is skipped."""
        try:
            self._parser.feed(self._slimmer.feed(data))
        except self._error:
            self.target.is_broken = True

    def finish(self) -> Findings:
        """End the document and say what it was."""
        was_closed = self.target.is_closed
        try:
            self._parser.feed(self._slimmer.flush())
            self._parser.close()
        except self._error:
            self.target.is_broken = True
        return self.target.finish(is_complete=was_closed)

    def skip(self, data: bytes, start: int) -> int:
        """Return how far the bytes from `start` on need no parser."""
        return start if self._slimmer.is_inside else self.target.skip(data, start)


class _Reader:
    """Find the documents in a stream of bytes and parse each."""

    def __init__(self, dialect: _Dialect, emit: Emit, context: ReadContext) -> None:
        self._dialect = dialect
        self._emit = emit
        self._context = context
        self._document: _Document | None = None
        self._encoding = ""
        self._has_entities = False
        self.findings: list[Findings] = []

    def take(self, data: bytes, *, is_last: bool) -> bytes:
        """Parse what can be parsed of `data`; return the rest, to be put before the next."""
        while data:
            if self._document is None:
                root = self._dialect.root.search(data)
                before = data[: root.start()] if root else data
                self._has_entities = self._has_entities or b"<!ENTITY" in before
                if declared := _last(_ENCODING, before):
                    self._encoding = _known_encoding(declared)
                if root is None:
                    return b"" if is_last else data[-_LOOKBACK:]
                self._document = _Document(self._dialect, self._emit, self._context, self._encoding)
                data = data[root.start() :]
            data = self._feed(data, is_last=is_last)
            if self._document is not None:
                return data
        return b""

    def _feed(self, data: bytes, *, is_last: bool) -> bytes:
        """Feed up to the end of the document, or what there is."""
        assert self._document is not None  # noqa: S101 - for the type checker
        start = self._document.skip(data, 0)
        end = self._dialect.end.search(data, start)
        while True:
            stop = self._document.target.next_skip(data, start)
            if end and not start <= stop <= end.start():
                self._document.feed(data[start : end.end()])
                start = end.end()
                if self._document.target.is_closed:
                    self._finish()
                    return data[start:]
                end = self._dialect.end.search(data, start)
            elif stop < 0:
                break
            else:
                self._document.feed(data[start:stop])
                start = stop
            start = self._document.skip(data, start)
            if end and end.start() < start:
                end = self._dialect.end.search(data, start)
        # A tag may be cut in two by the chunk: hold back from the last `<`.
        cut = len(data) if is_last else max(data.rfind(b"<", max(start, len(data) - _LOOKBACK)), -1)
        cut = len(data) if cut < start else cut
        self._document.feed(data[start:cut])
        return data[cut:]

    def _finish(self) -> None:
        if self._document is not None:
            findings = self._document.finish()
            if self._has_entities:
                findings = msgspec.structs.replace(
                    findings, is_complete=False, problems=["the report defines entities"]
                )
            self.findings.append(findings)
        self._document = None

    def finish(self) -> None:
        """End the last document, which was cut short if it is still open."""
        self._finish()


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a document; UTF-16 is brought to UTF-8."""
    first = source.read(_CHUNK)
    wide = _WIDE.get(first[:2])
    if wide is None:
        yield first
        while chunk := source.read(_CHUNK):
            yield chunk
        return
    decoder = codecs.getincrementaldecoder(wide)("replace")
    while first:
        text = _DECLARED.sub(r"\1", decoder.decode(first), count=1)
        yield text.encode("utf-8", "replace")
        first = source.read(_CHUNK)


def _last(pattern: re.Pattern[bytes], data: bytes) -> str:
    found = pattern.findall(data)
    return found[-1].decode("ascii", "replace") if found else ""


def _known_encoding(name: str) -> str:
    """Return a declared encoding if it is the document's and the parser knows it, else ""."""
    from lxml import etree  # noqa: PLC0415 - heavy; most runs leave no XML

    try:
        if b"<".decode(name) != "<":  # .NET declares UTF-16 where it then writes UTF-8
            return ""
        names = (codecs.lookup(name).name, name)
    except (LookupError, ValueError):
        return ""
    for one in names:
        try:
            etree.XMLParser(encoding=one)
        except LookupError:
            continue
        return one
    return ""


def _join(findings: list[Findings]) -> Findings:
    """Join what several documents said."""
    if not findings:
        return UNRECOGNISED
    if len(findings) == 1:
        return findings[0]
    declared = [one.declared_total for one in findings if one.declared_total is not None]
    verdicts = [one.says_success for one in findings if one.says_success is not None]
    statuses = {one.status for one in findings}
    return Findings(
        is_recognised=any(one.is_recognised for one in findings),
        is_complete=all(one.is_complete for one in findings),
        declared_total=sum(declared) if declared else None,
        says_success=all(verdicts) if verdicts else None,
        status=statuses.pop() if len(statuses) == 1 else None,
        problems=[problem for one in findings for problem in one.problems][:20],
        running=[name for one in findings for name in one.running][:20],
        unnamed={
            outcome: sum(one.unnamed.get(outcome, 0) for one in findings)
            for outcome in {outcome for one in findings for outcome in one.unnamed}
        },
    )
