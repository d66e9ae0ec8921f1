"""What a preset does, in words: for the reference and for `greenlane presets show`. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from greenlane.model.suite import Detect, OutcomeRules, Preset, ReportSource, Select


def describe_preset(preset: Preset) -> Iterator[tuple[str, list[str]]]:
    """Give what there is to say, title by title; each line stands for itself."""
    yield "found by", list(_found_by(preset.detect))
    yield "runs", [shlex.join(preset.command)] if preset.command else ["the suite's own command"]
    if preset.cwd != ".":
        yield "in", [preset.cwd]
    if preset.prepare:
        yield "first", [shlex.join(step.argv) for step in preset.prepare]
    if preset.env:
        yield "with", [f"{name}={value}" for name, value in preset.env.items()]
    yield "reads", [_source(source) for source in preset.report] or ["the exit status alone"]
    yield "runs some tests with", list(_selection(preset.select)) or ["cannot"]
    yield "runs affected tests with", list(_affected(preset.select)) or ["cannot"]
    yield "exit codes", list(_codes(preset.outcome))
    yield "may take", [_times(preset)]
    if preset.needs:
        yield "needs", [", ".join(preset.needs)]
    if preset.install_hint:
        yield "to install", [preset.install_hint]


def _found_by(detect: Detect | None) -> Iterator[str]:
    if detect is None or detect == Detect(priority=detect.priority):
        yield "its name only"
        return
    if detect.all:
        yield f"all of {', '.join(detect.all)}"
    if detect.any:
        yield f"one of {', '.join(detect.any)}"
    for glob, pattern in detect.all_contain.items():
        yield f"always {glob} with /{pattern}/"
    for glob, pattern in detect.contains.items():
        yield f"{glob} with /{pattern}/"
    if detect.runs:
        yield "test scripts with " + " or ".join(f"/{pattern}/" for pattern in detect.runs)
    yield f"priority {detect.priority}"


def _source(source: ReportSource) -> str:
    return f"{source.format}: {source.path or 'the output'}"


def _selection(select: Select) -> Iterator[str]:
    if select.ids:
        yield f"{_words(select.before, select.ids)} (for each test)"
    if select.filter:
        item = f" ({{list}} of {select.item})" if "{list}" in " ".join(select.filter) else ""
        yield _words(select.filter, select.files) + item
    if select.like and (select.ids or select.filter):
        yield f"ids like /{select.like}/"


def _affected(select: Select) -> Iterator[str]:
    if select.affected:
        by = f" (packages of {select.affected_by})" if select.affected_by else ""
        instead = _words(select.affected_replaces)
        yield _words(select.affected) + by + (f" instead of {instead}" if instead else "")


def _codes(outcome: OutcomeRules) -> Iterator[str]:
    for name in (
        "passed",
        "failed",
        "no_tests",
        "build_error",
        "usage_error",
        "crashed",
        "timeout",
    ):
        codes = getattr(outcome, name)
        if codes:
            yield f"{', '.join(map(str, codes))}: {name}"
    if not outcome.failed:
        yield "any other: what the report says"


def _times(preset: Preset) -> str:
    silence = preset.idle_timeout_seconds
    quiet = f", {silence:g} s of them silent" if silence else ""
    return f"{preset.timeout_seconds:g} s{quiet}"


def _words(*parts: list[str]) -> str:
    return " ".join(word for words in parts for word in words)
