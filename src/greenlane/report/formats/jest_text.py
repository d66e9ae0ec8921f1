"""What Jest prints for people: the last resort, where it left nothing better.

Passing tests are named only with `--verbose` or when one file runs; the summary counts the others.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, BinaryIO

from greenlane.model.report import EXECUTED, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.jest_tests import JestTests
from greenlane.report.formats.text import clean_lines

_FILE = re.compile(r"^(PASS|FAIL) (?:\S+ )??(\S+\.\w+)(?: \(.*\))?$")
_TREE = re.compile(r"^( {2,})(?:([✓√]|✕|\u00d7|○|✎) )?(\S.*?)(?: \((\d+(?:\.\d+)?) (ms|s)\))?$")
_HEADLINE = re.compile(r"^  ● (.+)$")
_TESTS = re.compile(r"^Tests: +(.*?)(\d+) total$")
_COUNT = re.compile(r"(\d+) (failed|skipped|todo|passed)")
_JOINT = " \u203a "
_REPEATED = "Summary of all failing tests"
_BROKEN = "Test suite failed to run"
_STATUSES = {
    "✓": "passed",
    "√": "passed",
    "✕": "failed",
    "\u00d7": "failed",
    "○": "pending",
    "✎": "todo",
}
_UNNAMED = {
    "failed": TestOutcome.FAILED,
    "passed": TestOutcome.PASSED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
}
_MARK_WORDS = {"○": "skipped ", "✎": "todo "}


class _Text:
    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self.tests = JestTests(emit, context)
        self._emit = emit
        self._file = ""
        self._in_tree = False
        self._is_repeat = False
        self._path: list[str] = []
        self._results: dict[str, dict[str, Any]] = {}
        self._about = ""
        self._details = Excerpt()
        self._counts = {"passed": 0, "failed": 0, "skipped": 0, "todo": 0}
        self.files = 0
        self.is_ended = False
        self._unnamed: Counter[TestOutcome] = Counter()

    def feed(self, line: str) -> None:
        """Take the next line."""
        if tests := _TESTS.match(line):
            self._end_file()
            self._end(tests[1])
        elif line.startswith("Test Suites: "):
            self._is_repeat = False
            self._end_file()
        elif line.startswith(_REPEATED):
            self._end_file()
            self._is_repeat = True
        elif self._is_repeat:
            return
        elif file := _FILE.match(line):
            self._end_file()
            self.files += 1
            self._file, self._in_tree, self._path = file[2], True, []
        elif headline := _HEADLINE.match(line):
            self._start_details(headline[1])
        elif self._about:
            self._details.add(line.removeprefix("    "))
        elif self._file and self._in_tree:
            self._take_tree(line)

    def finish(self) -> Findings:
        """Say what the run was."""
        self._end_file()
        unnamed = self._count_unnamed()
        return Findings(
            is_recognised=self.files > 0 or self.is_ended,
            is_complete=self.is_ended,
            status=None if EXECUTED & unnamed.keys() else self.tests.status,
            problems=self.tests.problems,
            unnamed=unnamed,
        )

    def _count_unnamed(self) -> dict[TestOutcome, int]:
        """Count the tests that only the summary knows; under a filter no skipped one is meant."""
        if self.tests.is_filtering:
            del self._unnamed[TestOutcome.SKIPPED]
        return dict(+self._unnamed)

    def _take_tree(self, line: str) -> None:
        node = _TREE.match(line)
        if node is None:
            self._in_tree = not line or self._file == ""
            return
        indent, mark, name, number, unit = node.groups()
        depth = len(indent) // 2 - 1
        del self._path[depth:]
        if not mark:
            self._path.append(name)
            return
        name = name.removeprefix(_MARK_WORDS.get(mark, ""))
        full = " ".join([*self._path, name])
        factor = 1000 if unit == "s" else 1
        duration = float(number) * factor if number else None
        self._results[full] = {
            "status": _STATUSES[mark],
            "fullName": full,
            "duration": duration,
            "failureMessages": [],
        }

    def _start_details(self, title: str) -> None:
        self._end_details()
        self._in_tree = False
        if title != "Console":
            self._about = title

    def _end_details(self) -> None:
        title, text = self._about, self._details.text()
        self._about, self._details = "", Excerpt()
        if not title or not self._file:
            return
        if title == _BROKEN:
            self.tests.send_broken_file(self._file, text)
            return
        full = " ".join(part.strip() for part in title.split(_JOINT))
        result = self._results.setdefault(full, {"fullName": full, "status": "failed"})
        result["failureMessages"] = [text]

    def _end_file(self) -> None:
        self._end_details()
        for result in self._results.values():
            status = str(result["status"])
            self._counts["skipped" if status == "pending" else status] += 1
            self.tests.send(self._file, result)
        self._results, self._file = {}, ""

    def _end(self, counted: str) -> None:
        self.is_ended = True
        for number, status in _COUNT.findall(counted):
            outcome = _UNNAMED[status]
            self._unnamed[outcome] += max(0, int(number[:9]) - self._counts[status])
            self._counts[status] = 0


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Jest's default or verbose reporter printed."""
    text = _Text(emit, context)
    text.tests.find_filter()
    for line in clean_lines(source):
        text.feed(line)
    return text.finish()


FORMAT = Format(
    read=read,
    signature=r"(?:\x1b\[[0-9;]*m)*\s?(?:PASS|FAIL)\s?(?:\x1b\[[0-9;]*m)* \S|Tests: +.*\d+ total$",
    is_text=True,
)
