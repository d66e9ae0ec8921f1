"""What RSpec prints: dots and the documentation of a run."""

from __future__ import annotations

import io

import pytest

from greenlane.model.report import RunStatus, TestCase, TestOutcome
from greenlane.report.formats import READERS
from greenlane.report.formats.base import ReadContext
from tests.unit.report.reading import outcomes, read

DOTS = """
    hello
    .F**

    Pending: (Failures listed here are expected and do not affect your suite's status)

      1) Calc is fast
         # Temporarily skipped with xit
         # ./spec/calc_spec.rb:14

    Failures:

      1) Calc.add is expected to eq 1
         Failure/Error: it { is_expected.to eq 1 }

           expected: 1
                got: 0

           (compared using ==)
         # ./spec/calc_spec.rb:12:in `block (3 levels) in <top (required)>'

      2) Calc was repaired FIXED
         Expected pending 'later' to fail. No error was raised.
         # ./spec/calc_spec.rb:15

    Finished in 0.1 seconds (files took 0.4 seconds to load)
    5 examples, 2 failures, 1 pending

    Failed examples:

    rspec ./spec/calc_spec.rb:12 # Calc.add is expected to eq 1
    rspec './spec/calc_spec.rb[1:2]' # Calc was repaired
    """

OUTLINE = """
    Calc
      adds
    something that a test printed
      subtracts (FAILED - 1)
      .add
        is expected to eq 0
        behaves like a sum
          is a sum

    Other::Thing
      works
      later (PENDING: Not yet implemented)

    Pending: (Failures listed here are expected and do not affect your suite's status)

      1) Other::Thing later
         # Not yet implemented
         # ./spec/calc_spec.rb:14

    Failures:

      1) Calc subtracts
         Failure/Error: expect(1).to eq 2

         RuntimeError:
           boom
         # ./spec/calc_spec.rb:12:in `block'

    Finished in 0.1 seconds (files took 0.4 seconds to load)
    {total} examples, 1 failure, 1 pending

    Failed examples:

    rspec ./spec/calc_spec.rb:12 # Calc subtracts
    """

BROKEN = """

    An error occurred while loading ./spec/calc_spec.rb.
    Failure/Error: require "calc/missing"

    LoadError:
      cannot load such file -- calc/missing
    # ./spec/calc_spec.rb:1:in `<top (required)>'
    No examples found.

    Finished in 0.00011 seconds (files took 0.56237 seconds to load)
    0 examples, 0 failures, 1 error occurred outside of examples
    """


def test_dots() -> None:
    findings, tests = read("rspec-text", DOTS)
    assert outcomes(tests) == {
        "Calc is fast": "skipped",
        "Calc.add is expected to eq 1": "failed",
        "Calc was repaired": "failed",
    }
    assert findings.unnamed == {TestOutcome.PASSED: 2}
    assert (findings.is_complete, findings.says_success) == (True, False)
    red = next(test for test in tests if test.id == "Calc.add is expected to eq 1")
    assert (red.file, red.line) == ("spec/calc_spec.rb", 12)
    assert red.message == "expected: 1\n     got: 0\n\n(compared using ==)"
    assert tests[0].message == "Temporarily skipped with xit"


def test_an_outline_names_what_passed() -> None:
    findings, tests = read("rspec-text", OUTLINE.replace("{total}", "6"))
    assert outcomes(tests) == {
        "Calc adds": "passed",
        "Calc subtracts": "failed",
        "Calc.add is expected to eq 0": "passed",
        "Calc.add behaves like a sum is a sum": "passed",
        "Other::Thing works": "passed",
        "Other::Thing later": "skipped",
    }
    assert findings.unnamed == {}


def test_an_outline_that_does_not_count_up_is_not_believed() -> None:
    findings, tests = read("rspec-text", OUTLINE.replace("{total}", "9"))
    assert outcomes(tests) == {"Calc subtracts": "failed", "Other::Thing later": "skipped"}
    assert findings.unnamed == {TestOutcome.PASSED: 7}


def test_a_file_that_cannot_be_loaded() -> None:
    findings, tests = read("rspec-text", BROKEN)
    assert (tests, findings.status) == ([], RunStatus.BUILD_ERROR)
    assert "cannot load such file -- calc/missing" in findings.problems[0]


def test_the_summary_of_all_processes_is_the_last() -> None:
    text = """
        2 processes for 4 specs, ~ 2 specs per process
        2 examples, 0 failures
        3 examples, 0 failures

        5 examples, 0 failures
        """
    findings, _ = read("rspec-text", text)
    assert findings.unnamed == {TestOutcome.PASSED: 5}


@pytest.mark.parametrize(("exit_code", "timed_out"), [(-15, False), (None, True)])
def test_a_summary_while_it_is_stopped_is_not_complete(
    exit_code: int | None, timed_out: bool
) -> None:
    tests: list[TestCase] = []
    context = ReadContext(exit_code=exit_code, timed_out=timed_out)
    source = io.BytesIO(b"\n2 examples, 0 failures\n")
    assert not READERS["rspec-text"].read(source, tests.append, context).is_complete


def test_without_the_last_line_nothing_is_complete() -> None:
    findings, _ = read("rspec-text", DOTS.partition("5 examples")[0])
    assert not findings.is_complete
    assert not findings.is_recognised
