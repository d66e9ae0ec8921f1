"""What Jasmine's console reporter prints."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

TEXT = """
Randomized with seed 12345
Started
.F*F.

Failures:
1) add fails
  Message:
    Expected 1 to be 2.
  Stack:
        at <Jasmine>
        at UserContext.<anonymous> (/src/spec/a.spec.js:3:33)

2) add throws
  Message:
    Error: boom
  Stack:
        at UserContext.<anonymous> (/src/spec/a.spec.js:6:30)

Suite error: add hook
  Message:
    Error: no database
  Stack:
        at UserContext.<anonymous> (/src/spec/a.spec.js:7:52)
Pending:

1) add later
  Temporarily disabled with xit

Ran 5 of 9 specs
5 specs, 3 failures, 1 pending spec
Finished in 0.02 seconds
Randomized with seed 12345 (jasmine --random=true --seed=12345)
"""


def test_text() -> None:
    findings, tests = read("jasmine-text", TEXT)
    assert outcomes(tests) == {
        "add fails": "failed",
        "add throws": "failed",
        "add hook": "error",
        "add later": "skipped",
    }
    fails = tests[0]
    assert (fails.file, fails.line, fails.message) == ("spec/a.spec.js", 3, "Expected 1 to be 2.")
    assert findings.unnamed == {TestOutcome.PASSED: 2}
    assert (findings.is_complete, findings.says_success) == (True, False)


@pytest.mark.parametrize(
    "text",
    ["Started\n\n\nNo specs found\nFinished in 0.02 seconds\nIncomplete: No specs found\n"],
)
def test_no_specs(text: str) -> None:
    findings, tests = read("jasmine-text", text)
    assert (tests, findings.unnamed, findings.is_complete) == ([], {}, True)
    assert findings.problems == ["Incomplete: No specs found"]


def test_cut_short() -> None:
    findings, tests = read("jasmine-text", TEXT[: TEXT.index("Suite error")])
    assert (findings.is_complete, len(tests)) == (False, 2)
