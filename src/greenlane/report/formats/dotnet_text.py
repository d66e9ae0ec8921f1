"""What `dotnet test` prints: VSTest's console logger, MSBuild's terminal logger, and MTP.

Sources: vstest, ConsoleLogger and MSBuildLogger (`Failed!  - Failed: 1, Passed: 2, …`, and with
more words `Total tests: 3`); msbuild, TerminalLogger (`Test summary: total: 3, failed: 1, …`);
testfx, Microsoft.Testing.Platform's TerminalTestReporter (`Test run summary: Failed!`). Each test
project has its own counts. Tests that passed are named only where more words were asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines
from greenlane.report.formats.xml_target import place_in_trace

_OUTCOMES = {
    "passed": TestOutcome.PASSED,
    "succeeded": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "skipped": TestOutcome.SKIPPED,
}
_NUMBER = r"(\d{1,9})"
_TEST = re.compile(r"^(?:  (Passed|Failed|Skipped) (\S.*) \[([^\[\]]{1,40})\]"
                   r"|(passed|failed|skipped) (\S.*) \(([^()]{1,40})\))$")  # fmt: skip
_ERROR = re.compile(r"^ {6}(\S.*) \((\d[\dms. ]{0,30})\): Error Message: ?(.*)$")
_PROJECT = re.compile(
    rf"^(?:Passed|Failed|Skipped)! +- Failed: +{_NUMBER}, Passed: +{_NUMBER},"
    rf" Skipped: +{_NUMBER}, Total: +{_NUMBER}\b"
)
_SUMMARY = re.compile(
    rf"^Test summary: total: {_NUMBER}[,;] failed: {_NUMBER}[,;] succeeded: {_NUMBER}[,;]"
    rf" skipped: {_NUMBER}\b"
)
_WORDY_TOTAL = re.compile(rf"^Total tests: +{_NUMBER}$")
_TOTAL = re.compile(rf"^  total: +{_NUMBER}$")
_COUNT = re.compile(rf"^ +(Passed|Failed|Skipped|succeeded|failed|skipped): +{_NUMBER}$")
_VERDICT = re.compile(r"^Test (?:Run (\w+)\.$|run summary: (.*))")
_ABORTED = re.compile(r"^(?:The active test run was aborted|Test Run Aborted)")
_BEGIN = re.compile(r"^(?:Test run for \S|Running tests from \S)")
_END = re.compile(r"^(?:\[xUnit\.net |  \S+ test (?:failed|succeeded) |Build (?:failed|succeeded))")
_PART = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|m|h)(?![a-z])")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LINE_LIMIT = 4000  # characters; no line of counts or with a name is longer


class _Run:
    def __init__(self, emit: Emit, root: str) -> None:
        self._tests = Counted(emit)
        self._root = root
        self._begun = self._ended = 0
        self._counts: Counter[TestOutcome] = Counter()
        self._block: Counter[TestOutcome] | None = None  # counts that stand below each other
        self._block_total = 0
        self._open: tuple[str, TestOutcome, float | None] | None = None
        self._text = Excerpt()
        self._is_aborted = self._is_bad = self._is_summary = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        if len(line) > _LINE_LIMIT:
            line = line[:_LINE_LIMIT]
        if self._take_test(line) or self._take_counts(line):
            return
        if _ABORTED.match(line):
            self._close()
            self._is_aborted = True
        elif _BEGIN.match(line) or _END.match(line):
            self._close()
            self._begun += line.startswith("Test run for")
        elif self._open:
            self._text.add(line.strip())

    def finish(self) -> Findings:
        """Say what the run was."""
        self._close()
        self._end_block()
        is_recognised = self._ended > 0 or self._tests.total > 0 or self._is_aborted
        said_red = self._counts[TestOutcome.FAILED]
        return Findings(
            is_recognised=is_recognised,
            is_complete=0 < self._ended >= self._begun and not self._is_aborted,
            says_success=False if self._is_bad or said_red or self._tests.red else None,
            status=RunStatus.CRASHED if self._is_aborted else None,
            unnamed=self._tests.unnamed(self._counts),
        )

    def _take_test(self, line: str) -> bool:
        if test := _TEST.match(line):
            word, name, took = test.groups()[:3] if test[1] else test.groups()[3:]
            if (seconds := _seconds(took)) is None:
                return False
            self._close()
            self._open = name, _OUTCOMES[word.lower()], seconds
        elif error := _ERROR.match(line):
            self._close()
            self._open = error[1], TestOutcome.FAILED, _seconds(error[2])
            self._text.add(error[3])
        else:
            return False
        return True

    def _take_counts(self, line: str) -> bool:
        if project := _PROJECT.match(line):
            failed, passed, skipped, total = (int(text) for text in project.groups())
        elif summary := _SUMMARY.match(line):
            total, failed, passed, skipped = (int(text) for text in summary.groups())
        else:
            return self._take_block(line)
        self._close()
        self._end_block()
        self._add(total, Counter(_counted(passed, failed, skipped)))
        return True

    def _take_block(self, line: str) -> bool:
        if total := (_TOTAL if self._is_summary else _WORDY_TOTAL).match(line):
            self._close()
            self._end_block()
            self._block, self._block_total = Counter(), int(total[1])
        elif self._block is not None and (count := _COUNT.match(line)):
            self._block[_OUTCOMES[count[1].lower()]] += int(count[2])
        elif verdict := _VERDICT.match(line):
            self._close()
            said = verdict[1] or verdict[2]
            self._is_summary = not verdict[1]
            self._is_bad = self._is_bad or not said.startswith(("Successful", "Passed!"))
        else:
            return False
        return True

    def _end_block(self) -> None:
        if self._block is not None:
            self._add(self._block_total, self._block)
        self._block = None

    def _add(self, total: int, counts: Counter[TestOutcome]) -> None:
        """Take the counts of a project; what is in the total alone did not run."""
        self._ended += 1
        self._counts += counts
        self._counts[TestOutcome.SKIPPED] += max(0, total - counts.total())

    def _close(self) -> None:
        """Hand over the test whose details have ended."""
        if self._open is None:
            return
        name, outcome, seconds = self._open
        text = self._text.text().removeprefix("Error Message:").strip() if outcome in RED else ""
        file, line = place_in_trace(text, self._root)
        self._tests.send(name, outcome, text, file=file, line=line, seconds=seconds)
        self._open, self._text = None, Excerpt()


def _counted(passed: int, failed: int, skipped: int) -> dict[TestOutcome, int]:
    return {
        TestOutcome.PASSED: passed,
        TestOutcome.FAILED: failed,
        TestOutcome.SKIPPED: skipped,
    }


def _seconds(text: str) -> float | None:
    """Return a duration such as `< 1 ms`, `1 m 3 s` or `1.2s`; None for what is none."""
    parts = _PART.findall(text)
    rest = _PART.sub("", text).strip(" <")
    return (
        sum(float(number) * _UNITS[unit] for number, unit in parts) if parts and not rest else None
    )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what `dotnet test` printed, between other output."""
    run = _Run(emit, context.root)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=(
        r"^(?:Passed|Failed|Skipped)! +- Failed: +\d+, Passed:"
        r"|^Test (?:Run (?:Successful|Failed|Aborted)\.|summary: total: \d|run summary: \w)"
        r"|^Test run for \S.*\.(?:dll|exe)\b"
    ),
    is_text=True,
)
