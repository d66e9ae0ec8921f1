"""What stands in a line of TAP and in the details below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import relative

_DIRECTIVE = re.compile(
    r"(?:^|\s)(?<!\\)#\s*(skip|todo|(?-i:XFAIL))(?:ped)?\b:?\s*(.*)$", re.IGNORECASE
)
_TIME = re.compile(
    r"(?<!\s)\s*# (?:(?:time|duration(?:_ms)?)[= ]|in )(\d+(?:\.\d+)?)\s*(ms|s|sec)?\s*$"
)
_CRITERION_TIME = re.compile(r"(?<! ) +\((\d+\.\d\d)(s)\)$")
_ENDED = re.compile(r"\s# ((exit=|ERROR\b|TIMEOUT\b).*)$")  # kselftest
_GLIB = re.compile(r"^(/\S+) - (\S.*)$")
_LOCATION = re.compile(
    r"(?<![^\s:'\"()])(?:file://)?(/?[^\s:'\"()]+\.\w+):(\d+)(?::\d+)?"
)  # from the beginning of a word on: linear in time
_BLOCKS = frozenset({"|", "|-", "|+", ">", ">-", ">+"})  # the text stands on the next lines
_YAML_FIELD = re.compile(r"^\s*(error|message|location|duration_ms|exitCode|at|file|line):\s*(.*)$")
_ESCAPED = re.compile(r"\\([\\#])")


def split_description(rest: str) -> tuple[str, str, str, float | None]:
    """Split a description into name, reason, directive and duration."""
    duration = None
    if time := _TIME.search(rest) or _CRITERION_TIME.search(rest):
        duration = seconds_of(time[1], time[2] or "ms")
        rest = rest[: time.start()]
    reason = directive = ""
    if found := _DIRECTIVE.search(rest):
        directive, reason = found[1].lower(), found[2].strip()
        rest = rest[: found.start()]
    return _ESCAPED.sub(r"\1", rest.strip()), reason, directive, duration


def split_end(name: str) -> tuple[str, str, TestOutcome]:
    """Take from the name of a red test why it is red."""
    if glib := _GLIB.match(name):
        return glib[1], glib[2], TestOutcome.FAILED
    if ended := _ENDED.search(name):
        is_exit = ended[2] == "exit="
        outcome = TestOutcome.FAILED if is_exit else TestOutcome.ERROR
        return name[: ended.start()], ended[1], outcome
    return name, "", TestOutcome.FAILED


def fields_of(details: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the first value of each YAML field that matters, the last one first."""
    for number in range(len(details) - 1, -1, -1):
        if match := _YAML_FIELD.match(details[number]):
            text = match[2].strip()
            if text in _BLOCKS:
                text = "".join(details[number + 1 : number + 2]).strip()
            if text and text != "~":
                yield match[1], text.strip("'\"")


def location_of(fields: dict[str, str], details: list[str], root: str) -> tuple[str, int]:
    """Return the file and line that the details name, if any."""
    for text in (fields.get("location", ""), fields.get("at", ""), *details):
        if match := _LOCATION.search(text):
            return relative(match[1], root), int(match[2][:9])
    return "", 0


def seconds_of(text: str, unit: str) -> float | None:
    """Return a duration in seconds; None for what is none."""
    try:
        return float(text) / (1000 if unit == "ms" else 1)
    except ValueError:
        return None
