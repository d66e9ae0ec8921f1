"""What Playwright's JSON reporter leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenlane.model.report import RunStatus
from tests.unit.report.reading import outcomes, read

ERROR = {"message": "Error: \x1b[31mno\x1b[39m\n\n  2 | test\n    at /src/tests/a.spec.js:4:45"}


def spec(title: str, status: str, *results: str) -> dict[str, Any]:
    runs = [
        {"status": one, "duration": 500, "errors": [] if one == "passed" else [ERROR]}
        for one in results
    ]
    return {
        "title": title,
        "tests": [{"status": status, "results": runs}],
        "file": "a.spec.js",
        "line": 3,
    }


def document(*specs: dict[str, Any], errors: tuple[dict[str, Any], ...] = ()) -> str:
    inner = {"title": "add", "file": "a.spec.js", "specs": specs, "suites": []}
    file = {"title": "a.spec.js", "file": "a.spec.js", "specs": [], "suites": [inner]}
    words = [one["tests"][0]["status"] for one in specs]
    kinds = ("expected", "skipped", "unexpected", "flaky")
    counts = {one: words.count(one) for one in kinds}
    return json.dumps(
        {
            "config": {"configFile": "/src/playwright.config.js", "rootDir": "/src/tests"},
            "suites": [file] if specs else [],
            "errors": errors,
            "stats": {"startTime": "2026", "duration": 1, **counts},
        },
        indent=2,
    )


def test_outcomes() -> None:
    findings, tests = read(
        "playwright-json",
        document(
            spec("passes", "expected", "passed"),
            spec("fails", "unexpected", "failed", "failed"),
            spec("flaky", "flaky", "failed", "passed"),
            spec("known", "expected", "failed"),
            spec("surprise", "unexpected", "passed"),
            spec("cut", "unexpected", "interrupted"),
            spec("later", "skipped"),
        ),
    )
    assert outcomes(tests) == {
        "add > passes": "passed",
        "add > fails": "failed",
        "add > flaky": "passed",
        "add > known": "xfail",
        "add > surprise": "failed",
        "add > cut": "error",
        "add > later": "skipped",
    }
    fails = tests[1]
    assert (fails.file, fails.line, fails.duration_seconds) == ("tests/a.spec.js", 3, 0.5)
    assert fails.message == "Error: no"
    assert (findings.is_complete, findings.says_success, findings.declared_total) == (
        True,
        False,
        7,
    )


def test_a_file_that_cannot_be_loaded() -> None:
    place = {"file": "/src/tests/b.spec.js", "line": 2, "column": 1}
    error = {"message": "SyntaxError: Unexpected token", "location": place}
    findings, tests = read("playwright-json", document(errors=(error,)))
    assert outcomes(tests) == {"tests/b.spec.js": "error"}
    assert (findings.status, findings.is_complete) == (RunStatus.BUILD_ERROR, True)
    assert findings.problems == ["SyntaxError: Unexpected token"]


def test_no_tests() -> None:
    findings, tests = read(
        "playwright-json", document(errors=({"message": "Error: No tests found"},))
    )
    assert (findings.status, tests) == (RunStatus.NO_TESTS, [])


def test_an_error_beside_green_tests_is_no_success() -> None:
    passes = spec("passes", "expected", "passed")
    error = {"message": "Error: the teardown broke"}
    findings, _ = read("playwright-json", document(passes, errors=(error,)))
    assert (findings.status, findings.says_success) == (None, False)


@pytest.mark.parametrize("cut", [1, 60, 300])
def test_a_report_cut_short(cut: int) -> None:
    text = document(spec("passes", "expected", "passed"))
    findings, _ = read("playwright-json", "hello\n" + text[: len(text) - cut])
    assert (findings.is_recognised, findings.is_complete) == (True, False)
