"""What a run was: exit status, reports and output weighed together. Pure.

Green needs every witness: the exit status says pass, a recognised and complete report has at
least one executed test and no red one, and nothing contradicts it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from greenlane.model.report import RunStatus, Totals
from greenlane.model.suite import OutcomeRules

_DEADLY = frozenset({4, 6, 7, 8, 9, 11, 15, 31})  # signals that a shell reports as 128 + n
# Where several patterns are found in the output of a run without tests, the first of these wins.
_NAMING_ORDER = (
    RunStatus.BUILD_ERROR,
    RunStatus.USAGE_ERROR,
    RunStatus.TIMEOUT,
    RunStatus.CRASHED,
    RunStatus.NO_TESTS,
    RunStatus.LISTED,
)

Judgement = tuple[RunStatus, str]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known about a run."""

    exit_code: int | None  # negative: killed by that signal; None: nobody knows
    timed_out: bool = False
    rules: OutcomeRules = field(default_factory=OutcomeRules)
    expects_report: bool = True  # False: the exit status alone decides
    totals: Totals = field(default_factory=Totals)
    is_recognised: bool = False  # some source was of a known format
    is_complete: bool = False  # and every source that was read has its end
    status: RunStatus | None = None  # what the chosen source alone proves
    says_success: bool | None = None
    problems: tuple[str, ...] = ()  # errors outside of any test
    running: tuple[str, ...] = ()  # tests that never ended
    contradictions: tuple[str, ...] = ()  # reasons not to believe a green report
    hits: Mapping[RunStatus, str] = field(default_factory=dict)  # found in the output

    @property
    def says_pass(self) -> bool:
        """Tell whether the exit status alone says that the run passed."""
        return self.exit_code is not None and self.exit_code in self.rules.passed

    @property
    def says_failed(self) -> bool:
        """Tell whether the exit status says that tests failed; no codes named: any but a pass."""
        if self.says_pass or self.exit_code is None:
            return False
        return not self.rules.failed or self.exit_code in self.rules.failed


def classify(evidence: Evidence) -> Judgement:
    """Name what the run was and say why, in one line."""
    for rule in _RULES:
        if judgement := rule(evidence):
            return judgement
    return RunStatus.PASSED, f"exit status {evidence.exit_code}, {_counted(evidence.totals)}"


def _timed_out(evidence: Evidence) -> Judgement | None:
    if not evidence.timed_out:
        return _ended_by_its_own_limit(evidence)
    if evidence.status is RunStatus.BUILD_ERROR:
        return RunStatus.BUILD_ERROR, _first(evidence.problems, "a build error, then it hung")
    return RunStatus.TIMEOUT, _while_running("stopped by the time limit", evidence)


def _ended_by_its_own_limit(evidence: Evidence) -> Judgement | None:
    """Believe a framework that says that its own limit ended the whole run."""
    if evidence.says_pass:
        return None
    if evidence.exit_code in evidence.rules.timeout:
        return RunStatus.TIMEOUT, f"exit status {evidence.exit_code}"
    if hit := evidence.hits.get(RunStatus.TIMEOUT):
        return RunStatus.TIMEOUT, hit
    return None


def _killed(evidence: Evidence) -> Judgement | None:
    code = evidence.exit_code
    if code is None:
        return RunStatus.CRASHED, "the exit status is not known"
    number = -code if code < 0 else code - 128
    if code >= 0 and (
        number not in _DEADLY or evidence.is_complete or code in evidence.rules.failed
    ):
        return None
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return RunStatus.CRASHED, _while_running(f"killed by {name}", evidence)


def _proven(evidence: Evidence) -> Judgement | None:
    status = evidence.status
    if status is None or status in {RunStatus.PASSED, RunStatus.FAILED}:
        return None
    reason = evidence.hits.get(status) or _first(evidence.problems, "") or _counted(evidence.totals)
    return status, reason


def _nothing_ran(evidence: Evidence) -> Judgement | None:
    if evidence.totals.executed:
        return None
    if named := _named(evidence):
        return named
    if not evidence.expects_report and not evidence.is_recognised:
        return _by_exit_status(evidence)
    if evidence.says_pass:
        return RunStatus.NO_TESTS, _why_no_tests(evidence)
    if evidence.is_recognised:
        return _empty_and_failed(evidence)
    if evidence.says_failed:
        return RunStatus.FAILED, f"exit status {evidence.exit_code}, and no report was found"
    return (
        RunStatus.CRASHED,
        f"unexpected exit status {evidence.exit_code}, and no report was found",
    )


