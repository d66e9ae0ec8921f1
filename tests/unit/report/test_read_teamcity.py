"""TeamCity's service messages, of PHPUnit and of others."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from tests.unit.report.reading import outcomes, read

HINT = r"locationHint='php_qn:///src/tests/CalcTest.php::\Shop\CalcTest::{}'"


def _php(*messages: str) -> str:
    suite = "name='Shop\\CalcTest' flowId='1'"
    return "\n\n".join(
        [
            "##teamcity[testCount count='3' flowId='1']",
            f"##teamcity[testSuiteStarted {suite}]",
            *(f"##teamcity[{one} flowId='1']" for one in messages),
            f"##teamcity[testSuiteFinished {suite}]",
        ]
    )


def _ended(name: str, said: str = "") -> list[str]:
    failed = [f"testFailed name='{name}' {said}"] if said else []
    started = f"testStarted name='{name}' {HINT.format(name)}"
    return [started, *failed, f"testFinished name='{name}' duration='12'"]


def test_phpunit() -> None:
    details = "details=' /src/tests/CalcTest.php:6|n '"
    text = _php(
        *_ended("testPasses"),
        *_ended("testSums with data set \"a |'small|' one\"", f"message='3 is not 4.' {details}"),
        *_ended("testThrows", f"message='RuntimeException : b|n|0x00fc|[|]||' {details}"),
        *_ended("testNewThrows", f"message='Shop\\OddError: boom' {details}"),
        *_ended("testRisky", "message='This test did not perform any assertions' details=' '"),
        f"testStarted name='testSkips' {HINT.format('testSkips')}",
        "testIgnored name='testSkips' message='not today' details=' ' duration='0'",
        "testFinished name='testSkips' duration='0'",
    )
    findings, tests = read("teamcity", text)
    assert outcomes(tests) == {
        r"Shop\CalcTest::testPasses": "passed",
        "Shop\\CalcTest::testSums with data set \"a 'small' one\"": "failed",
        r"Shop\CalcTest::testThrows": "error",
        r"Shop\CalcTest::testNewThrows": "error",
        r"Shop\CalcTest::testRisky": "passed",
        r"Shop\CalcTest::testSkips": "skipped",
    }
    assert (findings.is_complete, findings.says_success) == (True, False)
    assert (tests[1].file, tests[1].line, tests[1].duration_seconds) == (
        "tests/CalcTest.php",
        6,
        0.012,
    )
    assert tests[2].message == "RuntimeException : b\nü[]|"
    assert tests[5].message == "not today"


@pytest.mark.parametrize(("timed_out", "word"), [(True, "timeout"), (False, "crash")])
def test_a_run_that_broke_off(timed_out: bool, word: str) -> None:
    text = _php(*_ended("testPasses"), *_ended("testHangs")[:1]).rpartition("##")[0]
    findings, tests = read("teamcity", text, timed_out=timed_out)
    assert [one.message for one in tests] == ["", word]
    assert findings.running == [r"Shop\CalcTest::testHangs"]
    assert (findings.is_complete, findings.unnamed_not_run) == (False, 1)


def test_suites_and_flows_of_others() -> None:
    text = """
        ##teamcity[testSuiteStarted name='outer' flowId='a']
        ##teamcity[testSuiteStarted name='other' flowId='b']
        noise ##teamcity[testStarted name='one' flowId='a']
        ##teamcity[message text='x']##teamcity[testFinished name='one' flowId='a']
        ##teamcity[testStarted name='one' flowId='b']
        ##teamcity[testStdOut name='one' out='said' flowId='b']
        ##teamcity[testFailed name='one' message='no' error='true' flowId='b']
        ##teamcity[testFinished name='one' flowId='b']
        ##teamcity[testIgnored name='never' message='why' flowId='a']
        ##teamcity[testSuiteFinished name='other' flowId='b']
        ##teamcity[testSuiteFinished name='outer' flowId='a']
        """
    findings, tests = read("teamcity", text)
    assert outcomes(tests) == {
        "outer > one": "passed",
        "other > one": "error",
        "outer > never": "skipped",
    }
    assert next(one for one in tests if one.id == "other > one").output == "said"
    assert findings.is_complete


def test_a_failure_whose_line_is_cut_is_still_red() -> None:
    text = "##teamcity[testStarted name='a']\n##teamcity[testFailed name='a' message='" + "x" * 99
    findings, tests = read("teamcity", text + "\n##teamcity[testFinished name='a']\n")
    assert outcomes(tests) == {"a": "failed"}
    assert findings.says_success is False


def test_a_build_problem_is_told() -> None:
    text = "##teamcity[testCount count='0']\n##teamcity[buildProblem description='no compiler']"
    assert read("teamcity", text)[0].problems == ["no compiler"]


@pytest.mark.parametrize("text", ["", "##teamcity[", "##teamcity[progressMessage 'x']", "##team"])
def test_nothing_of_tests_is_no_report(text: str) -> None:
    findings, tests = read("teamcity", text)
    assert (findings.is_recognised, tests) == (False, [])


def test_hostile_lines_are_read_in_linear_time() -> None:
    text = "##teamcity[testStarted name='" * 100_000 + "|" * 100_000
    findings, tests = read("teamcity", text)
    assert {one.outcome for one in tests} <= {TestOutcome.ERROR}
    assert not findings.is_complete
