"""What a `go test` run was, told by its packages and their tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, ReadContext, bound
from greenlane.report.formats.excerpt import Excerpt

_MESSAGE = re.compile(r"^\s+(\S+\.go):(\d+): ?(.*)$")
_POSITION = re.compile(r"\.go:\d+:\d+")
_FRAME = re.compile(r"^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:PASS|FAIL|SKIP|BENCH):)")
_DEATH = re.compile(r"^(?:panic: |fatal error: |SIG[A-Z]+: |signal: |unexpected fault address)")
_GOROUTINE = re.compile(r"^goroutine \d+ .*\[")
_STILL_RUNNING = re.compile(r"^\t\t((?:Test|Fuzz|Example)\S*) \([\dhms.µn]+\)$")
_TIMED_OUT = "panic: test timed out after "
_LISTED = re.compile(r"^(?:Test|Benchmark|Fuzz|Example)\w*$")
_USAGE = re.compile(
    r"^flag provided but not defined: |^testing: invalid regexp|^invalid (?:boolean )?value "
    r"|^flag needs an argument: "
)
_MAX_PROBLEMS = 20
_MAX_HELD = 1000


@dataclass
class _Test:
    """A test that has started."""

    is_paused: bool = False
    output: Excerpt = field(default_factory=Excerpt)


@dataclass
class _Package:
    """A package whose verdict has not come."""

    tests: dict[str, _Test] = field(default_factory=dict)  # started and not ended
    output: Excerpt = field(default_factory=Excerpt)
    ended: int = 0
    red: int = 0
    is_listing: bool = False
    last_words: bool = False  # something that may be a panic was printed
    has_died: bool = False
    usage: str = ""


class GoRun:
    """Collect the events of a run; packages may run side by side."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._packages: dict[str, _Package] = {}
        self._builds: dict[str, Excerpt] = {}
        self._problems: list[str] = []
        self._running: list[str] = []
        self._statuses: set[RunStatus] = set()
        self._executed = self._ended = 0
        self._builds_failed = 0
        self._unbuilt: dict[str, str] = {}
        self._over: dict[str, bool] = {}  # packages that ended: whether they passed
        self._held: dict[str, tuple[TestOutcome, list[str], float | None]] = {}

    def start_package(self, name: str) -> None:
        """Begin with a package."""
        self._packages.setdefault(name, _Package())

    def start_test(self, package: str, test: str) -> None:
        """Begin with a test, or go on with one that had paused."""
        tests = self._packages.setdefault(package, _Package()).tests
        tests.setdefault(test, _Test()).is_paused = False

    def pause_test(self, package: str, test: str) -> None:
        """Note that a parallel test waits for its turn."""
        self.start_test(package, test)
        self._packages[package].tests[test].is_paused = True

    def add_output(self, package: str, test: str, line: str) -> None:
        """Take a line that a test, or its package outside of any test, has printed."""
        known = self._packages.setdefault(package, _Package())
        if _DEATH.match(line):
            known.last_words = True
            known.has_died = known.has_died or line.startswith("signal: ")
        elif known.last_words and _GOROUTINE.match(line):
            known.has_died = True
        if test and test in known.tests:
            if not _FRAME.match(line):
                known.tests[test].output.add(line)
            return
        if known.last_words and (named := _STILL_RUNNING.match(line)):
            known.tests.setdefault(named[1], _Test())
        if _LISTED.match(line):
            known.is_listing = True
        if not known.usage and _USAGE.match(line):
            known.usage = line
        known.output.add(line)

    def end_test(
        self, package: str, test: str, outcome: TestOutcome, seconds: float | None = None
    ) -> None:
        """Note how a test ended."""
        known = self._packages.setdefault(package, _Package())
        lines = known.tests.pop(test, _Test()).output.lines()
        known.ended += 1
        known.red += outcome in RED
        test_id = _identify(package, test)
        if outcome in RED and self._may_be_retried(test_id):
            self._held[test_id] = (outcome, lines, seconds)
            return
        if package in self._over:
            self._held.pop(test_id, None)
        self._send(test_id, outcome, lines, seconds)

    def _may_be_retried(self, test_id: str) -> bool:
        """Tell whether a red test must have passed later: the run as a whole says that it passed.

        `gotestsum --rerun-fails` runs a package again for its red tests.
        """
        is_known = test_id in self._held
        return self._context.exit_code == 0 and (is_known or len(self._held) < _MAX_HELD)

    def add_build_output(self, target: str, line: str) -> None:
        """Take a line of the compiler or of vet about a build target."""
        self._builds.setdefault(target, Excerpt()).add(line)

    def pass_package(self, name: str, *, has_tests: bool = True) -> None:
        """End a package that passed; where no test was named the package stands for its tests."""
        known = self._packages.pop(name, _Package())
        self._end_package(name, is_ok=True)
        for test, state in known.tests.items():  # benchmarks have no end of their own
            self._send(_identify(name, test), TestOutcome.PASSED, state.output.lines(), None)
        if known.is_listing and not known.ended and not known.tests:
            self._statuses.add(RunStatus.LISTED)
        elif has_tests and not known.ended and not known.tests:
            self._send(name, TestOutcome.PASSED, [], None)

    def skip_package(self, name: str) -> None:
        """End a package that has no tests."""
        self._packages.pop(name, None)
        self._end_package(name, is_ok=True)

    def fail_build(self, name: str, target: str = "") -> None:
        """End a package that could not be built, or that does not exist."""
        self._packages.pop(name, None)
        self._end_package(name, is_ok=False)
        self._unbuilt[name] = target or name  # what the compiler said may come later

    def fail_package(self, name: str) -> None:
        """End a package that failed; tests that had not ended were running when it died."""
        known = self._packages.pop(name, _Package())
        self._end_package(name, is_ok=False)
        if known.usage and not known.ended:
            self._statuses.add(RunStatus.USAGE_ERROR)
            self._add_problem(known.usage)
            return
        if known.is_listing and not known.ended and not known.tests:
            self._statuses.add(RunStatus.LISTED)
            return
        is_broken = self._break(name, known)
        if not is_broken and not known.red:
            self._fail_outside(name, known)
        if is_broken or known.has_died:
            self._statuses.add(RunStatus.CRASHED)

    def _end_package(self, name: str, *, is_ok: bool) -> None:
        self._ended += 1
        self._over[name] = is_ok

    def note_usage(self, line: str) -> None:
        """Note that the go command itself refused to run."""
        self._statuses.add(RunStatus.USAGE_ERROR)
        self._add_problem(line)

    def finish(self) -> Findings:
        """Say what the run was."""
        is_cut = bool(self._packages)
        is_listing = RunStatus.LISTED in self._statuses and not self._executed
        for name, target in self._unbuilt.items():
            if not is_listing:
                self._send_unbuilt(name, self._builds.get(target, Excerpt()).lines())
        for name, known in list(self._packages.items()):
            self._break(name, known)
        for test_id, (outcome, lines, seconds) in self._held.items():
            self._send(test_id, outcome, lines, seconds)
        return Findings(
            is_recognised=bool(self._ended or is_cut or self._statuses),
            is_complete=not is_cut,
            says_success=all(self._over.values()) if self._ended and not is_cut else None,
            status=self._status(is_cut=is_cut),
            problems=self._problems if self._context.exit_code != 0 else [],
            running=self._running,
        )

    def _status(self, *, is_cut: bool) -> RunStatus | None:
        if is_cut:
            return RunStatus.TIMEOUT if self._context.timed_out else RunStatus.CRASHED
        if RunStatus.CRASHED in self._statuses:
            return RunStatus.CRASHED
        if RunStatus.LISTED in self._statuses and not self._executed:
            return RunStatus.LISTED
        if self._builds_failed:
            return RunStatus.BUILD_ERROR if self._executed == self._builds_failed else None
        if RunStatus.USAGE_ERROR in self._statuses and not self._executed:
            return RunStatus.USAGE_ERROR
        return None

    def _break(self, name: str, known: _Package) -> bool:
        """Emit the tests that a dead package left behind; say whether there were any."""
        said = [
            *known.output.lines(),
            *(line for one in known.tests.values() for line in one.output.lines()),
        ]
        has_timed_out = self._context.timed_out or any(one.startswith(_TIMED_OUT) for one in said)
        because = "timeout" if has_timed_out else "crash"
        for test, state in known.tests.items():
            is_parent = any(other.startswith(f"{test}/") for other in known.tests)
            if state.is_paused and not is_parent:
                self._send(_identify(name, test), TestOutcome.NOT_RUN, [], None)
                continue
            test_id = _identify(name, test)
            self._send(test_id, TestOutcome.ERROR, state.output.lines(), None, message=because)
            self._running.append(test_id)
        del self._running[_MAX_PROBLEMS:]
        return bool(known.tests)

    def _send_unbuilt(self, name: str, lines: list[str]) -> None:
        said = [line for line in lines if not line.startswith("#")]
        if _is_misnamed(name, said):
            self._statuses.add(RunStatus.USAGE_ERROR)
            self._add_problem(" ".join(said) or f"there is no package {name}")
            return
        self._builds_failed += 1
        self._add_problem("\n".join(said) or f"the package {name} could not be built")
        self._send(name, TestOutcome.ERROR, said or ["build failed"], None)

    def _fail_outside(self, name: str, known: _Package) -> None:
        """Emit a package that failed although no test of it did: TestMain, init, a data race."""
        lines = [line for line in known.output.lines() if not line.startswith("FAIL\t")]
        if not any("DATA RACE" in line or "data race" in line for line in lines):
            self._statuses.add(RunStatus.CRASHED)
        self._send(name, TestOutcome.ERROR, lines, None)

    def _add_problem(self, text: str) -> None:
        if len(self._problems) < _MAX_PROBLEMS:
            self._problems.append(bound(text, 1000))

    def _send(
        self,
        test_id: str,
        outcome: TestOutcome,
        lines: list[str],
        seconds: float | None,
        *,
        message: str = "",
    ) -> None:
        self._executed += outcome in EXECUTED
        file, line, said = _explain(lines, outcome)
        self._emit(
            TestCase(
                id=bound(test_id, 1000),
                outcome=outcome,
                file=file,
                line=line,
                duration_seconds=seconds,
                message=bound(message or said),
                traceback=bound("\n".join(lines)) if outcome in RED else "",
            )
        )


def _identify(package: str, test: str) -> str:
    return f"{package}.{test}" if package else test


def _is_misnamed(name: str, said: Iterable[str]) -> bool:
    """Tell a package that was misnamed on the command line from one that cannot be built."""
    text = "\n".join(said)
    if _POSITION.search(text):
        return False
    return name.startswith((".", "/")) or "matched no packages" in text or "pattern " in text


def _explain(lines: list[str], outcome: TestOutcome) -> tuple[str, int, str]:
    """Find file, line and message in what a test printed."""
    if outcome in (TestOutcome.PASSED, TestOutcome.NOT_RUN):
        return "", 0, ""
    for number, text in enumerate(lines):
        if _DEATH.match(text):
            return "", 0, text
        if found := _MESSAGE.match(text):
            more = [one for line in lines[number + 1 :] if (one := _say(line))]
            return found[1], int(found[2][:9]), "\n".join([found[3], *more[:20]]).strip()
    return "", 0, "\n".join(lines[:20]).strip()


def _say(line: str) -> str:
    """Give what a later line of a test's log adds to its message."""
    if found := _MESSAGE.match(line):
        return found[3]
    return line.strip() if line.startswith("        ") else ""
