"""What Vitest prints for people."""

from __future__ import annotations

import io
import json

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats import READERS
from greenlane.report.formats.base import ReadContext
from tests.unit.report.reading import outcomes, read

MIXED = """
 > src/add.test.js (4 tests | 2 failed) 22ms
     x fails 9ms

 Test Files  1 failed | 1 passed (2)
      Tests  2 failed | 3 passed | 1 expected fail | 2 skipped | 1 todo (9)
   Duration  817ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 2 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  src/add.test.js:4:3 > add > fails
 FAIL  |unit| src/b.test.ts > one
AssertionError: expected 1 to be 2

- 2
+ 1
⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/3]⎯

 FAIL  src/add.test.js:4:3 > add > fails
AssertionError: once more
"""


def test_red_tests_are_named_and_the_others_counted() -> None:
    findings, tests = read("vitest-text", MIXED)
    assert outcomes(tests) == {"add fails": "failed", "one": "failed"}
    assert (tests[0].file, tests[0].line) == ("src/add.test.js", 4)
    assert (tests[1].file, tests[1].message) == (
        "src/b.test.ts",
        "AssertionError: expected 1 to be 2",
    )
    assert findings.unnamed == {TestOutcome.PASSED: 4, TestOutcome.SKIPPED: 3}
    assert findings.is_complete


def test_a_file_that_cannot_be_run_is_a_build_error() -> None:
    text = """
     FAIL  src/x.test.js [ src/x.test.js ]
    Error: Cannot find module './nope'

     Test Files  1 failed (1)
          Tests  no tests
    """
    text = "\n".join(line[4:] for line in text.splitlines())
    findings, tests = read("vitest-text", text)
    assert outcomes(tests) == {"src/x.test.js": "error"}
    assert (findings.status, findings.unnamed) == (RunStatus.BUILD_ERROR, {})


def test_unhandled_errors_are_problems() -> None:
    findings, _ = read("vitest-text", b"      Tests  2 passed (2)\n     Errors  1 error\n")
    assert findings.problems == ["1 error outside of the tests"]


def test_without_the_summary_nothing_is_known() -> None:
    findings, _ = read("vitest-text", MIXED.partition(" Test Files")[0])
    assert not findings.is_complete


JUNIT = """
<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="2" failures="1" errors="0" time="1.1">
  <testsuite name="a.test.js" tests="1" failures="0" errors="0" skipped="0" time="0.9">
    <testcase classname="a.test.js" name="add &gt; nested &gt; each 1" time="0.04"></testcase>
  </testsuite>
  <testsuite name="src/b.test.js" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase classname="src/b.test.js" name="src/b.test.js" time="0">
      <failure message="Cannot find module './nowhere'" type="Error">Error: no</failure>
    </testcase>
  </testsuite>
</testsuites>
"""
TAP = """
TAP version 13
1..2
not ok 1 - a.test.js # time=2.0ms {
    1..1
    not ok 1 - add # time=1.0ms {
        1..3
        ok 1 - passes # time=6.68ms
        ok 2 - some day # TODO
        not ok 3 - fails # time=1.00ms
            ---
            error:
                name: "AssertionError"
                message: "expected 2 to be 1"
            ...
    }
}
not ok 2 - b.test.js # time=0.00ms
    ---
    error:
        name: "Error"
        message: "Cannot find module"
    ...
"""
TAP_FLAT = """
TAP version 13
1..3
ok 1 - src/a.test.js > add > passes # time=0.50ms
ok 2 - src/a.test.js > add > some day # TODO
not ok 3 - src/a.test.js > add > fails # time=0.50ms
"""


def test_junit_has_the_ids_of_the_json() -> None:
    findings, tests = read("vitest-junit", JUNIT)
    assert outcomes(tests) == {"add nested each 1": "passed", "src/b.test.js": "error"}
    assert (tests[1].file, findings.status) == ("src/b.test.js", None)


def test_junit_of_files_that_cannot_be_run_is_a_build_error() -> None:
    head, _, rest = JUNIT.partition('  <testsuite name="a.test.js"')
    text = head + rest.partition("</testsuite>")[2]
    findings, tests = read("vitest-junit", text)
    assert outcomes(tests) == {"src/b.test.js": "error"}
    assert findings.status is RunStatus.BUILD_ERROR


