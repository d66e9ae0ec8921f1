"""What Vitest prints for people."""

from __future__ import annotations

from greenlane.model.report import RunStatus, TestOutcome
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
