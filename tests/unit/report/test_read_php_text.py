"""What PHPUnit and Pest print."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

PHPUNIT = r"""
    PHPUnit 10.5.1 by Sebastian Bergmann and contributors.

    .F.FER                                                              6 / 6 (100%)

    Time: 00:00.078, Memory: 6.00 MB

    There was 1 error:

    1) Shop\CalcTest::testThrows
    RuntimeException: boom

    /src/tests/CalcTest.php:30

    --

    There were 2 failures:

    1) Shop\CalcTest::testSums with data set "a 'small' one" (1, 3)
    Failed asserting that 2 is identical to 3.

    /src/tests/CalcTest.php:20

    2) Shop\CalcTest::testSums with data set #1 (4, 4)
    sum
    Failed asserting that 5 is identical to 4.

    /src/tests/CalcTest.php:20

    --

    There was 1 risky test:

    1) Shop\CalcTest::testSaysNothing
    This test did not perform any assertions

    ERRORS!
    Tests: 6, Assertions: 4, Errors: 1, Failures: 2, PHPUnit Deprecations: 3, Risky: 1.
    """

PEST = r"""

       PASS  Tests\Unit\ExampleTest
      ✓ that true is true                                                    0.01s

       FAIL  Tests\Feature\ExampleTest
      CROSS it fails                                                         0.03s
      - it skips → later                                                     0.00s
      ! it has no assertions → risky
      ✓ it adds with (1, 2)
      ──────────────────────────────────────────────────────────────────────
       FAILED  Tests\Feature\ExampleTest > it fails
      Failed asserting that false is true.

      at tests/Feature/ExampleTest.php:4

      Tests:    1 failed, 1 risky, 1 skipped, 2 passed (3 assertions)
      Duration: 0.10s
    """.replace("CROSS", "\u2a2f").replace("\n    ", "\n")


def test_phpunit_names_what_is_red() -> None:
    findings, tests = read("phpunit-text", PHPUNIT)
    assert outcomes(tests) == {
        r"Shop\CalcTest::testThrows": "error",
        "Shop\\CalcTest::testSums with data set \"a 'small' one\"": "failed",
        r"Shop\CalcTest::testSums with data set #1": "failed",
    }
    assert findings.unnamed == {TestOutcome.PASSED: 3}
    assert (tests[0].file, tests[0].line) == ("tests/CalcTest.php", 30)
    assert tests[2].message == "sum\nFailed asserting that 5 is identical to 4."


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        (
            "OK, but there were issues!\nTests: 4, Assertions: 3, Warnings: 1, Skipped: 1.",
            {TestOutcome.PASSED: 3, TestOutcome.SKIPPED: 1},
        ),
        ("No tests executed!", {}),
    ],
)
def test_the_last_words_of_phpunit(text: str, unnamed: dict[TestOutcome, int]) -> None:
    findings, _ = read("phpunit-text", text)
    assert (findings.is_complete, findings.unnamed) == (True, unnamed)


def test_pest() -> None:
    findings, tests = read("pest-text", PEST.encode())
    assert outcomes(tests) == {
        r"Tests\Unit\ExampleTest::that true is true": "passed",
        r"Tests\Feature\ExampleTest::it fails": "failed",
        r"Tests\Feature\ExampleTest::it skips": "skipped",
        r"Tests\Feature\ExampleTest::it has no assertions": "passed",
        r"Tests\Feature\ExampleTest::it adds with (1, 2)": "passed",
    }
    assert (findings.is_complete, findings.unnamed) == (True, {})
    assert tests[1].message == "Failed asserting that false is true."


@pytest.mark.parametrize(("name", "text"), [("phpunit-text", PHPUNIT), ("pest-text", PEST)])
def test_without_the_last_lines_nothing_is_complete(name: str, text: str) -> None:
    findings, _ = read(name, text.partition("Tests:")[0])
    assert not findings.is_complete
