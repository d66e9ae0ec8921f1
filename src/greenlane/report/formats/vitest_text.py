"""What Vitest prints for people.

Red tests are named, with their errors. The others are named by the reporters `verbose` and `tree`
and where one file runs, else only counted in the summary.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

from greenlane.model.report import EXECUTED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_FAIL = re.compile(r"^ FAIL  (.+?)$")
_PROJECT = r"(?:\|[^|]*\| | ?\S+ {2})?"  # `|unit| `; from Vitest 4 on a word on a coloured ground
_PLACE = re.compile(rf"^{_PROJECT}(\S.*?\.\w+)(?::(\d{{1,7}}):\d+)?(?: > (.*))?$")
_BROKEN = re.compile(rf"^{_PROJECT}(.+?) \[ .+ \]$")
_NODE = re.compile(r"^( +)([✓√×↓□\u276f]) ( ?\S.*?)$")
_FLAT = re.compile(rf"^{_PROJECT}(\S+\.[cm]?[jt]sx?) > (.+)$")
_FILE = re.compile(rf"^{_PROJECT}(\S+\.[cm]?[jt]sx?) +\(\d+ tests?\b.*\)(?: +\d+m?s)?$")
_SUITE = re.compile(r"^(.+) \(\d+\)$")
_REMARK = re.compile(
    r"(?: +\d+(?:\.\d+)?m?s)?(?: \((?:retry|repeat) x\d+[^)]*\))*(?: \[[^\]]*\])?$"
)
_TESTS = re.compile(r"^ +Tests  +(.+?)$")
_ERRORS = re.compile(r"^ +Errors  +(\d+ errors?)$")
_COUNT = re.compile(r"(\d{1,9}) (failed|passed|expected fail|skipped|todo)\b")
_RULE = re.compile(r"^⎯{5}")
_OUTCOMES = {
    "failed": TestOutcome.FAILED,
    "passed": TestOutcome.PASSED,
    "expected fail": TestOutcome.PASSED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
}
_MARKS = {
    "✓": TestOutcome.PASSED,
    "√": TestOutcome.PASSED,
    "×": TestOutcome.FAILED,
    "↓": TestOutcome.SKIPPED,
    "□": TestOutcome.SKIPPED,
}
_LINE_LIMIT = 2000  # characters of a line that names a test
_NAMED_LIMIT = 10_000  # red tests that are told apart


class _Run:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._seen: set[str] = set()
        self._about: list[TestCase] = []
        self._text = Excerpt()
        self._counts: Counter[TestOutcome] = Counter()
        self._named = 0
        self._tree: dict[str, TestCase] = {}
        self._path: list[str] = []
        self._file = ""
        self._broken = 0
        self._summaries = 0
        self._problems: list[str] = []

    def feed(self, line: str) -> None:
        """Take the next line."""
        if failed := _FAIL.match(line):
            if self._text:
                self._flush()
            self._begin(failed[1])
        elif tests := _TESTS.match(line):
            self._flush()
            self._summaries += 1
            for count, word in _COUNT.findall(tests[1]):
                self._counts[_OUTCOMES[word]] += int(count)
        elif errors := _ERRORS.match(line):
            self._problems.append(f"{errors[1]} outside of the tests")
        elif _RULE.match(line):
            self._flush()
        elif self._about:
            if line.strip():
                self._text.add(line)
        elif len(line) < _LINE_LIMIT and (node := _NODE.match(line)):
            self._take_node(len(node[1]), node[2], node[3])

    def finish(self) -> Findings:
        """Say what the run was."""
        self._flush()
        executed = self._named + sum(self._counts[outcome] for outcome in EXECUTED)
        for case in self._tree.values():
            self._counts[case.outcome] -= 1
            self._emit(case)
        return Findings(
            is_recognised=self._summaries > 0 or bool(self._tree),
            is_complete=self._summaries > 0,
            status=RunStatus.BUILD_ERROR if self._broken and not executed else None,
            problems=self._problems[:20],
            unnamed=dict(+self._counts),
        )

    def _begin(self, name: str) -> None:
        if name in self._seen or len(self._seen) >= _NAMED_LIMIT:
            return
        self._seen.add(name)
        place = _PLACE.match(name)
        if broken := _BROKEN.match(name):
            file = bound(broken[1], 1000)
            self._broken += 1
            self._about.append(TestCase(id=file, outcome=TestOutcome.ERROR, file=file))
        elif place and place[3]:
            test_id = bound(place[3].replace(" > ", " "), 1000)
            self._about.append(
                TestCase(
                    id=test_id,
                    outcome=TestOutcome.FAILED,
                    file=bound(place[1], 1000),
                    line=int(place[2] or 0),
                )
            )

    def _take_node(self, indent: int, mark: str, text: str) -> None:
        """Take a line of the list of tests: a file, a suite or a test."""
        if file := _FILE.match(text):
            self._file, self._path = file[1], []
        elif flat := _FLAT.match(text):
            self._add(flat[1], _REMARK.sub("", flat[2], count=1), mark)
        elif self._file and indent >= 3:
            del self._path[(indent - 3) // 2 :]
            if suite := _SUITE.match(text):
                self._path.append(suite[1])
            else:
                name = _REMARK.sub("", text, count=1)
                self._add(self._file, " > ".join([*self._path, name]), mark)

    def _add(self, file: str, name: str, mark: str) -> None:
        if mark in _MARKS and len(self._tree) < _NAMED_LIMIT:
            test_id = bound(name.replace(" > ", " "), 1000)
            case = TestCase(id=test_id, outcome=_MARKS[mark], file=bound(file, 1000))
            self._tree[f"{case.file}\n{test_id}"] = case

    def _flush(self) -> None:
        about, self._about = self._about, []
        lines, self._text = self._text.lines(), Excerpt()
        for case in about:
            if case.outcome is TestOutcome.FAILED:
                self._tree.pop(f"{case.file}\n{case.id}", None)
                self._counts[TestOutcome.FAILED] -= 1
                self._named += 1
            self._emit(
                TestCase(
                    id=case.id,
                    outcome=case.outcome,
                    file=case.file,
                    line=case.line,
                    message=bound(lines[0].strip() if lines else ""),
                    traceback=bound("\n".join(lines)),
                )
            )


def read(source: BinaryIO, emit: Emit, _context: ReadContext) -> Findings:
    """Read what Vitest's default and verbose reporters printed."""
    run = _Run(emit)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=(
        r"^ RUN  v\d+\.\d+\.\d|"
        r"^ +Tests  +(?:no tests|\d+ (?:failed|passed|expected|skipped|todo)\b.* \(\d+\))$"
    ),
    is_text=True,
)
