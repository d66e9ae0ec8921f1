"""What is read in bulk, without a parser or without names, says the same as read one by one."""

from __future__ import annotations

from collections import Counter
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from greenlane.model.report import RED, TestCase, TestOutcome
from greenlane.report.formats import junit_events, tap
from greenlane.report.formats.base import Findings
from tests.unit.report.reading import read

relaxed = settings(max_examples=60, deadline=None)

CASES = [
    '<testcase classname="a.B" name="t{n}" time="0.001"/>\n' * 4,
    '<testcase name="x &gt; {n}" classname="C" file="a.js" line="3"></testcase>\n',
    '<testcase name="é{n}"><system-out>said &amp; done\n</system-out></testcase>',
    '<testcase name="o{n}"><system-out><![CDATA[</testsuite><failure/>]]></system-out></testcase>',
    '<testcase name="p{n}"><properties><property name="a" value="b"/></properties></testcase>',
    '<testcase name="s{n}"><skipped/></testcase>',
    '<testcase name="s{n}" status="notrun"><skipped message="off" type="pytest.xfail"/></testcase>',
    (
        '<testcase name="f{n}"><failure message="1 &lt; 2&#10;no" type="AssertionError">at a.py:3\n'
        "  &lt;x&gt; <![CDATA[ raw & <b> ]]>\r\n</failure><system-err>why</system-err></testcase>\n"
    ),
    '<testcase name="e{n}"><error type="java.io.IOException"/></testcase>',
    '<testcase name="e{n}"><failure type="todo"/><error/><skipped type="todo"/></testcase>',
    '<testcase name="v{n}" status="failed"/>',
    "<testcase name='q{n}' result=\"skipped\"/>",
    '<testcase name="a > b" status="failed"/>',
    '<testcase name="two\nlines\tand a tab"/>',
    "<testcase name=\"c{n}\"><!-- <testcase name='y'/> --><failure/></testcase>",
    '<testcase name="t" classname="a"/><testcase name="t" classname="a"><error message="failed on teardown with x"/></testcase>',  # noqa: E501
    "<testcase name=\"r\"><failure message='type=\"x\"' type='RiskyTest' /></testcase>",
]
HEADS = [
    '<testsuite name="s{n}" tests="4" failures="1">\n',
    "<testsuite>",
    '<testsuite name="é &amp; {n}" timestamp="2024-01-01T00:00:00" file="a.py">',
    "<testsuite name='single' tests='3'>",
    '<testsuite name="empty" tests="0"/><testsuite name="after">',
]
suites = st.recursive(
    st.lists(st.sampled_from(CASES), max_size=12).map("".join),
    lambda inner: st.tuples(st.sampled_from(HEADS), inner, inner).map(
        lambda parts: f"{parts[0]}{parts[1]}</testsuite>\n{parts[2]}"
    ),
    max_leaves=12,
)

Said = tuple[Findings, list[TestCase]]


def _read_as(data: bytes, *, named: int, red: int, by_parser: bool = False) -> Said:
    with (
        mock.patch.object(junit_events, "_NAMED_MAX", named),
        mock.patch.object(junit_events, "_RED_NAMED_MAX", red),
        mock.patch.object(junit_events.Suites, "skip", _skip_nothing)
        if by_parser
        else mock.patch.object(junit_events, "_LEAST_WINDOW", 600),
    ):
        return read("junit", data)


def _skip_nothing(_self: object, _data: bytes, start: int) -> int:
    return start


def _counts(said: Said) -> Counter[TestOutcome]:
    findings, tests = said
    return Counter(one.outcome for one in tests) + Counter(findings.unnamed)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    text = f"<testsuites>{draw(suites)}{draw(suites)}</testsuites>"
    for number in range(text.count("{n}")):
        text = text.replace("{n}", str(number), 1)
    data = text.encode()
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@relaxed
@given(data=documents())
def test_junit_without_a_parser_is_the_same(data: bytes) -> None:
    bulk = _read_as(data, named=10**6, red=10**6)
    assert bulk == _read_as(data, named=10**6, red=10**6, by_parser=True)


