"""Look through the output of a run for the words by which a framework names what happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from greenlane.model.report import RunStatus
from greenlane.model.suite import OutcomeRules
from greenlane.report.formats.text import strip_escapes
from greenlane.report.sources import Document

HEAD_BYTES = 256 * 1024
TAIL_BYTES = 512 * 1024
_LINE_LIMIT = 300


def search_output(rules: OutcomeRules, outputs: Sequence[Document]) -> dict[RunStatus, str]:
    """Return for each kind of end the first line of the output that speaks of it.

    Of a large output only the head and the tail are searched: the words never make a run green.
    """
    patterns = {
        RunStatus.BUILD_ERROR: rules.build_error_patterns,
        RunStatus.USAGE_ERROR: rules.usage_error_patterns,
        RunStatus.NO_TESTS: rules.no_tests_patterns,
        RunStatus.CRASHED: rules.crashed_patterns,
        RunStatus.TIMEOUT: rules.timeout_patterns,
        RunStatus.LISTED: rules.listed_patterns,
    }
    if not any(patterns.values()):
        return {}
    hits: dict[RunStatus, str] = {}
    for document in outputs:
        text = read_ends(document)
        for status, alternatives in patterns.items():
            if status not in hits and (line := _search(text, alternatives)):
                hits[status] = line
    return hits


def read_ends(document: Document) -> str:
    """Return the beginning and the end of an output, without colours."""
    with document.open() as file:
        raw = file.read(HEAD_BYTES)
        size = file.seek(0, 2)
        if size > len(raw):
            file.seek(max(len(raw), size - TAIL_BYTES))
            raw += file.read(TAIL_BYTES)
    text = strip_escapes(raw.decode("utf-8", "replace"))
    return text.replace("\r\n", "\n")


def _search(text: str, alternatives: Iterable[str]) -> str:
    """Return the whole line of the first hit, bounded."""
    for alternative in alternatives:
        if match := re.search(alternative, text, re.MULTILINE):
            start = text.rfind("\n", 0, match.start()) + 1
            line = text[start : match.end()] + text[match.end() :].partition("\n")[0][:_LINE_LIMIT]
            return line.strip().partition("\n")[0][:_LINE_LIMIT] or match[0].strip()[:_LINE_LIMIT]
    return ""
