"""What PHPUnit writes as JUnit of its own: warnings, risky tests, classes without tests."""

from __future__ import annotations

import io

import pytest

from greenlane.model.report import TestCase
from greenlane.report.formats import READERS
from greenlane.report.formats.base import Findings, ReadContext
from tests.unit.report.reading import outcomes

WARNED = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="" tests="3" assertions="2" errors="0" warnings="2" failures="0">
<testsuite name="A" tests="2" assertions="2" errors="0" warnings="1" failures="0" skipped="0">
<testcase name="testOld" class="A" classname="A" assertions="1" time="0.01">
<warning type="PHPUnit\\Framework\\Warning">A::testOld
assertFileNotExists() is deprecated.</warning></testcase>
<testcase name="testNew" class="A" classname="A" assertions="1" time="0.01"/></testsuite>
<testsuite name="B" tests="1" assertions="0" errors="0" warnings="1" failures="0" skipped="0">
<testcase name="Warning" assertions="0" time="0.000145">
<warning type="PHPUnit\\Framework\\Warning">Warning
No tests found in class "B".</warning></testcase></testsuite></testsuite></testsuites>
"""
RISKY = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="A" tests="1" assertions="0" errors="{errors}" failures="0" time="0">
<testcase name="testA" class="A" classname="A" file="/src/A.php" line="2" assertions="0" time="0">
<error type="PHPUnit\\Framework\\RiskyTestError">A::testA
This test did not perform any assertions</error></testcase></testsuite></testsuites>
"""


def read(text: str, *, exit_code: int, output: str = "") -> tuple[Findings, list[TestCase]]:
    tests: list[TestCase] = []
    context = ReadContext(exit_code=exit_code, output=lambda: output)
    return READERS["junit"].read(io.BytesIO(text.encode()), tests.append, context), tests


@pytest.mark.parametrize(
    ("exit_code", "output", "outcome"),
    [
        (0, "", "passed"),
        (1, "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n", "passed"),
        (1, "PHPUnit 8.5.2 by Sebastian Bergmann and contributors.\n", "failed"),
        (1, "", "failed"),
    ],
)
def test_a_warning_is_red_where_it_fails_the_run(exit_code: int, output: str, outcome: str) -> None:
    """A class without tests is none that passed, whatever the run ended with."""
    findings, tests = read(WARNED, exit_code=exit_code, output=output)
    assert outcomes(tests) == {"A::testOld": outcome, "A::testNew": "passed", "Warning": "skipped"}
    assert findings.says_success is None


@pytest.mark.parametrize(("errors", "says"), [(1, None), (2, False)])
def test_a_risky_test_counts_as_an_error_and_passes(errors: int, says: bool | None) -> None:
    findings, tests = read(RISKY.replace("{errors}", str(errors)), exit_code=0)
    assert outcomes(tests) == {"A::testA": "passed"}
    assert findings.says_success is says