def _named(evidence: Evidence) -> Judgement | None:
    """Name a run without tests by its output, else by its exit status."""
    for status in _NAMING_ORDER:
        if hit := evidence.hits.get(status):
            return status, hit
    rules, code = evidence.rules, evidence.exit_code
    by_code = {
        RunStatus.USAGE_ERROR: rules.usage_error,
        RunStatus.BUILD_ERROR: rules.build_error,
        RunStatus.NO_TESTS: rules.no_tests,
        RunStatus.CRASHED: rules.crashed,
    }
    for status, codes in by_code.items():
        if code in codes:
            return status, _first(evidence.problems, f"exit status {code}")
    return None


def _by_exit_status(evidence: Evidence) -> Judgement:
    if evidence.contradictions:
        return RunStatus.CRASHED, evidence.contradictions[0]
    status = RunStatus.PASSED if evidence.says_pass else RunStatus.FAILED
    return status, f"exit status {evidence.exit_code}, judged by it alone"


def _why_no_tests(evidence: Evidence) -> str:
    totals = evidence.totals
    if evidence.contradictions:
        return evidence.contradictions[0]
    if totals.total:
        return f"no test was executed: {_counted(totals)}"
    if evidence.is_recognised:
        return "the report has no tests"
    return f"exit status {evidence.exit_code}, but no report was found"


def _empty_and_failed(evidence: Evidence) -> Judgement:
    code = evidence.exit_code
    if evidence.problems:
        return RunStatus.BUILD_ERROR, evidence.problems[0]
    if evidence.running or not evidence.is_complete:
        return RunStatus.CRASHED, f"exit status {code}, and the report was cut short"
    return RunStatus.NO_TESTS, f"exit status {code}; {_why_no_tests(evidence)}"


def _red(evidence: Evidence) -> Judgement | None:
    totals, code = evidence.totals, evidence.exit_code
    if not totals.red:
        return None
    if evidence.running or code in evidence.rules.crashed:
        return RunStatus.CRASHED, _while_running(f"exit status {code}", evidence)
    if evidence.says_pass:
        return RunStatus.FAILED, f"{_counted(totals)}, although the exit status is {code}"
    if not evidence.is_complete and not evidence.says_failed:
        return RunStatus.CRASHED, f"exit status {code}, and the report was cut short"
    return RunStatus.FAILED, _counted(totals)


def _not_believed(evidence: Evidence) -> Judgement | None:
    """Find what speaks against a report without red tests."""
    if evidence.running or not evidence.is_complete:
        return RunStatus.CRASHED, _while_running("the report was cut short", evidence)
    if evidence.says_pass and evidence.contradictions:
        return RunStatus.CRASHED, evidence.contradictions[0]
    if evidence.says_pass and (evidence.says_success is False or evidence.problems):
        return RunStatus.FAILED, _first(evidence.problems, "the report itself says that it failed")
    return None


def _exit_status(evidence: Evidence) -> Judgement | None:
    if evidence.says_pass:
        return None
    if evidence.exit_code in evidence.rules.crashed or RunStatus.CRASHED in evidence.hits:
        why = evidence.hits.get(RunStatus.CRASHED, f"exit status {evidence.exit_code}")
        return RunStatus.CRASHED, why
    fallback = f"exit status {evidence.exit_code}, although no test is red"
    return RunStatus.FAILED, _first(evidence.problems, fallback)


_RULES: tuple[Callable[[Evidence], Judgement | None], ...] = (
    _timed_out,
    _killed,
    _proven,
    _nothing_ran,
    _red,
    _not_believed,
    _exit_status,
)


def _first(texts: tuple[str, ...], fallback: str) -> str:
    return texts[0].strip().partition("\n")[0] if texts and texts[0].strip() else fallback


def _while_running(what: str, evidence: Evidence) -> str:
    return f"{what} while {evidence.running[0]} was running" if evidence.running else what


def _counted(totals: Totals) -> str:
    """Say the counts in words: `3 passed, 1 failed`."""
    names = ("failed", "error", "passed", "skipped", "xfail", "not_run")
    parts = [f"{getattr(totals, name)} {name.replace('_', ' ')}" for name in names]
    return ", ".join(part for part in parts if not part.startswith("0 ")) or "no tests"
