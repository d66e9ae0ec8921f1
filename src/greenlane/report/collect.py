"""Read everything that a run left, believe the best source, and judge the run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from greenlane.model.report import ReportSummary, RunStatus, TestCase, Totals
from greenlane.model.suite import Preset
from greenlane.report.chain import chain
from greenlane.report.classify import Evidence, classify
from greenlane.report.formats import OWN, READERS
from greenlane.report.formats.base import Findings, ReadContext
from greenlane.report.output import read_ends, search_output
from greenlane.report.sources import ANY, Document, RefusedError, Sorted, Source, sort_sources
from greenlane.report.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Leavings:
    """What a run left: its exit status, what it printed and the report files it wrote."""

    preset: Preset
    exit_code: int | None
    timed_out: bool = False
    outputs: Sequence[Document] = ()  # the log, or stdout and stderr
    reports: Sequence[Document] = ()
    root: str = ""  # folder that paths in reports are made relative to


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """What one source said."""

    source: Source
    findings: Findings
    totals: Totals
    failures: list[TestCase]
    contradictions: tuple[str, ...]
    spool: Path | None


def read_leavings(leavings: Leavings, tests_path: Path) -> ReportSummary:
    """Read what a run left; write its tests to `tests_path`, one JSON line each.

    Memory does not grow with the reports. The file appears by rename, and always.

    Raises:
        OSError: `tests_path` cannot be written.
    """
    found = sort_sources(leavings.preset, leavings.reports, leavings.outputs)
    readings = _read_until_told(leavings, found.sources, tests_path)
    best = _best(readings, reads_any=_reads_any(leavings.preset))
    evidence = _evidence(leavings, found, readings, best)
    status, because = classify(evidence)
    if status is RunStatus.PASSED and best and (doubt := _doubt(leavings, found, best)):
        status, because = RunStatus.FAILED, doubt
    _keep(best, readings, tests_path)
    return ReportSummary(
        status=status,
        because=because,
        totals=evidence.totals,
        failures=best.failures if best else [],
        is_complete=evidence.is_complete,
    )


def _read_until_told(
    leavings: Leavings, sources: Sequence[Source], tests_path: Path
) -> list[_Reading]:
    """Read sources in order until one is complete and has tests."""
    readings: list[_Reading] = []
    for number, source in enumerate(sources):
        spool = tests_path.with_name(f".{tests_path.name}.{os.getpid()}.{number}")
        reading = _read(leavings, source, spool)
        if source.is_guess and _proves_nothing(leavings, reading):
            spool.unlink()
            continue
        readings.append(reading)
        if _is_told(reading):
            break
    return readings


def _proves_nothing(leavings: Leavings, guess: _Reading) -> bool:
    """Tell whether a text that the preset did not name was cut short and says no more than that.

    Where the whole run was cut short, no text can be whole, and what it names is taken.
    """
    findings = guess.findings
    if findings.is_complete or findings.running or findings.status:
        return False
    was_killed = leavings.timed_out or (leavings.exit_code or 0) < 0
    return not (was_killed and guess.totals.executed)


def _read(leavings: Leavings, source: Source, spool: Path | None) -> _Reading:
    """Read all documents of one source."""
    context = ReadContext(
        root=leavings.root,
        exit_code=leavings.exit_code,
        timed_out=leavings.timed_out,
        output=lambda: "\n".join(read_ends(document) for document in leavings.outputs),
    )
    groups = [source.documents] if source.is_output else [(one,) for one in source.documents]
    merged = Findings(is_recognised=False)
    doubts: list[str] = []
    with Tally(spool) as tally:
        for documents in groups:
            before = tally.count
            try:
                with chain(documents) as file:
                    findings = READERS[source.format].read(file, tally.emit, context)
            except (OSError, RefusedError) as error:
                doubts.append(f"the report {documents[0].name} cannot be read: {error}")
                continue
            doubts += _count_doubts(documents[0], findings, tally.count - before)
            merged = _merge(merged, findings)
    return _Reading(
        source=source,
        findings=merged,
        totals=tally.totals(merged.unnamed, merged.unnamed_not_run),
        failures=tally.failures,
        contradictions=tuple(doubts),
        spool=spool,
    )


def _count_doubts(document: Document, findings: Findings, count: int) -> list[str]:
    declared = findings.declared_total
    known = count + findings.unnamed_not_run + sum(findings.unnamed.values())
    if declared is None or declared <= known:
        return []
    return [f"{document.name} speaks of {declared} tests and has {count}"]


def _merge(one: Findings, other: Findings) -> Findings:
    """Join what two documents of one source said."""
    if not other.is_recognised:
        return one
    if not one.is_recognised:
        return other
    verdicts = [said for said in (one.says_success, other.says_success) if said is not None]
    return Findings(
        is_recognised=True,
        is_complete=one.is_complete and other.is_complete,
        says_success=all(verdicts) if verdicts else None,
        status=one.status if one.status == other.status else _worse(one, other),
        problems=[*one.problems, *other.problems][:20],
        running=[*one.running, *other.running][:20],
        unnamed={
            outcome: one.unnamed.get(outcome, 0) + other.unnamed.get(outcome, 0)
            for outcome in {*one.unnamed, *other.unnamed}
        },
        unnamed_not_run=one.unnamed_not_run + other.unnamed_not_run,
    )


def _worse(one: Findings, other: Findings) -> RunStatus | None:
    """Join two different proofs: a crash or time-out anywhere counts, a build error only alone."""
    for status in (RunStatus.TIMEOUT, RunStatus.CRASHED):
        if status in {one.status, other.status}:
            return status
    return None


def _best(readings: list[_Reading], *, reads_any: bool) -> _Reading | None:
    """Choose the source to believe: complete with tests, with tests, known at all.

    Where a reporter of ours saw a run from its beginning to its end and no test in it, a text that
    speaks of tests is something else that was printed.
    """
    known = [reading for reading in readings if reading.findings.is_recognised]
    if not reads_any and any(_saw_no_tests(reading) for reading in known):
        known = [reading for reading in known if not reading.source.is_output]
    told = [reading for reading in known if _is_told(reading)]
    with_tests = [reading for reading in known if reading.totals.total]
    return next(iter([*told, *with_tests, *known]), None)


def _is_told(reading: _Reading) -> bool:
    """Tell whether a source says all: it is complete, and has tests or says that none was run."""
    findings = reading.findings
    has_said = reading.totals.total > 0 or findings.status is RunStatus.NO_TESTS
    return findings.is_recognised and findings.is_complete and has_said


def _saw_no_tests(reading: _Reading) -> bool:
    is_ours = reading.source.format in OWN and not reading.source.is_output
    return is_ours and reading.findings.is_complete and not reading.totals.total


def _reads_any(preset: Preset) -> bool:
    return any(report.format == ANY for report in preset.report)


def _evidence(
    leavings: Leavings, found: Sorted, readings: list[_Reading], best: _Reading | None
) -> Evidence:
    known = [reading.findings for reading in readings if reading.findings.is_recognised]
    findings = best.findings if best else Findings(is_recognised=False)
    proofs = [one.status for one in (findings, *known) if one.status is not None]
    problems = [problem for one in (findings, *known) for problem in one.problems]
    contradictions = [
        *found.refusals,
        *(doubt for reading in readings for doubt in reading.contradictions),
    ]
    if not known and found.strangers:
        name = leavings.preset.name
        contradictions.append(f"{found.strangers[0]} is no report that the preset {name} reads")
    rules, totals = leavings.preset.outcome, best.totals if best else Totals()
    is_plain = totals.executed and not totals.red and leavings.exit_code in rules.passed
    hits = {} if is_plain else search_output(rules, leavings.outputs)
    return Evidence(
        exit_code=leavings.exit_code,
        timed_out=leavings.timed_out,
        rules=rules,
        expects_report=bool(leavings.preset.report),
        totals=totals,
        is_recognised=bool(known),
        is_complete=bool(known) and all(one.is_complete for one in known),
        status=proofs[0] if proofs else None,
        says_success=findings.says_success,
        problems=tuple(dict.fromkeys(problems)),
        running=tuple(findings.running),
        contradictions=tuple(contradictions),
        hits=hits,
    )


def _doubt(leavings: Leavings, found: Sorted, best: _Reading) -> str:
    """Let the other leavings contradict a green report; only red tests count.

    What a run of one known framework prints is not among them: its tests may print anything, the
    output of another framework too. A preset that reads any format has no such knowledge.
    """
    reads_any = _reads_any(leavings.preset)
    for source in found.sources:
        if source.format == best.source.format or (source.is_output and not reads_any):
            continue
        red = _read(leavings, source, None).totals.red
        if red:
            return f"{source.documents[0].name} has {red} red tests, {best.source.format} none"
    return ""


def _keep(best: _Reading | None, readings: list[_Reading], tests_path: Path) -> None:
    """Rename the believed spool to `tests_path` and drop the others."""
    for reading in readings:
        if reading.spool and reading is not best:
            reading.spool.unlink(missing_ok=True)
    if best and best.spool:
        best.spool.replace(tests_path)
    else:
        tests_path.write_bytes(b"")


def open_files(paths: Sequence[Path]) -> list[Document]:
    """Name files that the caller trusts, such as those given on a command line."""
    return [Document(name=path.name, open=partial(_open, path)) for path in paths]


def _open(path: Path) -> BinaryIO:
    return path.open("rb")
