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


@pytest.mark.parametrize(
    ("text", "is_complete", "lost"),
    [
        ("1..3\nok 1\nok 1\nok 3\n", False, 0),
        ("1..2\nok 1\nok 5\n", False, 0),
        ("1..3\nok 2\nok 1\nok 3\n", True, 0),
        ("1..2\nok\nok\n", True, 0),
        ("1..3\nok 1\n1..1\nok 1\nok 2\nok 3\n", False, 2),
        ("TAP version 13\n1..1\nok 1\nTAP version 13\nok 1\n1..1\n", True, 0),
        ("TAP version 13\n1..1\nok 1\nTAP version 13\nok 1\n", False, 0),
        ("TAP version 13\n1..1\nok 1\nTAP version 13\n", False, 0),
        ("ok 1\n1..1\nok 1\nok 2\n1..2\n", True, 0),
        ("1..0 # SKIP none\n1..1\nok 1\n", True, 0),
        ("ok 1\n1..0\n", False, 0),
        ("TAP version 14\npragma +strict\n1..1\r\nok 1 - a\r\n", True, 0),
    ],
)
def test_each_document_has_its_own_plan_and_numbers(
    text: str, is_complete: bool, lost: int
) -> None:
    findings, _ = read("tap", text)
    assert findings.is_recognised
    assert (findings.is_complete, findings.unnamed_not_run) == (is_complete, lost)


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        ("    1..1\n    ok 1 - a\n", "passed"),
        ("    1..1\n    not ok 1 - a\n", "failed"),
        ("    1..3\n    ok 1 - a\n", "failed"),
        ("    1..1\n    not ok 1 - a # TODO later\n", "passed"),
    ],
)
def test_a_subtest_refutes_its_parent(inner: str, outcome: str) -> None:
    assert outcomes(read("tap", f"1..1\n{inner}ok 1 - sub\n")[1]) == {"sub": outcome}


def test_a_red_subtest_without_its_parent_is_not_complete() -> None:
    assert not read("tap", "1..1\nok 1 - a\n    not ok 1 - inner\n")[0].is_complete


@pytest.mark.parametrize("step", ["  ", "    "])
def test_ktap(step: str) -> None:
    lines = [
        "KTAP version 1",
        "1..1",
        "{0}KTAP version 1",
        "{0}# Subtest: main",
        "{0}1..2",
        "{0}{0}# Subtest: inner",
        "{0}{0}1..2",
        "{0}{0}ok 1 a",
        "{0}{0}not ok 2 b",
        "{0}# inner: pass:1 fail:1 skip:0 total:2",
        "{0}not ok 1 inner",
        "{0}ok 2 c # SKIP no",
        "not ok 1 main",
    ]
    findings, tests = read("tap", "\n".join(lines).replace("{0}", step))
    assert outcomes(tests) == {
        "main > inner > a": "passed",
        "main > inner > b": "failed",
        "main > c": "skipped",
    }
    assert findings.is_complete


def test_why_a_test_is_red_is_no_part_of_its_name() -> None:
    _, tests = read(
        "tap",
        """
        1..5
        not ok 1 selftests: a: b # exit=1
        not ok 2 selftests: a: c # TIMEOUT 45 seconds
        not ok 3 /list/append - ERROR:x.c:4:f: assertion failed
        ok 4 - suite::name  (0.02s)
        not ok 5 - text
          ---
          error: |-
            Expected 1
          ...
        """,
    )
    assert outcomes(tests) == {
        "selftests: a: b": "failed",
        "selftests: a: c": "error",
        "/list/append": "failed",
        "suite::name": "passed",
        "text": "failed",
    }
    assert [one.message for one in tests][1:3] == [
        "TIMEOUT 45 seconds",
        "ERROR:x.c:4:f: assertion failed",
    ]
    assert tests[3].duration_seconds == 0.02
    assert tests[4].message == "Expected 1"


def test_a_place_is_sought_in_linear_time() -> None:
    _, tests = read("tap", "1..1\nnot ok 1 - x\n# " + "a." * 30_000 + "\n# at (/src/t/a.js:3:5)\n")
    assert (tests[0].file, tests[0].line) == ("t/a.js", 3)


def test_what_prove_says_of_a_file_is_no_test() -> None:
    text = "t/a.t ..\n1..2\nok 1 - a\nok 2 - b\nok\nt/b.t ..\nok 1 - c\n1..1\nok\n"
    findings, tests = read("tap", text)
    assert outcomes(tests) == {"a": "passed", "b": "passed", "c": "passed"}
    assert findings.is_complete
