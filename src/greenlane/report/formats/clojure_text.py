"""What clojure.test prints, alone or under Leiningen, the CLI's test runner and babashka.

A red assertion names its test (`FAIL in (test) (file.clj:3)`); the summary counts tests and red
assertions (`clojure.test/report`, `:summary`). Green tests are only counted.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.counted import Counted
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_NAMESPACE = re.compile(r"^Testing (\S+)$")
_RED = re.compile(r"^(FAIL|ERROR) in \(([^()]*)\) \((.*?):(-?\d{1,7})\)$")
_RAN = re.compile(r"^Ran (\d{1,9}) tests containing (\d{1,9}) assertions\.$")
_COUNTS = re.compile(r"^(\d{1,9}) failures, (\d{1,9}) errors\.$")
_MAX_RED = 10_000


class _Red:
    """A red test: what is said of its first red assertion, and how bad it is in all."""

    def __init__(self, file: str, line: int) -> None:
        self.file = file
        self.line = line
        self.outcome = TestOutcome.FAILED
        self.text = Excerpt()


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._tests = Counted(emit)
        self._namespace = ""
        self._red: dict[tuple[str, str], _Red] = {}
        self._open: _Red | None = None
        self._ran = self._said_red = 0
        self._ran_lines = self._summaries = 0
        self._problems: list[str] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        if namespace := _NAMESPACE.match(line):
            self._namespace, self._open = namespace[1], None
        elif red := _RED.match(line):
            self._begin(*red.groups())
        elif ran := _RAN.match(line):
            self._open = None
            self._ran += int(ran[1])
            self._ran_lines += 1
        elif counts := _COUNTS.match(line):
            self._summaries += 1
            self._said_red += int(counts[1]) + int(counts[2])
        elif self._open:
            self._open.text.add(line)

    def finish(self) -> Findings:
        """Say what the runs were."""
        for (namespace, name), red in self._red.items():
            self._tests.send(
                self._tests.name(namespace, name),
                red.outcome,
                red.text.text(),
                file=red.file,
                line=red.line,
            )
        is_over = self._summaries > 0 and self._summaries == self._ran_lines
        return Findings(
            is_recognised=is_over or bool(self._red),
            is_complete=is_over,
            says_success=self._said_red == 0 if is_over else None,
            problems=self._problems,
            unnamed=self._tests.unnamed(
                {TestOutcome.PASSED: max(0, self._ran - len(self._red))} if is_over else {}
            ),
        )

    def _begin(self, word: str, names: str, file: str, line: str) -> None:
        self._open = None
        name = names.split(" ", maxsplit=1)[0]
        if not name:
            if len(self._problems) < 20:
                self._problems.append(bound(f"{word} outside of a test at {file}:{line}", 500))
            return
        key = (self._namespace, bound(name, 1000))
        if key not in self._red and len(self._red) < _MAX_RED:
            self._open = self._red[key] = _Red(file, max(0, int(line)))
        if word == "ERROR" and key in self._red:
            self._red[key].outcome = TestOutcome.ERROR


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what clojure.test printed, between other output."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=r"^Ran \d+ tests containing \d+ assertions\.$|^(?:FAIL|ERROR) in \(.*\) \(.*:-?\d",
    is_text=True,
)