def test_tap_has_the_ids_of_the_json() -> None:
    _, tests = read("vitest-tap", TAP)
    assert outcomes(tests) == {
        "add passes": "passed",
        "add some day": "skipped",
        "add fails": "failed",
        "b.test.js": "error",
    }
    assert {test.file for test in tests} == {"a.test.js", "b.test.js"}
    _, tests = read("vitest-tap", TAP_FLAT)
    assert outcomes(tests) == {
        "add passes": "passed",
        "add some day": "skipped",
        "add fails": "failed",
    }


def test_tap_that_was_cut_short_is_not_complete() -> None:
    findings, _ = read("vitest-tap", TAP_FLAT.partition("not ok")[0])
    assert not findings.is_complete


VERBOSE = """
 RUN  v4.1.12 /src

stdout | a.test.js > add > passes
 said by it

 ✓ a.test.js > add > passes 39ms
 × a.test.js > add > fails 105ms
   → expected 1 to be 2
 ↓ a.test.js > add > later
 □ a.test.js > add > some day
 ✓ a.test.js > flaky 326ms (retry x1)
 ✓  unit  src/b.test.ts > in a project 1ms

 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 3 passed | 1 skipped | 1 todo (6)
   Duration  8.85s

 FAIL  a.test.js > add > fails
AssertionError: expected 1 to be 2
"""
TREE = """
 RUN  v4.1.12 /src

 ❯ a.test.js (4 tests | 1 failed | 1 skipped) 780ms
   ❯ add (3)
     ✓ passes 25ms
     × fails 89ms
     ❯ nested (1)
       ✓ each (1) 1ms
   ↓ later
 ✓ b.test.js (1 test) 12ms
   ✓ only 2ms

 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 3 passed | 1 skipped (5)
"""  # noqa: RUF001


def test_the_verbose_reporter_names_all_tests() -> None:
    findings, tests = read("vitest-text", VERBOSE.encode())
    assert outcomes(tests) == {
        "add passes": "passed",
        "add fails": "failed",
        "add later": "skipped",
        "add some day": "skipped",
        "flaky": "passed",
        "in a project": "passed",
    }
    files = {test.id: test.file for test in tests}
    assert (files["add fails"], files["in a project"]) == ("a.test.js", "src/b.test.ts")
    assert (findings.unnamed, findings.is_complete) == ({}, True)


def test_the_tree_names_all_tests() -> None:
    findings, tests = read("vitest-text", TREE.encode())
    assert outcomes(tests) == {
        "add passes": "passed",
        "add fails": "failed",
        "add nested each (1)": "passed",
        "later": "skipped",
        "only": "passed",
    }
    assert findings.unnamed == {}


def test_what_was_listed_before_the_end_is_kept() -> None:
    findings, tests = read("vitest-text", VERBOSE.partition(" Test Files")[0].encode())
    assert len(tests) == 6
    assert (findings.is_recognised, findings.is_complete) == (True, False)


@pytest.mark.parametrize(("ran", "named"), [(False, 0), (True, 3)], ids=["none ran", "one ran"])
def test_where_nothing_ran_what_is_skipped_was_left_out(ran: bool, named: int) -> None:
    """Vitest's JSON says of what `-t` leaves out that it is skipped."""
    results = [
        {"fullName": f"a {number}", "status": "skipped", "title": "t", "meta": {}}
        for number in range(2)
    ]
    if ran:
        results.append({"fullName": "a 3", "status": "passed", "title": "t", "meta": {}})
    file = {"name": "/r/a.test.js", "status": "passed", "message": "", "assertionResults": results}
    report = {"numTotalTests": len(results), "success": True, "testResults": [file]}
    tests: list[TestCase] = []
    context = ReadContext(root="/r", exit_code=0)
    findings = READERS["jest-json"].read(
        io.BytesIO(json.dumps(report).encode()), tests.append, context
    )
    assert len(tests) == findings.declared_total == named
