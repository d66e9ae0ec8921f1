"""The reports of tox 4, tox 3 and nox: environments and sessions as tests."""

from __future__ import annotations

import io
import json
from typing import Any

from greenlane.model.report import RunStatus, TestCase
from greenlane.report.formats import READERS
from greenlane.report.formats.base import Findings, ReadContext
from tests.unit.report.reading import outcomes, read

PYTEST = ["/p/.tox/py/bin/pytest", "-q"]


def ran(code: int, *, skipped: bool = False, **more: Any) -> dict[str, Any]:
    result = {"success": code == 0, "exit_code": code, "duration": 1.5, "skipped": skipped}
    return {"result": result, **more}


def command(code: int | str, words: list[str] = PYTEST, **more: Any) -> dict[str, Any]:
    return {"command": words, "retcode": code, "output": "out", "err": "", **more}


def tox(output: str = "", **environments: Any) -> tuple[Findings, list[TestCase]]:
    report = {"reportversion": "1", "toxversion": "4.6", "testenvs": environments}
    data = json.dumps(report, indent=2).encode()
    assert READERS["tox"].pattern.search(data)
    tests: list[TestCase] = []
    context = ReadContext(exit_code=1, output=lambda: output)
    return READERS["tox"].read(io.BytesIO(data), tests.append, context), tests


def test_tox_environments() -> None:
    findings, tests = tox(
        a=ran(0, test=[command(0)]),
        b=ran(1, test=[command(1)]),
        c=ran(0, skipped=True),
        pkg={"setup": [command(0)]},
    )
    assert outcomes(tests) == {"a": "passed", "b": "failed", "c": "skipped"}
    assert tests[1].message == "exit code 1: /p/.tox/py/bin/pytest -q"
    assert (tests[1].output, tests[1].duration_seconds) == ("out", 1.5)
    assert findings.status is None


def test_tox_3_says_only_how_commands_ended() -> None:
    _, tests = tox(
        a={"setup": [command(0)], "test": [command("0"), command("0")]},
        b={"setup": [command("0")], "test": [command("0"), command("2", ["flake8"])]},
        c={"setup": [], "test": []},
    )
    assert outcomes(tests) == {"a": "passed", "b": "failed"}


def test_tox_with_an_environment_that_could_not_be_set_up() -> None:
    install = command(1, ["python", "-m", "pip", "install", "nowhere"])
    findings, _ = tox(a=ran(1, setup=[install], test=[]))
    assert findings.status is RunStatus.BUILD_ERROR
    findings, _ = tox(a=ran(1, setup=[install], test=[]), b=ran(0, test=[command(0)]))
    assert findings.status is None


def test_tox_with_a_pytest_that_ran_nothing() -> None:
    for code, status in ((5, RunStatus.NO_TESTS), (4, RunStatus.USAGE_ERROR), (1, None)):
        findings, _ = tox(a=ran(code, test=[command(code)]))
        assert findings.status is status
    findings, _ = tox(a=ran(5, test=[command(5, ["make", "docs"])]))
    assert findings.status is None


def test_tox_ignores_an_outcome_only_where_it_says_so() -> None:
    failed = ran(1, test=[command(1)])
    said = "  a: IGNORED FAIL code 1 (1.5 seconds)\n"
    assert outcomes(tox(said, a=failed)[1]) == {"a": "xfail"}
    assert outcomes(tox(said.replace("a:", "b:"), a=failed)[1]) == {"a": "failed"}


def test_tox_with_nonsense() -> None:
    _, tests = tox(a=7, b=[], c={"result": 3, "test": 4}, d=ran(1, test=[{"retcode": "x"}, 5]))
    assert outcomes(tests) == {"d": "failed"}


def test_nox_sessions() -> None:
    sessions = [
        {"name": "tests", "signatures": ["tests-3.11(db='a')"], "result": "success", "duration": 2},
        {"name": "lint", "signatures": [], "result": "failed", "reason": "no"},
        {"name": "docs", "result": "skipped", "reason": "no interpreter"},
        {"name": "cut", "result": "aborted"},
        {"name": "odd", "result": 8},
        7,
    ]
    findings, tests = read("nox", json.dumps({"result": 1, "sessions": sessions}))
    assert outcomes(tests) == {
        "tests-3.11(db='a')": "passed",
        "lint": "failed",
        "docs": "skipped",
        "cut": "error",
        "odd": "error",
    }
    assert findings.is_recognised


def test_cut_short() -> None:
    for name in ("tox", "nox", "pytest-json"):
        findings, tests = read(name, '{"reportversion": "1", "toxver')
        assert (findings.is_complete, tests) == (False, [])