@relaxed
@given(data=documents(), named=st.integers(0, 20))
def test_junit_of_too_many_has_the_same_counts_and_names_what_is_red(
    data: bytes, named: int
) -> None:
    assume(b"teardown" not in data)  # two cases of one test, of which one may only be counted
    whole = _read_as(data, named=10**6, red=10**6, by_parser=True)
    bulk = _read_as(data, named=named, red=10**6)
    assert _counts(bulk) == _counts(whole)
    assert [one for one in bulk[1] if one.outcome in RED] == [
        one for one in whole[1] if one.outcome in RED
    ]
    for field in ("is_complete", "declared_total", "says_success", "problems"):
        assert getattr(bulk[0], field) == getattr(whole[0], field)


@relaxed
@given(data=documents(), named=st.integers(0, 20), red=st.integers(0, 5))
def test_junit_of_too_many_red_ones_is_as_red(data: bytes, named: int, red: int) -> None:
    assume(b"teardown" not in data)  # two cases of one test, of which one may only be counted
    whole = _counts(_read_as(data, named=10**6, red=10**6, by_parser=True))
    bulk = _counts(_read_as(data, named=named, red=red))
    assert bulk.total() == whole.total()
    assert sum(bulk[one] for one in RED) == sum(whole[one] for one in RED)


LINES = [
    "ok {n} - plain\n" * 3,
    "ok {n} - with words\n# a comment\n# another: ok 3\n",
    "ok {n} - with yaml\n  ---\n  duration_ms: 1.5\n  ...\n",
    "ok {n} - a suite\n  ---\n  type: 'suite'\n  ...\n",
    "ok {n} - never closed\n  ---\n  a: b\n",
    "ok {n} # SKIP off\n",
    "ok {n} - later #\ttodo\n",
    "not ok {n} - bad\n  ---\n  message: 'no'\n  at: a.js:3:1\n  ...\n",
    "not ok {n} - bad\n# Failed test at a.t line 3\n",
    "ok {n} \\# a hash\n",
    "    ok 1 - nested\n    1..1\nok {n} - parent\n",
    "# Subtest: named\n    ok 1 - inner\n    not ok 2 - inner\nok {n} - named\n",
    "ok {n} - block {\n    ok 1 - in it\n}\n",
    "ok - no number\n",
    "Bail out! why\n",
    "OK 3 - loud\n",
    "some output\n\n",
]


@relaxed
@given(
    lines=st.lists(st.sampled_from(LINES), max_size=25), named=st.integers(0, 8), end=st.booleans()
)
def test_tap_of_too_many_has_the_same_counts(lines: list[str], named: int, end: bool) -> None:
    text = "".join(lines)
    for number in range(text.count("{n}")):
        text = text.replace("{n}", str(number + 1), 1)
    text = f"TAP version 13\n{text}1..{text.count('ok ')}\n" if end else f"1..3\n{text}"
    whole = read("tap", text.encode())
    with mock.patch.object(tap, "_NAMED_MAX", named):
        bulk = read("tap", text.encode())
    assert _counts(bulk) == _counts(whole)
    assert [one for one in bulk[1] if one.outcome in RED] == [
        one for one in whole[1] if one.outcome in RED
    ]
    assert bulk[0].is_complete == whole[0].is_complete


@pytest.mark.parametrize("inside", ["", "<failure/>"])
def test_an_output_without_an_end_hides_no_test(inside: str) -> None:
    plain = "".join(f'<testcase name="t{n}"/>' for n in range(40))
    text = f'<testsuite>{plain}<testcase name="x"><system-out>said {inside}{plain}</testsuite>'
    said = _read_as(text.encode(), named=0, red=0)
    assert _counts(said) == _counts(_read_as(text.encode(), named=999, red=999, by_parser=True))
    assert not said[0].is_complete


@pytest.mark.parametrize("head", ["<testsuite>", "<testsuite><testcase>", "<testcase name='a'>"])
def test_nothing_is_read_twice_however_deep_it_is(head: str) -> None:
    with mock.patch.object(junit_events, "_NAMED_MAX", 0):
        findings, _ = read("junit", "<testsuites>" + head * 20_000)
    assert not findings.is_complete
