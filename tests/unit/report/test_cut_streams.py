"""Readers of streams and text against noise and cuts: none raises, none invents a green run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.model.report import TestCase
from greenlane.report.formats import READERS
from greenlane.report.formats.base import TEXT_LIMIT, ReadContext

CORPUS = Path(__file__).parents[2] / "corpus"
SAMPLES = {
    "cargo": CORPUS / "cargo" / "text" / "stdout.log",
    "go": CORPUS / "go" / "json_compile_error" / "stdout.log",
    "jest-json": CORPUS / "jest" / "mixed" / "out.json",
    "jest-stream": CORPUS / "jest-stream" / "mixed" / "stream.jsonl",
    "jest-junit": CORPUS / "jest" / "junit" / "junit.xml",
    "jest-text": CORPUS / "jest" / "mixed" / "stderr.log",
}
NAMES = [*SAMPLES, "node-stream", "node-text"]


def read(name: str, data: bytes) -> list[TestCase]:
    tests: list[TestCase] = []
    READERS[name].read(io.BytesIO(data), tests.append, ReadContext(exit_code=1))
    return tests


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise(name: str, noise: bytes) -> None:
    for test in read(name, noise):
        assert len(test.id) <= TEXT_LIMIT


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_cuts_and_damage(name: str, data: st.DataObject) -> None:
    whole = SAMPLES[name].read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.binary(max_size=20))
    known = {test.id for test in read(name, whole)}
    cut = {test.id for test in read(name, whole[:at])}
    assert len(cut) <= len(known)
    read(name, whole[:at] + noise + whole[at + len(noise) :])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_has_its_signature(name: str) -> None:
    assert READERS[name].pattern.search(SAMPLES[name].read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_an_endless_line_is_bounded(name: str) -> None:
    assert len(read(name, b"x" * 3_000_000)) == 0
