"""JUnit of Ruby's and Elixir's reporters: the ids are those of our own streams."""

from __future__ import annotations

import pytest

from tests.unit.report.reading import outcomes, read

RSPEC = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="rspec" tests="1" skipped="0" failures="0" errors="0" time="0.1">
<testcase classname="spec.calc_spec" name="Calc adds" file="./spec/calc_spec.rb" time="0.01"/>
</testsuite>
"""
MINITEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="CalcTest" tests="1" failures="0" errors="0" skipped="0">
<testcase name="test_adds" lineno="5" classname="CalcTest" assertions="1" time="0.1"
 file="test/calc_test.rb"/>
</testsuite></testsuites>
"""
EXUNIT = """<?xml version="1.0"?>
<testsuites><testsuite errors="0" failures="0" name="Elixir.CalcTest" tests="1" time="0.1">
<testcase classname="Elixir.CalcTest" name="test adds" time="0.1" file="test/calc_test.exs"/>
</testsuite></testsuites>
"""


@pytest.mark.parametrize(
    ("text", "test_id"),
    [
        (RSPEC, "Calc adds"),
        (MINITEST, "CalcTest#test_adds"),
        (EXUNIT, "CalcTest.test adds"),
    ],
)
def test_ids(text: str, test_id: str) -> None:
    _, tests = read("junit", text)
    assert outcomes(tests) == {test_id: "passed"}
