"""TAP and its dialects."""

from __future__ import annotations

from collections import Counter

import pytest

from greenlane.model.report import RunStatus, TestOutcome
from greenlane.report.formats import tap
from tests.unit.report.reading import outcomes, read


def test_directives_numbers_and_descriptions() -> None:
    findings, tests = read(
        "tap",
        """
        TAP version 14
        1..8
        ok 1 - plain
        not ok 2 - red # not a directive
        ok 3 - left out # SKIP no database
        not ok 4 - later # TODO known
        ok 5 - fixed # TODO surprise
        ok
        ok 7 no dash
        ok 8 - with \\# sign # time=12ms
        """,
    )
    assert outcomes(tests) == {
        "plain": "passed",
        "red # not a directive": "failed",
        "left out": "skipped",
        "later": "xfail",
        "fixed": "passed",
        "test 6": "passed",
        "no dash": "passed",
        "with # sign": "passed",
    }
    assert findings.is_complete
    assert tests[2].message == "no database"
    assert tests[7].duration_seconds == 0.012


@pytest.mark.parametrize(
    ("text", "is_complete", "lost"),
    [
        ("1..2\nok 1\nok 2\n", True, 0),
        ("ok 1\nok 2\n1..2\n", True, 0),
        ("1..3\nok 1\n", False, 2),
        ("ok 1\n", False, 0),
        ("1..1\nok 1\nok 2\n", False, 0),
        ("1..0 # SKIP no tests here\n", True, 0),
        ("1..1\nok 1\n1..2\nok 1\nok 2\n", True, 0),
    ],
)
def test_plans(text: str, is_complete: bool, lost: int) -> None:
    findings, _ = read("tap", text)
    assert findings.is_recognised
    assert (findings.is_complete, findings.unnamed_not_run) == (is_complete, lost)


def test_bail_out() -> None:
    findings, tests = read("tap", "1..3\nok 1 - a\nBail out! no database\nok 2 - never\n")
    assert outcomes(tests) == {"a": "passed"}
    assert findings.status is RunStatus.CRASHED
    assert not findings.is_complete
    assert "no database" in findings.problems[0]


def test_assertions_of_a_subtest_are_not_tests() -> None:
    _, tests = read(
        "tap",
        """
        # Subtest: parent
            ok 1 - assertion
            not ok 2 - other assertion
            1..2
        not ok 1 - parent
            ok 1 - unannounced
            1..1
        ok 2 - second
        1..2
        """,
    )
    assert outcomes(tests) == {"parent": "failed", "second": "passed"}


def test_announced_subtests_are_tests_and_their_parents_suites() -> None:
    _, tests = read(
        "tap",
        """
        # Subtest: suite
            # Subtest: good
            ok 1 - good
            # Subtest: bad
            not ok 2 - bad
              ---
              location: '/src/a.test.js:5:3'
              error: 'boom'
              ...
            1..2
        not ok 1 - suite
        # Subtest: hook
            # Subtest: fine
            ok 1 - fine
            1..1
        not ok 2 - hook
        1..2
        """,
    )
    assert outcomes(tests) == {
        "suite > good": "passed",
        "suite > bad": "failed",
        "hook > fine": "passed",
        "hook": "failed",
    }
    bad = tests[1]
    assert (bad.file, bad.line, bad.message) == ("a.test.js", 5, "boom")


def test_yaml_that_looks_like_tap_is_not_read_as_tests() -> None:
    findings, tests = read(
        "tap", "1..2\nnot ok 1 - a\n  ---\n  got: |\n    ok 9 - forged\n    1..9\n  ...\nok 2 - b\n"
    )
    assert outcomes(tests) == {"a": "failed", "b": "passed"}
    assert findings.is_complete


def test_noise_between() -> None:
    findings, tests = read("tap", "compiling\n1..1\nwarning: x\nok 1 - a\nDone. ok then\n")
    assert outcomes(tests) == {"a": "passed"}
    assert findings.is_complete


def test_of_too_many_the_passed_ones_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap, "_NAMED_MAX", 2)
    monkeypatch.setattr(tap, "_CHUNK", 64)
    lines = [f"ok {number} - test {number}" for number in range(1, 101)]
    lines[40] = "not ok 41 - test 41"
    lines[60] = "ok 61 - test 61 # SKIP later"
    findings, tests = read("tap", "\n".join([*lines, "1..100"]))
    counts = Counter(one.outcome for one in tests) + Counter(findings.unnamed)
    assert counts == {TestOutcome.PASSED: 98, TestOutcome.FAILED: 1, TestOutcome.SKIPPED: 1}
    assert findings.is_complete
    assert 2 < len(tests) < 50
    assert "test 41" in [one.id for one in tests]


def test_the_time_that_bats_prints_is_no_part_of_a_name() -> None:
    _, [test] = read("tap", "1..1\nnot ok 1 adds # in 33 ms\n# (in test file a.bats, line 2)\n")
    assert (test.id, test.duration_seconds) == ("adds", 0.033)
