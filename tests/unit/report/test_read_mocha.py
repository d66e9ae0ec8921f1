"""What Mocha leaves: the `json` document, the lines of `json-stream` and the text of `spec`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read


def one(title: str, **fields: Any) -> dict[str, Any]:
    return {"title": title, "fullTitle": f"add {title}", "file": "/src/t/add.js", **fields}


def document(
    passes: list[Any], failures: list[Any], pending: list[Any], *more: Any, **stats: Any
) -> str:
    hooks = [test for test in failures if "hook" in test["title"]]
    ended = [test for test in [*passes, *failures, *pending, *more] if test not in hooks]
    counts = {
        "suites": 1,
        "tests": len(ended),
        "passes": len(passes),
        "pending": len(pending),
        "failures": len(failures),
        "end": "2026-01-01",
        **stats,
    }
    lists = {"tests": ended, "pending": pending, "failures": failures, "passes": passes}
    return json.dumps({"stats": counts, **lists}, indent=2)


BOOM = {"message": "boom", "stack": "Error: boom\n    at Context.<anonymous> (t/add.js:7:30)"}


def test_json() -> None:
    failures = [one("breaks", duration=5, err=BOOM), one('"before all" hook for "x"', err=BOOM)]
    findings, tests = read("mocha-json", document([one("works")], failures, [one("later")]))
    assert outcomes(tests) == {
        "add works": "passed",
        "add breaks": "failed",
        'add "before all" hook for "x"': "error",
        "add later": "skipped",
    }
    broken = tests[1]
    assert (broken.file, broken.line, broken.duration_seconds) == ("t/add.js", 7, 0.005)
    assert (broken.message, broken.traceback) == ("boom", BOOM["stack"])
    assert (findings.is_complete, findings.says_success, findings.declared_total) == (
        True,
        False,
        4,
    )


def test_json_between_other_output() -> None:
    text = "starting {\n" + document([one("works")], [], []) + "\nnpm notice\n"
    findings, tests = read("mocha-json", text)
    assert (findings.is_complete, outcomes(tests)) == (True, {"add works": "passed"})


def test_a_test_in_no_list_is_not_green() -> None:
    _, tests = read("mocha-json", document([one("works")], [], [], one("odd")))
    assert outcomes(tests)["add odd"] == "not_run"


@pytest.mark.parametrize("cut", [30, 200, 400])
def test_json_cut_short(cut: int) -> None:
    text = document([one("works")], [], [])
    findings, tests = read("mocha-json", text[: len(text) - cut])
    assert (findings.is_complete, tests) == (False, [])


def test_stream_cut_short_and_whole() -> None:
    lines = [
        '["start",{"total":3}]',
        "hello",
        json.dumps(["pass", one("works")], separators=(",", ":")),
        json.dumps(["fail", one("breaks", err="boom", stack=BOOM["stack"])], separators=(",", ":")),
    ]
    findings, tests = read("mocha-stream", "\n".join(lines))
    assert outcomes(tests) == {"add works": "passed", "add breaks": "failed"}
    assert (findings.is_recognised, findings.is_complete) == (True, False)
    assert (tests[1].message, tests[1].line) == ("boom", 7)
    lines.append('["end",{"tests":2,"passes":1,"pending":1,"failures":1}]')
    findings, _ = read("mocha-stream", "\n".join(lines))
    assert (findings.is_complete, findings.says_success) == (True, False)
    assert findings.unnamed == {TestOutcome.SKIPPED: 1}


SPEC = """

  add
hello
    ✔ works (12ms)
    - later
    1) breaks
    nested
      ✔ deep
      2) "after each" hook for "deep"
  top
    ✔ last


  3 passing (9ms)
  1 pending
  2 failing

  1) add
       breaks:
     Error: boom
      at Context.<anonymous> (t/add.js:7:30)

  2) add
       nested
         "after each" hook for "deep":
     Error: again
"""


def test_spec() -> None:
    findings, tests = read("mocha-text", SPEC)
    assert outcomes(tests) == {
        "add works": "passed",
        "add later": "skipped",
        "add nested deep": "passed",
        "top last": "passed",
        "add breaks": "failed",
        'add nested "after each" hook for "deep"': "error",
    }
    broken = next(test for test in tests if test.id == "add breaks")
    assert (broken.message, broken.traceback.count("\n")) == ("Error: boom", 1)
    assert (findings.is_complete, findings.unnamed) == (True, {})


def test_a_summary_alone_is_counted() -> None:
    findings, tests = read("mocha-text", b"  ..!\n\n  2 passing (1s)\n  1 failing\n")
    assert tests == []
    assert findings.unnamed == {TestOutcome.PASSED: 2, TestOutcome.FAILED: 1}


def test_spec_without_its_end_is_cut_short() -> None:
    findings, _ = read("mocha-text", SPEC.partition("  3 passing")[0])
    assert not findings.is_complete
