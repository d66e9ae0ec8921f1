"""What RSpec prints: red and pending examples are named, others too by `--format documentation`.

Read after the formatters of rspec-core 3 (BaseTextFormatter and its children). `parallel_rspec`
prints the summary of each process and then one for all.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.rspec_outline import Outline
from greenlane.report.formats.text import clean_lines

_SUMMARY = re.compile(
    r"^(\d{1,9}) examples?, (\d{1,9}) failures?(?:, (\d{1,9}) pending)?"
    r"(?:, (\d{1,9}) errors? occurred outside of examples)?$"
)
_SECTIONS = {
    "Pending:": TestOutcome.SKIPPED,
    "Failures:": TestOutcome.FAILED,
    "Failed examples:": None,
    "Finished in ": None,
    "Top ": None,
}
_ENTRY = re.compile(r"^  \d{1,9}\) (\S.{0,2000})$")
_RERUN = re.compile(r"^rspec (?:'|)(?:\./)?([^\s:'\[]+)(?::(\d{1,7})|\[[\d:]+\])'? # (.{1,2000})$")
_OUTSIDE = re.compile(r"^An error occurred (?:while|in|outside) ")
_PARALLEL = re.compile(r"^\d+ processes for \d+ (?:spec|example)s?")
_FRAME = re.compile(r"^# \S")
_MAX_PROBLEMS = 20
_MAX_NAMED = 100_000

Counts = tuple[int, int, int, int]  # examples, failures, pending, errors outside of examples


class _Run:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        # RSpec sums up even while a signal ends it, and calls the example that ran a passed one.
        self._was_stopped = context.timed_out or (context.exit_code or 0) < 0
        self._outline = Outline()
        self._section: TestOutcome | None = None
        self._in_sections = False
        self._found: dict[str, TestCase] = {}
        self._about = ""
        self._text = Excerpt()
        self._problems: list[str] = []
        self._problem: Excerpt | None = None
        self._summaries: list[Counts] = []
        self._is_parallel = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if summary := _SUMMARY.match(line):
            self._end_entry()
            self._summaries.append(_counts(summary))
        elif rerun := _RERUN.match(line):
            self._place(rerun)
        elif (section := _section_of(line)) is not None:
            self._end_entry()
            self._in_sections, self._section = True, _SECTIONS[section]
        elif _OUTSIDE.match(line):
            self._end_entry()
            self._problem = Excerpt()
            self._problem.add(line)
        elif self._section and (entry := _ENTRY.match(line)):
            self._end_entry()
            self._begin_entry(entry[1], self._section)
        elif self._about or self._problem is not None:
            self._continue(line)
        elif not self._in_sections:
            self._is_parallel = self._is_parallel or bool(_PARALLEL.match(line))
            self._outline.feed(line)

    def finish(self) -> Findings:
        """Say what the runs were."""
        self._end_entry()
        total, failed, pending, outside = self._totals()
        passed = max(0, total - failed - pending)
        names = self._outline.passed()
        if len(names) == passed and len(self._summaries) == 1:
            for name in names:
                self._keep(TestCase(id=bound(name, 1000), outcome=TestOutcome.PASSED))
        for case in self._found.values():
            self._emit(case)
        said = {
            TestOutcome.PASSED: passed,
            TestOutcome.FAILED: failed,
            TestOutcome.SKIPPED: pending,
        }
        named = Counter(case.outcome for case in self._found.values())
        return Findings(
            is_recognised=bool(self._summaries),
            is_complete=bool(self._summaries) and not self._was_stopped,
            says_success=failed + outside == 0 if self._summaries else None,
            status=RunStatus.BUILD_ERROR if outside and not passed + failed else None,
            problems=self._problems if outside else [],
            unnamed={one: count - named[one] for one, count in said.items() if count > named[one]},
        )

    def _totals(self) -> Counts:
        """Add the runs up, unless the last summary already does."""
        total = (0, 0, 0, 0)
        for one in self._summaries[-1:] if self._is_parallel else self._summaries:
            total = (total[0] + one[0], total[1] + one[1], total[2] + one[2], total[3] + one[3])
        return total

    def _keep(self, case: TestCase) -> None:
        if len(self._found) < _MAX_NAMED:
            self._found.setdefault(case.id, case)

    def _begin_entry(self, name: str, outcome: TestOutcome) -> None:
        name = bound(name.removesuffix(" FIXED").strip(), 1000)
        self._about = name
        self._keep(TestCase(id=name, outcome=outcome))

    def _continue(self, line: str) -> None:
        if self._problem is not None:
            if (
                line[:1] not in {"", " ", "#"}
                and not line.endswith(("Error:", "Exception:"))
                and (not line.startswith("Failure/Error:"))
            ):
                self._end_entry()
                return
            self._problem.add(line)
            return
        self._text.add(line[5:] if line.startswith("     ") else line.strip())

    def _end_entry(self) -> None:
        if self._problem is not None:
            problem, self._problem = self._problem, None
            if len(self._problems) < _MAX_PROBLEMS:
                self._problems.append(bound(problem.text().strip(), 1000))
        name, self._about = self._about, ""
        text, self._text = self._text.text().strip(), Excerpt()
        case = self._found.get(name)
        if case is None or case.message or not text:
            return
        if case.outcome is TestOutcome.SKIPPED:
            message = text.partition("\n")[0].removeprefix("# ")
            self._found[name] = msgspec.structs.replace(case, message=bound(message))
            return
        self._found[name] = msgspec.structs.replace(
            case, message=bound(_message(text)), traceback=bound(text)
        )

    def _place(self, rerun: re.Match[str]) -> None:
        self._end_entry()
        name = bound(rerun[3].strip(), 1000)
        case = self._found.get(name) or TestCase(id=name, outcome=TestOutcome.FAILED)
        self._keep(case)
        if case.outcome is TestOutcome.FAILED and not case.file and name in self._found:
            self._found[name] = msgspec.structs.replace(
                case, file=rerun[1], line=int(rerun[2] or 0)
            )


def _counts(summary: re.Match[str]) -> Counts:
    total, failed, pending, outside = (int(number or 0) for number in summary.groups())
    return total, failed, pending, outside


def _section_of(line: str) -> str | None:
    return next((one for one in _SECTIONS if line.startswith(one)), None)


def _message(text: str) -> str:
    """Give what was said after the line of code that failed, without the frames."""
    lines = text.split("\n")
    rest = lines[lines.index("") + 1 :] if "" in lines else lines
    said = [line.removeprefix("  ") for line in rest if not _FRAME.match(line)]
    return "\n".join(said).strip() or lines[0]


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what `rspec` printed, between other output."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^\d+ examples?, \d+ failures?(?:, \d+ (?:pending|errors? occurred).*)?$",
    is_text=True,
)
