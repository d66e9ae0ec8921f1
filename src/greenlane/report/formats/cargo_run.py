"""What a cargo test run was, told by its blocks: one for each test binary and each crate's docs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from greenlane.model.report import EXECUTED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, ReadContext, bound, relative
from greenlane.report.formats.rust_failure import explain_failure, place_in_name

_MODE = re.compile(r" - (?:should panic|compile fail|compile)$")
_MAX_HELD = 1000
_MAX_PROBLEMS = 20


@dataclass
class _Held:
    """A red test whose details come later in the block."""

    outcome: TestOutcome
    duration: float | None = None
    message: str = ""
    output: str = ""


@dataclass
class _Block:
    """One test binary's run, from `running N tests` to its summary."""

    expected: int
    seen: int = 0
    passed: int = 0
    failed: int = 0
    named: int = 0  # results that came with a name, not from the details of a red test
    running: dict[str, None] = field(default_factory=dict)  # in the order of their start
    suspects: dict[str, None] = field(default_factory=dict)  # panicked, and nothing came since
    held: dict[str, _Held] = field(default_factory=dict)


class CargoRun:
    """Collect the events of a run, emit each test once."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._block: _Block | None = None
        self._hints: list[RunStatus] = []
        self._problems: list[str] = []
        self._running: list[str] = []
        self._blocks = self._executed = self._red = self._lost = 0
        self._unnamed: Counter[TestOutcome] = Counter()
        self._broken = 0
        self._all_ok = True

    @property
    def in_block(self) -> bool:
        """Say whether a test binary is running."""
        return self._block is not None

    def is_red(self, name: str) -> bool:
        """Say whether a test of this block is known as red."""
        return self._block is not None and _MODE.sub("", name) in self._block.held

    def may_be_red(self, name: str) -> bool:
        """Say whether details of a test may follow: it is red, or none were named (`--quiet`)."""
        return self.is_red(name) or (self._block is not None and not self._block.named)

    def can_end(self, total: int, failed: int, *, is_ok: bool) -> bool:
        """Say whether a summary may be that of the running binary, by what is known of it.

        A binary that stops at its first red test has run fewer tests than it spoke of.
        """
        block = self._block
        if block is None or not block.expected:
            return True
        if block.seen >= block.expected:
            return (total, failed) == (block.seen, block.failed)
        return block.failed <= failed and (
            total == block.expected or (total < block.expected and not is_ok)
        )

    def start_block(self, expected: int) -> None:
        """Begin with the next test binary; one that is still open has died."""
        self.break_block()
        self._blocks += 1
        self._block = _Block(expected)

    def start_test(self, name: str) -> None:
        """Note a test that has started."""
        if self._block:
            self._block.running[_MODE.sub("", name)] = None

    def suspect_test(self, name: str) -> None:
        """Note a test whose thread panicked; if its binary dies now, it was running."""
        if self._block and name != "main" and len(self._block.suspects) < _MAX_PROBLEMS:
            self._block.suspects[name] = None

    def finish_test(
        self,
        name: str,
        outcome: TestOutcome,
        *,
        duration: float | None = None,
        message: str = "",
        output: str = "",
    ) -> None:
        """Note how a test ended. A red one is held back until its details may have come."""
        name = _MODE.sub("", name)
        block = self._block
        if block is None:
            block = self._block = _Block(0)
        block.running.pop(name, None)
        block.suspects.pop(name, None)
        block.seen += 1
        block.named += 1
        block.passed += outcome is TestOutcome.PASSED
        block.failed += outcome is TestOutcome.FAILED
        held = _Held(outcome, duration, message, output)
        if outcome is TestOutcome.FAILED and len(block.held) < _MAX_HELD:
            block.held[name] = held
        else:
            self._send(name, held)

    def add_details(self, name: str, output: str) -> None:
        """Add what a red test printed; a test that was not named before is red by this alone."""
        block = self._block
        name = _MODE.sub("", name)
        if block is None:
            return
        if name not in block.held and len(block.held) < _MAX_HELD:
            block.running.pop(name, None)
            block.seen += 1
            block.failed += 1
            block.held[name] = _Held(TestOutcome.FAILED)
        if name in block.held:
            block.held[name].output = bound(output)

    def end_block(
        self,
        *,
        is_ok: bool,
        counts: tuple[int, int, int] | None = None,
        failed: frozenset[str] = frozenset(),
    ) -> None:
        """Close a block by its summary; tests that it counts and nobody named are counted."""
        block, self._all_ok = self._block, self._all_ok and is_ok
        if block is None:
            return
        for name in list(block.running):
            outcome = TestOutcome.FAILED if name in failed else TestOutcome.PASSED
            self.finish_test(name, outcome)
        self._send_held(block)
        if counts and sum(counts) > block.seen:
            self._count_unnamed(block, counts)
        self._block = None

    def break_block(self) -> None:
        """Close a block that has no summary: its process died or was killed."""
        block, self._block = self._block, None
        if block is None:
            return
        self._send_held(block)
        self._broken += 1
        names = list(block.running) or list(block.suspects)[: block.expected - block.seen]
        missing = max(0, block.expected - block.seen - len(names))
        if not names and missing:
            missing -= 1
            self._unnamed[TestOutcome.ERROR] += 1
        because = "timeout" if self._context.timed_out else "crash"
        for name in names:
            self._send(name, _Held(TestOutcome.ERROR, message=because))
        self._running += names[: _MAX_HELD - len(self._running)]
        self._lost += missing

    def list_test(self, name: str) -> None:
        """Note a test of a listing: it exists and did not run."""
        if self._blocks or self._context.exit_code or self._context.timed_out:
            return
        self.note_status(RunStatus.LISTED)
        self._emit(TestCase(id=bound(name, 1000) or "(no name)", outcome=TestOutcome.NOT_RUN))

    def note_status(self, status: RunStatus) -> None:
        """Note what some line proves, where the tests do not say otherwise."""
        if status not in self._hints:
            self._hints.append(status)

    def note_problem(self, text: str) -> None:
        """Note an error that belongs to no test."""
        if text and len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(text, 1000))

    def finish(self) -> Findings:
        """Say what the run was."""
        is_cut = self.in_block
        self.break_block()
        return Findings(
            is_recognised=bool(self._blocks or self._hints or self._executed),
            is_complete=not is_cut and not self._broken and not self._context.timed_out,
            says_success=self._all_ok if self._blocks and not self._broken else None,
            status=self._status(),
            problems=self._problems if self._context.exit_code != 0 else [],
            running=self._running,
            unnamed=dict(+self._unnamed),
            unnamed_not_run=self._lost,
        )

    def _status(self) -> RunStatus | None:
        if self._broken:
            return RunStatus.TIMEOUT if self._context.timed_out else RunStatus.CRASHED
        if self._red or self._unnamed[TestOutcome.FAILED]:
            return None
        for status in (RunStatus.BUILD_ERROR, RunStatus.USAGE_ERROR, RunStatus.LISTED):
            is_contradicted = self._executed and status is not RunStatus.BUILD_ERROR
            if status in self._hints and not is_contradicted:
                return status
        return None

    def _send_held(self, block: _Block) -> None:
        for name, held in block.held.items():
            self._send(name, held)
        block.held = {}

    def _count_unnamed(self, block: _Block, counts: tuple[int, int, int]) -> None:
        """Count what only the summary knows: passed, failed and ignored."""
        skipped = block.seen - block.passed - block.failed
        for outcome, count in (
            (TestOutcome.PASSED, counts[0] - block.passed),
            (TestOutcome.FAILED, counts[1] - block.failed),
            (TestOutcome.SKIPPED, counts[2] - skipped),
        ):
            self._unnamed[outcome] += max(0, count)

    def _send(self, name: str, held: _Held) -> None:
        self._executed += held.outcome in EXECUTED
        self._red += held.outcome in (TestOutcome.FAILED, TestOutcome.ERROR)
        message, (file, line) = held.message, place_in_name(name)
        if held.outcome is TestOutcome.FAILED:
            message, file, line = explain_failure(name, held.message, held.output)
        self._emit(
            TestCase(
                id=bound(name, 1000) or "(no name)",
                outcome=held.outcome,
                file=relative(file, self._context.root),
                line=line,
                duration_seconds=held.duration,
                message=bound(message),
                traceback=bound(held.output) if held.outcome is TestOutcome.FAILED else "",
            )
        )
