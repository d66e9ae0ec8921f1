"""Red tests grouped by cause: tests that say the same but for names and numbers belong together.

Bounded: at most `CAUSES_LIMIT` causes are kept, each with one whole example and a few ids.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from greenlane.model.plain_text import clean
from greenlane.model.report import TestCase

CAUSES_LIMIT: Final = 500
_FILES_LIMIT: Final = 100
_IDS_KEPT: Final = 3
_KEY_CHARS: Final = 160
_LINE_CHARS: Final = 400
_SCANNED_CHARS: Final = 4000
_SCANNED_LINES: Final = 200

_QUOTED = re.compile(r"\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|`[^`\n]{0,300}`|«[^»\n]{0,300}»")
_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\w.~+@-]{0,80}(?:[/\\][\w.~+@-]{1,80}){1,40}")
_HEX = re.compile(r"\b0[xX][0-9a-fA-F]{1,40}\b|\b(?=[a-f]{0,39}\d)[0-9a-f]{7,40}\b")
_NUMBER = re.compile(r"\d[\d_.,:]{0,40}")
_SPACE = re.compile(r"\s+")
#: A line that names a place in a source file, in the dialects of most languages.
_FRAME = re.compile(r"\w\.[A-Za-z]{1,6}(?::\d+|\(\d+|\", line \d+|:? line \d+)|\.dart \d+:\d+")
_FOREIGN = re.compile(
    r"node_modules|node:internal|internal/|site-packages|dist-packages|/usr/lib/|/lib/python3|"
    r"/gems/|/rustc/|/vendor/|<frozen |\bjava\.base/|org\.junit|org\.apache\.maven|_pytest/"
)


@dataclass
class Cause:
    """Tests that are red for what looks like one reason."""

    example: TestCase
    count: int = 0
    others: list[str] = field(default_factory=list)  # ids beside the example's, the first few
    files: Counter[str] = field(default_factory=Counter)

    def add(self, case: TestCase) -> None:
        """Count one more."""
        self.count += 1
        if self.count > 1 and len(self.others) < _IDS_KEPT:
            self.others.append(case.id)
        if case.file and (case.file in self.files or len(self.files) < _FILES_LIMIT):
            self.files[case.file] += 1


def group_by_cause(cases: Iterable[TestCase]) -> tuple[list[Cause], int]:
    """Give the causes, the most frequent first, and how many tests are in none of them."""
    causes: dict[str, Cause] = {}
    left_over = 0
    for case in cases:
        key = cause_of(case)
        if key not in causes and len(causes) >= CAUSES_LIMIT:
            left_over += 1
            continue
        causes.setdefault(key, Cause(example=case)).add(case)
    return sorted(causes.values(), key=lambda cause: -cause.count), left_over


def cause_of(case: TestCase) -> str:
    """Give what a red test has in common with others of its cause."""
    said = said_lines(case, 1)
    text = said[0][:_LINE_CHARS] if said else case.outcome.value
    for pattern, sign in ((_QUOTED, "'…'"), (_PATH, "PATH"), (_HEX, "HEX"), (_NUMBER, "N")):
        text = pattern.sub(sign, text)
    return _SPACE.sub(" ", text)[:_KEY_CHARS]


def said_lines(case: TestCase, count: int) -> list[str]:
    """Give the first lines of a test's message; of the traceback's end where there is none."""
    lines = list(_lines(case.message))
    return lines[:count] if lines else list(_lines(case.traceback[-_SCANNED_CHARS:]))[-count:]


def telling_lines(case: TestCase, count: int) -> list[str]:
    """Choose the lines of a traceback that matter: where it broke in the project's own files."""
    if count <= 0 or not case.traceback.strip():
        return []
    head, tail = case.traceback[:_SCANNED_CHARS], case.traceback[-_SCANNED_CHARS:]
    is_last_innermost = "Traceback (most recent call last)" in head or "\nE  " in case.traceback
    known = set(_lines(case.message))
    lines = [line for line in _lines(tail if is_last_innermost else head) if line not in known]
    own = [
        number
        for number, line in enumerate(lines)
        if line.startswith(">") or (_FRAME.search(line) and not _FOREIGN.search(line))
    ]
    chosen = (own[-count:] if is_last_innermost else own[:count]) if own else []
    return [lines[number] for number in chosen]


def _lines(text: str) -> Iterator[str]:
    """Give the lines that say something, clean and without the space around them."""
    for line in text[:_SCANNED_CHARS].splitlines()[:_SCANNED_LINES]:
        if said := _SPACE.sub(" ", clean(line)).strip():
            yield said
