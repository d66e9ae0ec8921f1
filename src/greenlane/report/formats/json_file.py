"""Reports that are one JSON object: pytest-json-report, tox and nox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import (
    UNRECOGNISED,
    Emit,
    Findings,
    Format,
    ReadContext,
    Reader,
    bound,
)
from greenlane.report.formats.json_lines import number_of, text_of

_SIZE_LIMIT = 64 * 1024 * 1024  # bytes; such a report is held in memory whole

Told = tuple[Iterable[TestCase], Findings]


def _reader(tell: Callable[[dict[str, Any], ReadContext], Told]) -> Reader:
    """Make a reader of what tells the tests in a decoded report."""

    def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
        data = source.read(_SIZE_LIMIT + 1)
        if len(data) > _SIZE_LIMIT:
            return Findings(
                is_recognised=True, is_complete=False, problems=["the JSON report is too large"]
            )
        try:
            report = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Findings(is_recognised=bool(data), is_complete=False)
        if not isinstance(report, dict):
            return UNRECOGNISED
        tests, findings = tell(report, context)
        for test in tests:
            emit(test)
        return findings

    return read


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


_PYTEST = {
    "passed": TestOutcome.PASSED,
    "xpassed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
    "xfailed": TestOutcome.XFAIL,
}


def _tell_pytest(report: dict[str, Any], _context: ReadContext) -> Told:
    uncollected = [
        _uncollected(one)
        for one in _objects(report.get("collectors"))
        if one.get("outcome") == "failed"
    ]
    tests = [_pytest_case(one) for one in _objects(report.get("tests"))]
    ran = any(test.outcome is not TestOutcome.SKIPPED for test in tests)
    code = report.get("exitcode")
    return [*uncollected, *tests], Findings(
        is_recognised="exitcode" in report and isinstance(report.get("summary"), dict),
        is_complete=isinstance(code, int),
        says_success=code == 0,
        status=RunStatus.BUILD_ERROR if uncollected and not ran else None,
        problems=[f"{one.id} cannot be collected: {one.message}" for one in uncollected][:20],
    )


def _uncollected(collector: dict[str, Any]) -> TestCase:
    text = text_of(collector, "longrepr")
    last = next((one[1:].strip() for one in reversed(text.splitlines()) if one[:2] == "E "), text)
    name = text_of(collector, "nodeid") or "(session)"
    return TestCase(
        id=name, outcome=TestOutcome.ERROR, file=name, message=bound(last), traceback=bound(text)
    )


def _pytest_case(test: dict[str, Any]) -> TestCase:
    outcome = _PYTEST.get(text_of(test, "outcome"), TestOutcome.ERROR)
    phases = [
        one for one in (test.get(k) for k in ("setup", "call", "teardown")) if isinstance(one, dict)
    ]
    crash: dict[str, Any] = next(
        (one["crash"] for one in phases if isinstance(one.get("crash"), dict)), {}
    )
    texts = [text_of(one, "longrepr") for one in phases if text_of(one, "longrepr")]
    name = text_of(test, "nodeid") or "(no name)"
    return TestCase(
        id=bound(name, 1000),
        outcome=outcome,
        file=name.partition("::")[0],
        line=max(0, int(number_of(test, "lineno"))) + 1,
        duration_seconds=sum(number_of(one, "duration") for one in phases),
        message=bound(text_of(crash, "message")),
        traceback=bound("\n".join(texts)),
    )


def _tell_tox(report: dict[str, Any], context: ReadContext) -> Told:
    """Take each environment as a test; tox 4 says how it ended, tox 3 only how its commands did."""
    environments = report.get("testenvs")
    items = environments.items() if isinstance(environments, dict) else ()
    told = [_environment(str(name), one, context) for name, one in items if isinstance(one, dict)]
    known = [one for one in told if one is not None]
    proofs = {proof for test, proof in known if test.outcome is not TestOutcome.SKIPPED}
    return [test for test, _ in known], Findings(
        is_recognised="toxversion" in report,
        status=proofs.pop() if len(proofs) == 1 else None,
    )


def _environment(
    name: str, environment: dict[str, Any], context: ReadContext
) -> tuple[TestCase, RunStatus | None] | None:
    result = environment.get("result")
    setup, tests = _objects(environment.get("setup")), _objects(environment.get("test"))
    failed = next((one for one in (*setup, *tests) if _code(one.get("retcode"))), {})
    if isinstance(result, dict):
        code, is_good = _code(result.get("exit_code")), result.get("success") is True
        is_skipped = result.get("skipped") is True or text_of(result, "outcome") == "skipped"
        seconds: float | None = number_of(result, "duration")
    elif tests or failed:
        code, is_good, is_skipped, seconds = _code(failed.get("retcode")), not failed, False, None
    else:
        return None  # an environment that packages the project, or never began
    outcome = TestOutcome.PASSED if is_good else TestOutcome.FAILED
    if not is_good and f"{name}: IGNORED FAIL " in context.output():
        outcome = TestOutcome.XFAIL  # `ignore_outcome` of the project
    words = failed.get("command")
    command = " ".join(str(word) for word in words) if isinstance(words, list) else ""
    output = text_of(failed, "output") + text_of(failed, "err")
    test = TestCase(
        id=bound(name, 1000),
        outcome=TestOutcome.SKIPPED if is_skipped else outcome,
        duration_seconds=seconds,
        message="" if is_good else bound(f"exit code {code}: {command}".rstrip(": "), 500),
        output=bound(output),
    )
    if is_good:
        return test, None
    if any(one is failed for one in setup):
        return test, RunStatus.BUILD_ERROR
    return test, _PYTEST_CODES.get(code) if _RUNS_PYTEST.search(command) else None


def _code(value: Any) -> int:
    """Read an exit code, which tox 3 writes as text."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


_RUNS_PYTEST = re.compile(r"(?:^|[/ ])(?:pytest|py\.test)(?: |$)")
#: What an exit code of pytest says when it ran no test.
_PYTEST_CODES = {2: RunStatus.BUILD_ERROR, 4: RunStatus.USAGE_ERROR, 5: RunStatus.NO_TESTS}


_NOX = {
    "success": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "aborted": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
}


def _tell_nox(report: dict[str, Any], _context: ReadContext) -> Told:
    tests = [
        TestCase(
            id=bound(
                str(next(iter(one.get("signatures") or ()), "")) or text_of(one, "name"), 1000
            ),
            outcome=_NOX.get(text_of(one, "result"), TestOutcome.ERROR),
            duration_seconds=number_of(one, "duration"),
            message=bound(text_of(one, "reason")),
        )
        for one in _objects(report.get("sessions"))
    ]
    return tests, Findings(is_recognised=isinstance(report.get("sessions"), list))


PYTEST = Format(
    read=_reader(_tell_pytest), signature=r'\A\s*\{\s*"created": [\d.]+,[^{]*"exitcode": \d+'
)
TOX = Format(read=_reader(_tell_tox), signature=r'\A\s*\{\s*"reportversion": "\d+",\s*"toxversion"')
NOX = Format(read=_reader(_tell_nox), signature=r'\A\s*\{\s*"result": -?\d+,\s*"sessions": \[')
