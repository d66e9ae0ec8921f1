"""Readers meet bytes from strangers: nothing raises, nothing broken is green, nothing is loaded."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report.collect import Leavings, open_files, read_leavings
from greenlane.report.formats import READERS
from greenlane.report.formats.base import Findings, ReadContext

CORPUS = Path(__file__).parents[2] / "corpus"
CATALOGUE = Catalogue()  # once: it reads every preset
HOSTILE = sorted((CORPUS / "_hostile").iterdir())
LIMIT = 400_000  # bytes of a sample

SAMPLES = [
    path
    for folder in ("pytest", "pytest-stream", "django", "unittest", "bats", "prove", "nodetest",
                   "check", "gtest", "cargo", "go", "jest", "jest-stream", "ctest", "tox", "nox")
    for path in sorted((CORPUS / folder).glob("*/*"))
    if path.name not in {"expected.json", "meta.json"} and 0 < path.stat().st_size < LIMIT
]  # fmt: skip

relaxed = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(name: str, data: bytes, exit_code: int = 0) -> tuple[Findings, list[TestCase]]:
    tests: list[TestCase] = []
    context = ReadContext(root="/src", exit_code=exit_code, output=lambda: "")
    findings = READERS[name].read(io.BytesIO(data), tests.append, context)
    for test in tests:
        assert test.id
        assert len(test.id) < 3000
        assert test.line >= 0
        assert max(len(test.message), len(test.traceback), len(test.output)) < 10_000
    return findings, tests


def judge(
    data: bytes, tmp_path: Path, preset: str = "custom", name: str = "r.xml"
) -> ReportSummary:
    path = tmp_path / name
    path.write_bytes(data)
    leavings = Leavings(
        preset=CATALOGUE.get(preset), exit_code=0, reports=open_files([path]), root="/src"
    )
    return read_leavings(leavings, tmp_path / "tests.jsonl")


@pytest.mark.parametrize("name", list(READERS))
@relaxed
@given(data=st.binary(max_size=3000))
def test_any_bytes(name: str, data: bytes) -> None:
    read(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(READERS))
@relaxed
@given(data=st.data())
def test_mutated_samples(name: str, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES)).read_bytes()
    start = data.draw(st.integers(0, max(0, len(sample) - 1)))
    mutated = bytearray(sample[start : start + 60_000])
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(mutated)))
        mutated[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    read(name, bytes(mutated))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(READERS))
def test_every_sample_in_every_reader(name: str) -> None:
    """A file of one format is at worst not recognised by the others."""
    for path in [*SAMPLES, *HOSTILE]:
        read(name, path.read_bytes())


GREEN = {
    "junit": (
        b'<?xml version="1.0"?>\n<testsuites tests="3"><testsuite name="s" tests="3">'
        b'<testcase classname="a.B" name="c" time="0.1"/><testcase classname="a.B" name="d">'
        b"<system-out><![CDATA[</testsuites> & <failure/>]]></system-out></testcase>"
        b'<testcase classname="a.B" name="e"></testcase></testsuite></testsuites>'
    ),
    "tap": b"TAP version 13\nok 1 - a\nok 2 - b\n# note\nok 3 - c\n1..3",
    "tap-plan-first": b"1..3\nok 1 - a\nok 2 - b\nok 3 - c",
    "pytest-stream": (CORPUS / "pytest-stream/mixed/stream.jsonl").read_bytes().splitlines()[0]
    + b'\n{"e": "collected", "n": 1, "ids": ["t.py::a"]}\n'
    b'{"e": "test_start", "id": "t.py::a", "file": "t.py", "line": 1, "dom": "a"}\n'
    b'{"e": "report", "id": "t.py::a", "when": "call", "outcome": "passed", "dur": 0.1}\n'
    b'{"e": "report", "id": "t.py::a", "when": "teardown", "outcome": "passed", "dur": 0.1}\n'
    b'{"e": "end", "exit": 0}',
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(GREEN))
def test_a_green_report_cut_anywhere_is_not_green(name: str, tmp_path: Path) -> None:
    whole = GREEN[name]
    assert judge(whole, tmp_path).status is RunStatus.PASSED
    last = whole.rindex(b"\n") if name == "tap-plan-first" else len(whole)  # a bare `ok` is enough
    for end in range(last):
        summary = judge(whole[:end], tmp_path)
        assert summary.status is not RunStatus.PASSED, whole[:end][-60:]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.name)
def test_hostile_files_are_not_green_and_load_nothing(path: Path, tmp_path: Path) -> None:
    summary = judge(path.read_bytes(), tmp_path)
    tests = (tmp_path / "tests.jsonl").read_bytes()
    assert len(tests) < 1_000_000
    assert b"root:" not in tests
    if path.name != "two.xml":
        assert summary.status is not RunStatus.PASSED


def test_entities_are_not_expanded_in_attributes() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "ha">'
        + b"".join(
            b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10 if i else b"&a;" * 10)
            for i in range(12)
        )
        + b']><testsuite><testcase name="&a11;x" classname="c"/></testsuite>'
    )
    _, tests = read("junit", bomb)
    assert all(len(test.id) < 100 for test in tests)


def test_what_a_test_prints_cannot_end_the_report() -> None:
    fake = b'</system-out></testcase><testcase name="forged" classname="c"/></testsuite>'
    data = (
        b'<testsuite tests="2"><testcase name="a" classname="c"><system-out><![CDATA['
        + b"x" * 40_000 + fake + b"y" * 600_000
        + b']]></system-out></testcase><testcase name="b" classname="c"><failure message="red"/>'
        b"</testcase></testsuite>"
    )  # fmt: skip
    findings, tests = read("junit", data)
    assert [(one.id, one.outcome.value) for one in tests] == [("c.a", "passed"), ("c.b", "failed")]
    assert findings.is_complete


def test_memory_does_not_grow_with_one_text(tmp_path: Path) -> None:
    path = tmp_path / "big.xml"
    with path.open("wb") as file:
        file.write(b'<testsuite><testcase name="a" classname="c"><system-out>')
        for _ in range(400):
            file.write(b"line of output\n" * 7000)
        file.write(b"</system-out></testcase></testsuite>")
    tracemalloc.start()
    with path.open("rb") as file:
        findings = READERS["junit"].read(file, lambda _: None, ReadContext())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert findings.is_complete
    assert peak < 8_000_000 < path.stat().st_size / 5
