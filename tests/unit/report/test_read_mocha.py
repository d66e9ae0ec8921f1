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


def test_dots_name_what_failed() -> None:
    text = """

  ..!,!

  2 passing (1s)
  1 pending
  2 failing

  1) add
       nested
         breaks:

      AssertionError: 1 == 2
      at Context.<anonymous> (t/add.js:7:30)

  2) "before all" hook in "{root}":
     Error: no database
"""
    findings, tests = read("mocha-text", text.encode())
    assert outcomes(tests) == {
        "add nested breaks": "failed",
        '"before all" hook in "{root}"': "error",
    }
    assert tests[0].message == "AssertionError: 1 == 2"
    assert findings.unnamed == {TestOutcome.PASSED: 2, TestOutcome.SKIPPED: 1}


def test_list_has_whole_titles() -> None:
    text = b"""
    add works:\r  \xe2\x9c\x94 add works: 12ms
    add breaks:\r  1) add breaks
  - add later
  2) add "after each" hook for "works"

  1 passing (1s)
  1 pending
  2 failing

  1) add
       breaks:
     Error: boom
"""
    findings, tests = read("mocha-text", text)
    assert outcomes(tests) == {
        "add works": "passed",
        "add later": "skipped",
        "add breaks": "failed",
        'add "after each" hook for "works"': "error",
    }
    assert tests[0].duration_seconds == 0.012
    assert findings.unnamed == {}


def awesome(title: str, **fields: Any) -> dict[str, Any]:
    return {"pass": False, "fail": False, "pending": False, "err": {}, **one(title), **fields}


def test_mochawesome() -> None:
    error = {"message": "Error: boom", "estack": BOOM["stack"]}
    hook = awesome('"before all" hook for "never"', fail=True, err=error)
    suite = {
        "fullFile": "/src/t/add.js",
        "beforeHooks": [hook, awesome("fine hook", **{"pass": True})],
        "afterHooks": [],
        "tests": [
            awesome("works", duration=5, **{"pass": True}),
            awesome("breaks", fail=True, err=error),
            awesome("later", pending=True),
            awesome("never", skipped=True),
        ],
        "suites": [],
    }
    counts = {"suites": 1, "tests": 4, "passes": 1, "pending": 1, "failures": 2}
    stats = {**counts, "end": "2026-01-01", "testsRegistered": 5}
    text = json.dumps(
        {"stats": stats, "results": [{**suite, "tests": [], "beforeHooks": [], "suites": [suite]}]}
    )
    findings, tests = read("mocha-json", text)
    assert outcomes(tests) == {
        'add "before all" hook for "never"': "error",
        "add works": "passed",
        "add breaks": "failed",
        "add later": "skipped",
        "add never": "not_run",
    }
    broken = tests[2]
    assert (broken.file, broken.line, broken.message) == ("t/add.js", 7, "Error: boom")
    assert (findings.is_complete, findings.says_success) == (True, False)
