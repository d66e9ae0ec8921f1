"""What `go test` prints: its text with and without `-v`, its JSON events, in any mixture.

Build errors go to standard error and may stand before, between or after the rest. Older versions
of Go mix lines that are no JSON into `-json`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.go_json import EVENT_PATTERN, GoEvents
from greenlane.report.formats.go_run import GoRun
from greenlane.report.formats.text import raw_lines, strip_escapes

_LINE_LIMIT = 1024 * 1024
_STATE = re.compile(r"^=== (RUN|PAUSE|CONT|NAME) +(\S.*)$")
_RESULT = re.compile(r"^(.*?)--- (PASS|FAIL|SKIP|BENCH): (\S+) \((\d+(?:\.\d+)?)s\)$")
_BENCHMARK = re.compile(r"^(Benchmark\S*?)(?:-\d+)?\s+\d+\s+[\d.]+ ns/op")
_PASSED = re.compile(r"^ok  \t(\S+)\t(.*)$")
_SKIPPED = re.compile(
    r"^\?   \t(\S+)\t\[no test files\]|^\t(\S+)\t\tcoverage: 0\.0% of statements$"
)
_FAILED = re.compile(r"^FAIL\t(\S+)(?: \[(build|setup) failed\]|\t.*)$")
_BUILD = re.compile(r"^# (\S+)(?: \[\S+\])?$")
_REFUSED = re.compile(
    r"^(?:go: (?:cannot find main module|go\.mod file not found|no such tool|unknown command)"
    r"|go(?: test)?: unknown |flag provided but not defined: |-\w+=\S* not supported"
    r"|no required module provides|go: warning: \".*\" matched no packages$|no packages to test"
    r"|invalid (?:boolean )?value .* for (?:boolean )?flag|go: unknown flag)"
)
_OUTCOMES = {
    "PASS": TestOutcome.PASSED,
    "BENCH": TestOutcome.PASSED,
    "FAIL": TestOutcome.FAILED,
    "SKIP": TestOutcome.SKIPPED,
}


@dataclass
class _Seen:
    """A test of the package that is being printed."""

    state: str = "RUN"
    outcome: TestOutcome | None = None
    seconds: float = 0
    output: Excerpt = field(default_factory=Excerpt)


class _Text:
    """Follow the text of one package after the other; the name of each stands at its end."""

    def __init__(self, run: GoRun) -> None:
        self._run = run
        self._tests: dict[str, _Seen] = {}
        self._outside = Excerpt()
        self._current = ""  # the test that what is printed belongs to
        self._is_verbose = False
        self._build = ""

    def feed(self, line: str) -> None:
        """Take the next line."""
        if not self._take_end(line) and not self._take_test(line):
            self._take_output(line)

    def finish(self) -> None:
        """Hand over a package that was cut off before its name came."""
        if self._tests:
            self._play("")

    def _take_end(self, line: str) -> bool:
        """Take a line that ends a package or begins with what the compiler says about one."""
        if passed := _PASSED.match(line):
            self._play(passed[1])
            self._run.pass_package(passed[1], has_tests="[no tests to run]" not in passed[2])
        elif (failed := _FAILED.match(line)) and failed[2]:
            self._build = ""
            self._run.fail_build(failed[1])
        elif failed:
            self._play(failed[1])
            self._run.fail_package(failed[1])
        elif skipped := _SKIPPED.match(line):
            self._play(skipped[1] or skipped[2])
            self._run.skip_package(skipped[1] or skipped[2])
        elif build := _BUILD.match(line):
            self._build = self._build if build[1].startswith("[") else build[1]
        else:
            return False
        return True

    def _take_test(self, line: str) -> bool:
        """Take a line by which the testing package says where it is."""
        if state := _STATE.match(line):
            self._is_verbose = True
            self._current = state[2]
            if state[1] != "NAME":
                self._note_state(state[2], state[1])
        elif result := _RESULT.match(line):
            return self._take_result(result)
        elif benchmark := _BENCHMARK.match(line):
            self._tests.setdefault(benchmark[1], _Seen()).outcome = TestOutcome.PASSED
        else:
            return False
        self._build = ""
        return True

    def _note_state(self, test: str, state: str) -> None:
        seen = self._tests.setdefault(test, _Seen())
        seen.state = state
        if state == "RUN" and seen.outcome is not TestOutcome.FAILED:
            seen.outcome = None  # once more, with `-count`; a failure stays one

    def _take_result(self, result: re.Match[str]) -> bool:
        before, word, test, seconds = result.groups()
        seen = self._tests.get(test)
        if self._is_verbose and (seen is None or seen.outcome is not None):
            return False  # somebody else's words
        if not self._is_verbose and before.strip():
            return False
        self._tests[test] = seen = seen or _Seen()
        seen.outcome, seen.seconds = _OUTCOMES[word], float(seconds)
        self._current = test
        self._build = ""
        return True

    def _take_output(self, line: str) -> None:
        if self._build and line.strip():
            self._run.add_build_output(self._build, line)
        elif line in ("PASS", "FAIL"):
            self._current = ""
        elif self._current in self._tests:
            self._tests[self._current].output.add(line)
        else:
            if _REFUSED.match(line):
                self._run.note_usage(line)
            self._outside.add(line)

    def _play(self, package: str) -> None:
        """Tell the run what was printed, now that the name of the package is known."""
        self._run.start_package(package)
        for line in self._outside.lines():
            self._run.add_output(package, "", line)
        for test, seen in self._tests.items():
            self._run.start_test(package, test)
            for line in seen.output.lines():
                self._run.add_output(package, test, line)
            if seen.outcome is not None:
                self._run.end_test(package, test, seen.outcome, seen.seconds)
            elif seen.state == "PAUSE":
                self._run.pause_test(package, test)
        self._tests, self._outside, self._current = {}, Excerpt(), ""
        self._is_verbose, self._build = False, ""


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what one or several `go test` runs printed."""
    run = GoRun(emit, context)
    events = GoEvents(run)
    text = _Text(run)
    for raw in raw_lines(source, _LINE_LIMIT):
        if not (raw.startswith(b"{") and events.take(raw)):
            text.feed(strip_escapes(raw.decode("utf-8", "replace")))
    text.finish()
    return run.finish()


FORMAT = Format(
    read=read,
    signature=(
        rf"{EVENT_PATTERN}|(?:ok  |\?   |FAIL)\t\S+(?:\t| \[)|=== RUN   "
        r"|--- (?:PASS|FAIL|SKIP): \S+ \("
        r"|# \S+(?: \[\S+\.test\])?\s*$|go: |flag provided but not defined: |-\w+=\S* not supported"
    ),
)
