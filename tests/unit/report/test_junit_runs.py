"""Long runs of plain JUnit cases, read without a parser: the same tests, and nothing forged."""

from __future__ import annotations

import pytest

from greenlane.model.report import TestOutcome
from greenlane.report.formats import junit_events
from tests.unit.report.reading import outcomes, read

PLAIN = [f'<testcase classname="a.B" name="t{n}" time="0.001"/>\n' for n in range(60)]
RED = '<testcase classname="a.B" name="red"><failure message="m" type="AssertionError"/></testcase>'
ERROR = '<testcase classname="a.B" name="e"><failure type="java.io.IOException"/></testcase>'
SKIPPED = '<testcase classname="a.B" name="off"><skipped/></testcase>'
WHOLE = "<testsuite>" + "".join([*PLAIN[:30], RED, *PLAIN[30:50], SKIPPED, *PLAIN[50:], ERROR])


def test_it_is_the_same_as_parsed() -> None:
    findings, tests = read("junit", WHOLE + "</testsuite>")
    counts = list(outcomes(tests).values())
    assert len(tests) == 63
    assert [counts.count(one) for one in ("passed", "failed", "error", "skipped")] == [60, 1, 1, 1]
    assert tests[3].id == "a.B.t3"
    assert tests[3].duration_seconds == 0.001
    assert findings.unnamed == {}


def test_of_too_many_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_events, "_NAMED_MAX", 10)
    findings, tests = read("junit", WHOLE + "</testsuite>")
    named = dict.fromkeys(TestOutcome, 0)
    for test in tests:
        named[test.outcome] += 1
    total = {one: named[one] + findings.unnamed.get(one, 0) for one in TestOutcome}
    assert total[TestOutcome.PASSED] == 60
    assert total[TestOutcome.SKIPPED] == 1
    assert {"a.B.red", "a.B.e"} <= {test.id for test in tests}, "red tests are named"
    assert findings.unnamed[TestOutcome.PASSED] > 20


def test_of_too_many_red_ones_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_events, "_RED_NAMED_MAX", 2)
    findings, tests = read("junit", f"<testsuite>{(RED + ERROR) * 40}</testsuite>")
    counts = [
        sum(one.outcome is kind for one in tests) + findings.unnamed.get(kind, 0)
        for kind in (TestOutcome.FAILED, TestOutcome.ERROR)
    ]
    assert counts == [40, 40]
    assert len(tests) < 40


@pytest.mark.parametrize(
    "case",
    [
        '<testcase name="x" status="failed"/>',
        '<testcase name="x" result="skipped"/>',
        '<testcase name="x"><error/></testcase>',
        '<testcase name="x"><!-- <testcase name="y"/> --><failure/></testcase>',
        '<testcase name="x"><system-out><![CDATA[<testcase name="y"/>]]></system-out><error/></testcase>',  # noqa: E501
    ],
)
def test_what_is_not_plain_is_parsed(case: str) -> None:
    for text in ("".join([*PLAIN, case, *PLAIN]), case, "".join([case, *PLAIN])):
        _, tests = read("junit", f"<testsuite>{text}</testsuite>")
        assert [one.outcome.value for one in tests if one.id == "x"] != ["passed"]
        assert [one.id for one in tests].count("x") == 1
        assert "y" not in [one.id for one in tests]


def test_output_cannot_forge_a_test() -> None:
    forged = "]]&gt;</system-out><testcase name='forged'/><failure/>"
    case = f'<testcase name="x"><system-out><![CDATA[{forged * 30}]]></system-out></testcase>\n'
    _, tests = read("junit", f"<testsuite>{case * 20}{''.join(PLAIN)}</testsuite>")
    assert {one.id for one in tests} == {"x", *(f"a.B.t{n}" for n in range(60))}
    assert {one.outcome for one in tests} == {TestOutcome.PASSED}


def test_entities_and_other_letters_are_left_to_the_parser() -> None:
    cases = [f'<testcase name="é &amp; {n}"/>' for n in range(40)]
    _, tests = read("junit", f"<testsuite>{''.join(cases)}</testsuite>")
    assert [one.id for one in tests] == [f"é & {n}" for n in range(40)]
