"""What `zig test` and `zig build test` print (`test_runner.zig`, `Step/Run.zig`).

`zig test` names each test: `1/3 main.test.adds...OK`, with what the test printed in between.
`zig build` names the red ones only (`error: 'main.test.adds' failed: …`) and counts the others in
its summary; of a step whose result is cached it says no more than that.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import BinaryIO

from greenlane.model.report import RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    bound,
    relative,
)
from greenlane.report.formats.excerpt import Excerpt
from greenlane.report.formats.text import clean_lines

_WORD = r"(?:OK|SKIP|FAIL \([^()]*\))"
_HEAD = re.compile(r"^(\d{1,9})/(\d{1,9}) (\S.*\.\.\..*)$")
_TAIL = re.compile(rf"\.\.\.{_WORD}$")
_WHOLE = re.compile(rf"^{_WORD}$")
_END = re.compile(rf"{_WORD}$")
_COUNTS = re.compile(
    r"^(?:All (\d{1,9}) tests passed\.|(\d{1,9}) passed; (\d{1,9}) skipped; (\d{1,9}) failed\.)$"
)
_COMMAND = re.compile(r"^error: the following (?:test )?command (.*)$")
_RED = re.compile(r"^error: '(.+)' (failed|timed out)\b(?: after [^:]*)?:? ?(.*)$")
_CRASHED = re.compile(
    r"^error: (?:while executing test '(.+)', the following|'(.+)' (?:crashed|terminated))"
)
_COMPILER = re.compile(r"^\S+\.(?:zig|zon):\d+:\d+: error: .+$")
_COMPLAINT = re.compile(
    r"^(?:\d+ tests leaked memory\.|\d+ errors were logged\.|error: '.+' leaked .*)$"
)
_SUMMARY = re.compile(
    r"^Build Summary: (\d{1,9})/(\d{1,9}) steps succeeded[^;]*(?:; \d+ (?:skipped|failed))*"
    r"(?:; (\d{1,9})/\d{1,9} tests passed(.*))?$"
)
_COUNT = re.compile(r"(\d{1,9}) (skipped|failed|crashed|timed out)")
_CACHED = re.compile(r"^[^\w]*run (\S.*) cached(?: .*)?$")
_PLACE = re.compile(r"^(\S+\.zig):(\d{1,9}):\d+: 0x[0-9a-f]+ in (\S+)")
_LIBRARY = re.compile(r"(?:^|/)lib/(?:std|compiler)/")
_INDENT = " " * 7  # of what `zig build` quotes, from 0.16 on
_MAX_PROBLEMS = 20


class _Run:
    """Follow the lines of one or several runs."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._name = ""  # the test that is running, or that failed last
        self._word = ""  # how it ended, as far as is known
        self._output = Excerpt()
        self._is_step = False  # it was named by `zig build`
        self._left = 0  # tests of the binary that is running, still to come
        self._counts: Counter[TestOutcome] = Counter()
        self._of_binary: Counter[TestOutcome] = Counter()
        self._unnamed: Counter[TestOutcome] = Counter()
        self._running: list[str] = []
        self._problems: list[str] = []
        self._has_build_errors = self._has_summary = False
        self._lost = 0

    def feed(self, line: str) -> None:
        """Take the next line."""
        if head := _HEAD.match(line):
            self._begin(head)
        elif counts := _COUNTS.match(line):
            self._end_binary(counts)
        elif _COMMAND.match(line):
            self._break()
        elif found := _RED.match(line) or _CRASHED.match(line):
            self._take_red(found)
        elif summary := _SUMMARY.match(line):
            self._end_build(summary)
        elif cached := _CACHED.match(line):
            self._close()
            self._send(f"run {cached[1]}", TestOutcome.PASSED)
        else:
            self._take_output(line)

    def _begin(self, head: re.Match[str]) -> None:
        self._close()
        if int(head[1]) == 1:
            self._break()
        self._left = max(0, int(head[2]) - int(head[1]))
        end = _TAIL.search(head[3])
        name, _, rest = head[3].partition("...")
        self._name, self._is_step = head[3][: end.start()] if end else name, False
        self._take_output(end[0].removeprefix("...") if end else rest)

    def _take_output(self, line: str) -> None:
        if not self._name:
            self._complain(line)
            return
        is_failed = self._word.startswith("FAIL")
        if not self._is_step and not is_failed and (end := _END.search(line)):
            self._word = end[0]
            line = "" if _WHOLE.match(line) else line.removesuffix(end[0])
        elif _COMPLAINT.match(line) or _COMPILER.match(line):
            self._complain(line)
        if line:
            self._output.add(line.removeprefix(_INDENT) if self._is_step else line)

    def _complain(self, line: str) -> None:
        is_compiler = _COMPILER.match(line) is not None
        self._has_build_errors = self._has_build_errors or is_compiler
        if (is_compiler or _COMPLAINT.match(line)) and len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(line, 500))

    def _take_red(self, found: re.Match[str]) -> None:
        self._close()
        self._is_step = True
        if found.re is _CRASHED:
            self._name, self._word = found[1] or found[2], "crash"
            self._running.append(bound(self._name, 1000))
        else:
            self._name = found[1]
            self._word = "FAIL" if found[2] == "failed" else "FAIL (timed out)"
            self._output.add(found[3])

    def _close(self) -> None:
        """End the test that was running: the next one begins, or all are done."""
        name, word, self._name, self._word = self._name, self._word, "", ""
        output, self._output = self._output, Excerpt()
        if not name:
            return
        if word in ("OK", "SKIP"):
            self._send(name, TestOutcome.PASSED if word == "OK" else TestOutcome.SKIPPED)
        elif word.startswith("FAIL"):
            self._send(name, TestOutcome.FAILED, word.removeprefix("FAIL").strip(" ()"), output)
        else:
            because = "timeout" if self._context.timed_out else "crash"
            if not word:
                self._running.append(bound(name, 1000))
            self._send(name, TestOutcome.ERROR, because, output)

    def _send(
        self, name: str, outcome: TestOutcome, word: str = "", output: Excerpt | None = None
    ) -> None:
        self._counts[outcome] += 1
        self._of_binary[outcome] += 1
        text = output.text() if output else ""
        places = [_PLACE.match(line) for line in text.splitlines()]
        own = [one for one in places if one and not _LIBRARY.search(one[1])]
        said = "\n".join(["", *text.split("\n", 20)[:20]]).partition("\n/")[0].strip()
        self._emit(
            TestCase(
                id=bound(name, 1000),
                outcome=outcome,
                file=relative(own[0][1], self._context.root) if own else "",
                line=int(own[0][2]) if own else 0,
                message=bound(word if outcome is TestOutcome.ERROR else said or word),
                traceback=bound(text) if outcome in RED else "",
            )
        )

    def _end_binary(self, counts: re.Match[str]) -> None:
        self._close()
        seen = self._of_binary
        passed, skipped, failed = (int(counts[n] or 0) for n in (2, 3, 4))
        self._add_unnamed(TestOutcome.PASSED, int(counts[1] or passed), seen)
        self._add_unnamed(TestOutcome.SKIPPED, skipped, seen)
        self._add_unnamed(TestOutcome.FAILED, failed, seen)
        self._left = 0
        self._of_binary = Counter()
        self._has_summary = True

    def _add_unnamed(self, outcome: TestOutcome, count: int, seen: Counter[TestOutcome]) -> None:
        self._unnamed[outcome] += max(0, count - seen[outcome])

    def _break(self) -> None:
        """End a test binary that said no counts: what had not begun never ran."""
        self._close()
        self._lost += self._left
        self._left = 0
        self._of_binary = Counter()

    def _end_build(self, summary: re.Match[str]) -> None:
        self._close()
        self._has_summary = True
        if summary[3] is None:
            return
        said = Counter({what: int(count) for count, what in _COUNT.findall(summary[4] or "")})
        self._add_unnamed(TestOutcome.PASSED, int(summary[3]), self._counts)
        self._add_unnamed(TestOutcome.SKIPPED, said["skipped"], self._counts)
        self._add_unnamed(TestOutcome.FAILED, said["failed"] + said["timed out"], self._counts)
        self._add_unnamed(TestOutcome.ERROR, said["crashed"], self._counts)

    def finish(self) -> Findings:
        """Say what the run was."""
        self._break()
        is_known = self._has_summary or self._counts or self._has_build_errors
        if not is_known:
            return UNRECOGNISED
        all_counts = self._counts + self._unnamed
        is_red = any(all_counts[outcome] for outcome in RED)
        return Findings(
            is_recognised=True,
            is_complete=(self._has_summary and not self._lost) or self._has_build_errors,
            says_success=None if not self._has_summary else not (is_red or self._problems),
            status=RunStatus.BUILD_ERROR if self._has_build_errors and not is_red else None,
            problems=self._problems,
            running=self._running[:_MAX_PROBLEMS],
            unnamed=dict(+self._unnamed),
            unnamed_not_run=self._lost,
        )


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what Zig printed."""
    run = _Run(emit, context)
    for line in clean_lines(source):
        run.feed(line)
    return run.finish()


FORMAT = Format(
    read=read,
    is_text=True,
    signature=(
        r"\d+/\d+ \S.*?\.(?:test|decltest)(?:\.|_\d).*\.\.\.|Build Summary: \d+/\d+ steps succeeded"
        r"|error: '\S+\.(?:test|decltest)[._].*' (?:failed|timed out|crashed|leaked)"
        r"|\S+\.zig:\d+:\d+: error: "
    ),
)
