"""What `dotnet test` prints, by each of its loggers."""

from __future__ import annotations

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

VSTEST = """
    Test run for /src/bin/Debug/net8.0/Calc.Tests.dll (.NETCoreApp,Version=v8.0)
    VSTest version 17.8.0 (x64)

    Starting test execution, please wait...
    A total of 1 test files matched the specified pattern.
    [xUnit.net 00:00:00.52]     Calc.Tests.Sums.Bad(a: "x [1]") [FAIL]
      Failed Calc.Tests.Sums.Bad(a: "x [1]") [12 ms]
      Error Message:
       Assert.Equal() Failure
    Expected: 4
    Actual:   3
      Stack Trace:
         at Calc.Tests.Sums.Bad() in /src/Sums.cs:line 12
      Skipped Calc.Tests.Sums.Later [1 m 3 s]

    Failed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, Duration: 23 ms - a.dll
"""
WORDY = """
    Test run for /src/a.dll (.NETCoreApp,Version=v8.0)
      Passed Adds [< 1 ms]
      Failed Bad [1 s]
      Error Message:
       no

    Test Run Failed.
    Total tests: 3
         Passed: 1
         Failed: 1
     Total time: 0.5 Seconds
"""
TERMINAL = """
    Restore complete (0.4s)
      Calc.Tests succeeded (2.0s) -> bin/Debug/net9.0/Calc.Tests.dll
      Calc.Tests test failed with 1 error(s) (1.3s)
        /src/Sums.cs(12): error TESTERROR:
          Calc.Tests.Sums.Bad (12ms): Error Message: Assert.Equal() Failure
          Stack Trace:
             at Calc.Tests.Sums.Bad() in /src/Sums.cs:line 12

    Test summary: total: 3, failed: 1, succeeded: 1, skipped: 1, duration: 1.2s
    Build failed with 1 error(s) in 4.0s
"""
PLATFORM = """
    Running tests from bin/Debug/net9.0/Calc.Tests.dll (net9.0|x64)
    failed Bad (1s 012ms)
      Expected 4
        at Calc.Tests.Sums.Bad() in /src/Sums.cs:12
    skipped Later (0ms)

    Test run summary: Failed! - bin/Debug/net9.0/Calc.Tests.dll (net9.0|x64)
      total: 3
      failed: 1
      succeeded: 1
      skipped: 1
      duration: 120ms
"""


def test_the_console_logger() -> None:
    findings, tests = read("dotnet-text", VSTEST)
    assert outcomes(tests) == {
        'Calc.Tests.Sums.Bad(a: "x [1]")': "failed",
        "Calc.Tests.Sums.Later": "skipped",
    }
    assert findings.unnamed == {TestOutcome.PASSED: 2}
    assert findings.is_complete
    assert findings.says_success is False
    assert (tests[0].file, tests[0].line) == ("Sums.cs", 12)
    assert tests[0].message == "Assert.Equal() Failure"
    assert tests[1].duration_seconds == 63


def test_the_console_logger_with_more_words() -> None:
    findings, tests = read("dotnet-text", WORDY)
    assert outcomes(tests) == {"Adds": "passed", "Bad": "failed"}
    assert findings.unnamed == {TestOutcome.SKIPPED: 1}
    assert findings.is_complete


@pytest.mark.parametrize(("text", "name"), [(TERMINAL, "Calc.Tests.Sums.Bad"), (PLATFORM, "Bad")])
def test_the_terminal_loggers(text: str, name: str) -> None:
    findings, tests = read("dotnet-text", text)
    assert outcomes(tests)[name] == "failed"
    assert findings.is_complete
    assert findings.says_success is False
    counts = findings.unnamed
    for test in tests:
        counts[test.outcome] = counts.get(test.outcome, 0) + 1
    assert counts == {TestOutcome.PASSED: 1, TestOutcome.FAILED: 1, TestOutcome.SKIPPED: 1}
    assert (tests[0].file, tests[0].line) == ("Sums.cs", 12)


def test_each_project_has_its_counts() -> None:
    one = "Passed!  - Failed: 0, Passed: 2, Skipped: 0, Total: 2, Duration: 3 ms - a.dll (net8.0)\n"
    findings, _ = read("dotnet-text", one + one)
    assert findings.unnamed == {TestOutcome.PASSED: 4}
    assert findings.is_complete


def test_a_project_without_counts_is_missing() -> None:
    text = """
    Test run for /src/a.dll (.NETCoreApp,Version=v8.0)
    Test run for /src/b.dll (.NETCoreApp,Version=v8.0)
    Passed!  - Failed: 0, Passed: 2, Skipped: 0, Total: 2, Duration: 3 ms - a.dll (net8.0)
    """
    assert not read("dotnet-text", text)[0].is_complete


def test_an_aborted_run_is_a_crash() -> None:
    text = "  Passed Adds [1 ms]\nThe active test run was aborted. Reason: host\nTest Run Aborted."
    findings, _ = read("dotnet-text", text)
    assert findings.status is RunStatus.CRASHED
    assert not findings.is_complete


@pytest.mark.parametrize("text", [VSTEST, WORDY, TERMINAL, PLATFORM])
def test_cut_short(text: str) -> None:
    for size in range(0, len(text), 7):
        findings, _ = read("dotnet-text", text[:size])
        assert findings.says_success is not True
