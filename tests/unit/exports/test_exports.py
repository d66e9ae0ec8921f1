"""Exports are valid in their own format, whatever tests are called and say."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.model.report import ReportSummary, RunStatus, TestCase, TestOutcome, Totals
from greenlane.report.exports import EXPORTS
from greenlane.report.exports.verdict_case import NAME
from greenlane.report.formats import junit
from greenlane.report.formats.base import ReadContext

#: From the npm package `ctrf` 0.3.0, MIT; its licence lies beside it.
SCHEMA = json.loads((Path(__file__).parent / "ctrf-schema.json").read_text())
NASTY = "a%b\r\n<c>&\"d':,]]>\x00\x1b[31m\x0b\ufffe\ud7ff é"

texts = st.text(st.characters(codec="utf-8"), max_size=30) | st.just(NASTY)
cases = st.builds(
    TestCase,
    id=texts,
    outcome=st.sampled_from(TestOutcome),
    file=texts,
    line=st.integers(0, 10**6),
    duration_seconds=st.none() | st.floats(0, 1e6),
    message=texts,
    traceback=texts,
    output=texts,
)


def summarise(
    tests: list[TestCase], status: RunStatus = RunStatus.FAILED, because: str = "x"
) -> ReportSummary:
    counts = {one.value: sum(test.outcome is one for test in tests) for one in TestOutcome}
    return ReportSummary(status=status, because=because, totals=Totals(**counts, total=len(tests)))


def write(name: str, tests: list[TestCase], **fields: Any) -> bytes:
    return b"".join(EXPORTS[name].write(summarise(tests, **fields), iter(tests)))


@settings(max_examples=25, deadline=None)
@given(st.lists(cases, max_size=4))
def test_ctrf_is_valid(tests: list[TestCase]) -> None:
    document = json.loads(write("ctrf", tests))
    jsonschema.validate(document, SCHEMA)
    summary, found = document["results"]["summary"], document["results"]["tests"]
    assert summary["tests"] == len(found)
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in found)


@settings(max_examples=25, deadline=None)
@given(st.lists(cases, max_size=4))
def test_junit_is_well_formed(tests: list[TestCase]) -> None:
    root = ET.fromstring(write("junit", tests))  # no entities: our own document
    assert len(root.findall(".//testcase")) == int(root.get("tests", "-1"))
    assert len(root.findall(".//failure")) == int(root.get("failures", "-1"))
    assert len(root.findall(".//error")) == int(root.get("errors", "-1"))
    assert len(root.findall(".//skipped")) == int(root.get("skipped", "-1"))


@settings(max_examples=25, deadline=None)
@given(st.lists(cases, max_size=4))
def test_each_annotation_is_one_line(tests: list[TestCase]) -> None:
    lines = write("github", tests).decode().split("\n")
    red = [test for test in tests if test.outcome in {TestOutcome.FAILED, TestOutcome.ERROR}]
    assert lines.pop() == ""
    assert len(lines) == max(1, len(red))
    assert all(line.startswith("::error ") for line in lines)


def test_json_is_one_object_with_its_head_first() -> None:
    tests = [
        TestCase(id="a", outcome=TestOutcome.PASSED),
        TestCase(id="b", outcome=TestOutcome.FAILED),
    ]
    document = json.loads(write("json", tests))
    assert list(document) == ["status", "because", "totals", "failures", "is_complete", "tests"]
    assert document["tests"] == [
        {"id": "a", "outcome": "passed"},
        {"id": "b", "outcome": "failed"},
    ]


def test_annotations_are_escaped() -> None:
    case = TestCase(
        id="t: a,b",
        outcome=TestOutcome.FAILED,
        file="a,b.py",
        line=7,
        message="50%\r\nno: x, y\x1b[0m",
    )
    assert write("github", [case]) == (
        b"::error file=a%2Cb.py,title=t%3A a%2Cb,line=7::50%25%0D%0Ano: x, y[0m\n"
    )


def test_a_file_outside_of_the_checkout_is_not_named() -> None:
    case = TestCase(id="t", outcome=TestOutcome.ERROR, file="/usr/lib/x.py", line=3, message="m")
    assert write("github", [case]) == b"::error title=t::m\n"


def test_our_junit_is_read_back_as_it_was() -> None:
    tests = [
        TestCase(
            id="m::test_a", outcome=TestOutcome.PASSED, file="m.py", line=3, duration_seconds=0.5
        ),
        TestCase(id="suite > b", outcome=TestOutcome.FAILED, message="no", traceback="at x"),
        TestCase(id="c d", outcome=TestOutcome.ERROR, file="src/c.test.js", message="gone"),
        TestCase(id="d", outcome=TestOutcome.SKIPPED, message="later"),
    ]
    found: list[TestCase] = []
    source = io.BytesIO(write("junit", tests))
    findings = junit.FORMAT.read(source, found.append, ReadContext())
    assert findings.is_complete
    assert [(one.id, one.outcome) for one in found] == [(one.id, one.outcome) for one in tests]
    assert (found[0].file, found[0].line, found[0].duration_seconds) == ("m.py", 3, 0.5)
    assert found[1].message == "no"


@pytest.mark.parametrize(
    "status", [status for status in RunStatus if status is not RunStatus.PASSED]
)
def test_a_run_that_is_not_green_is_red_in_every_export(status: RunStatus) -> None:
    tests = [TestCase(id="a", outcome=TestOutcome.PASSED)]
    because = "error: could not compile"
    document = json.loads(write("ctrf", tests, status=status, because=because))
    jsonschema.validate(document, SCHEMA)
    assert document["results"]["summary"]["failed"] == 1
    root = ET.fromstring(write("junit", tests, status=status, because=because))
    error = root.find(f".//testcase[@name='{NAME}']/error")
    assert error is not None
    assert because in error.get("message", "")
    assert because in write("github", tests, status=status, because=because).decode()


def test_a_green_run_has_no_entry_of_its_own() -> None:
    tests = [TestCase(id="a", outcome=TestOutcome.PASSED)]
    assert NAME not in write("junit", tests, status=RunStatus.PASSED).decode()
    assert write("github", tests, status=RunStatus.PASSED) == b""
