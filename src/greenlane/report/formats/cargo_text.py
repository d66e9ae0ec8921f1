"""What `cargo test` prints: libtest's text, libtest's JSON and cargo's JSON, in any mixture.

Standard output and error may be mixed as they came or stand one after the other.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from greenlane.model.report import RunStatus, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext
from greenlane.report.formats.cargo_run import CargoRun
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.libtest_json import BUILD_PATTERN, EVENT_PATTERN, take_json
from greenlane.report.formats.text import raw_lines, strip_escapes

_LINE_LIMIT = 1024 * 1024
_WORD = r"(ok|FAILED|ignored(?:, .*)?|bench:.*|failed \(.*\))(?: <([\d.]+)s>)?"
_BEGIN = re.compile(r"^running (\d+) tests?$")
_NAME = r"((?:(?! \.\.\. ).)+)"
_RESULT = re.compile(rf"^test {_NAME} \.\.\. {_WORD}$")
_RESULT_INSIDE = re.compile(rf"test (\S+|\S+ - .+\)) (?:- [a-z ]+ )?\.\.\. {_WORD}$")
_OPEN = re.compile(rf"^test {_NAME} \.\.\. (.*)$")
_TERSE = re.compile(r"^(\S+|\S+ - .+ \(line \d+\)) --- FAILED$")
_LATE = re.compile(rf"(?:^|.*?){_WORD}$")
_SLOW = re.compile(r"^test (.+) has been running for over \d+ seconds$")
_LAST_WORDS = re.compile(
    r"^thread '([^']+)' (?:\(\d+\) )?(?:has overflowed its stack|panicked at )"
)
_DETAILS = re.compile(r"^---- (.+) (?:stdout|stderr) ----$")
_END = re.compile(
    r"test result: (ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured"
)
_LISTED = re.compile(r"^((?!warning:|error:)\S+|\S+ - .+ \(line \d+\)): (?:test|benchmark)$")
_FAILED = re.compile(r"^error: (?:test|doctest|bench) failed, to rerun pass ")
_BUILD_ERROR = re.compile(
    r"^error: (?:[Cc]ould not compile `|failed to run custom build command|failed to parse manifest"
    r"|failed to parse lock file|failed to select a version|no matching package|linking with `"
    r"|failed to load (?:manifest|source)|failed to (?:get|download|read) `)"
)
_USAGE_ERROR = re.compile(
    r"^error: (?:unexpected argument|Found argument|no (?:test|example|bin|bench|such|library)"
    r"|Unrecognized option|invalid value|the argument|a value is required|unrecognized"
    r"|Option '|Argument to option|the option `|could not find `Cargo\.toml`"
    r"|package ID specification|the package '|the following required|cannot specify)"
)
_RESULTS = {"ok": TestOutcome.PASSED, "ignored": TestOutcome.SKIPPED, "bench:": TestOutcome.PASSED}


class _Text:
    """Follow libtest's text.

    With one thread, `test NAME ... ` is printed before the test runs, so that its own output
    follows on the line; the result then ends some later line. The test is `open` until then.
    """

    def __init__(self, run: CargoRun) -> None:
        self._run = run
        self._open = ""
        self._guess = ""  # a word at the end of the open test's output that may be its result
        self._about = ""  # the test whose details are being read
        self._details = Excerpt()
        self._in_successes = False  # what passing tests printed, with `--show-output`
        self._saw_failures = False  # the line before was `failures:`
        self._in_names = False
        self._failed: set[str] = set()

    @property
    def is_quoting(self) -> bool:
        """Say whether the lines are what a test printed, as libtest tells it after the tests."""
        return bool(self._about) or self._in_successes

    def feed(self, line: str) -> None:
        """Take the next line."""
        if not self.is_quoting and (begin := _BEGIN.match(line)):
            self._reset()
            self._run.start_block(int(begin[1][:9]))
        elif (end := _END.search(line)) and self._is_own(end):
            self._end(end)
        elif self._about:
            self._in_details(line)
        elif self._in_names:
            self._failed.add(line.strip())
        elif self._run.in_block:
            self._in_block(line)
        else:
            self._outside(line)

    def _in_block(self, line: str) -> None:
        if self._take_section(line) or self._in_successes or self._take_hint(line):
            return
        if _FAILED.match(line):
            self._run.break_block()
            self._outside(line)
        elif self._open and self._is_output(line):
            return
        elif result := _RESULT.match(line):
            self._close_open()
            self._result(result[1], result[2], result[3])
        elif opened := _OPEN.match(line):
            self._begin(opened)
        elif terse := _TERSE.match(line):
            self._result(terse[1], "FAILED", None)
        elif inside := _RESULT_INSIDE.search(line):
            self._result(inside[1], inside[2], inside[3])

    def _take_section(self, line: str) -> bool:
        """Take a line that begins a section after the tests, or what one test printed."""
        if line in ("failures:", "successes:"):
            self._close_open()
            self._in_successes = line == "successes:"
        elif details := _DETAILS.match(line):
            self._close_open()
            self._about = details[1] if self._is_about_red(details[1]) else ""
        else:
            return False
        return True

    def _is_about_red(self, name: str) -> bool:
        return self._run.is_red(name) or (not self._in_successes and self._run.may_be_red(name))

    def _take_hint(self, line: str) -> bool:
        """Take a line by which libtest or a panic names a test that has not ended."""
        if slow := _SLOW.match(line):
            self._run.start_test(slow[1])
        elif (words := _LAST_WORDS.match(line)) and not self._open:
            self._run.suspect_test(words[1])
        else:
            return False
        return True

    def _begin(self, opened: re.Match[str]) -> None:
        self._close_open()
        self._open = opened[1]
        self._run.start_test(self._open)
        if word := _LATE.match(opened[2]):
            self._guess = word[1]

    def _is_output(self, line: str) -> bool:
        """Take a line that belongs to the open test: its output, or the end of it."""
        if self._guess and line.startswith("test "):
            return False
        if word := _LATE.match(line):
            self._guess = word[1]
            if word[0] == word[1]:
                self._close_open()
        return True

    def _close_open(self) -> None:
        name, guess, self._open, self._guess = self._open, self._guess, "", ""
        if name and guess:
            self._result(name, guess, None)

    def _in_details(self, line: str) -> None:
        if self._saw_failures:
            self._saw_failures = False
            if self._run.is_red(line.strip()) and line.startswith("    "):
                self._end_details()
                self._in_names = True
                self._failed.add(line.strip())
                return
            self._details.add("failures:")
        if line == "failures:":
            self._saw_failures = True
        elif (next_one := _DETAILS.match(line)) and self._run.may_be_red(next_one[1]):
            self._end_details()
            self._about = next_one[1]
        else:
            self._details.add(line)

    def _outside(self, line: str) -> None:
        if _BUILD_ERROR.match(line):
            self._run.note_status(RunStatus.BUILD_ERROR)
            self._run.note_problem(line)
        elif _USAGE_ERROR.match(line):
            self._run.note_status(RunStatus.USAGE_ERROR)
            self._run.note_problem(line)
        elif line.startswith("error[") or "process didn't exit successfully" in line:
            self._run.note_problem(line.strip())
        elif listed := _LISTED.match(line):
            self._run.list_test(listed[1])

    def _result(self, name: str, word: str, seconds: str | None) -> None:
        kind, _, reason = word.partition(" ")
        outcome = _RESULTS.get(kind.rstrip(","), TestOutcome.FAILED)
        self._run.finish_test(
            name,
            outcome,
            duration=float(seconds) if seconds and seconds.count(".") < 2 else None,
            message=reason if outcome is TestOutcome.SKIPPED else "",
        )

    def _end_details(self) -> None:
        if self._about:
            self._run.add_details(self._about, self._details.text())
        self._about, self._details, self._saw_failures = "", Excerpt(), False

    def _is_own(self, end: re.Match[str]) -> bool:
        """Tell a summary of the running binary from one that a test of it printed."""
        counts = [int(end[n][:9]) for n in range(2, 6)]
        return self._run.can_end(sum(counts), counts[1], is_ok=end[1] == "ok")

    def _end(self, end: re.Match[str]) -> None:
        self._end_details()
        passed, failed, ignored, measured = (int(end[n][:9]) for n in range(2, 6))
        self._run.end_block(
            is_ok=end[1] == "ok",
            counts=(passed + measured, failed, ignored),
            failed=frozenset(self._failed),
        )
        self._reset()

    def _reset(self) -> None:
        self._end_details()
        self._close_open()
        self._in_names = self._in_successes = False
        self._failed = set()


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what one or several cargo test runs printed."""
    run = CargoRun(emit, context)
    text = _Text(run)
    for raw in raw_lines(source, _LINE_LIMIT):
        line = strip_escapes(raw.decode("utf-8", "replace"))
        if text.is_quoting or not (b"{" in raw and take_json(run, line)):
            text.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    signature=(
        rf"running \d+ tests?\s*$|test result: (?:ok|FAILED)\.|{EVENT_PATTERN}|{BUILD_PATTERN}"
        r"|(?:\S+|\S+ - .+\)): test\s*$|error: [Cc]ould not compile `|error: test failed, to rerun"
    ),
)
