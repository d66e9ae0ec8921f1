"""The compact text: short however much is red, by cause, and nobody's text passes for ours."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenlane.model.report import RED, ReportSummary, RunStatus, TestCase, TestOutcome, Totals
from greenlane.report.exports.agent import MOST_CHARS, MOST_LINES, About, write_agent
from greenlane.report.exports.causes import cause_of, telling_lines

JOB = About(job="j1", result="failed", tree="4f2a1b9c" * 5, run_seconds=1.25)
PYTHON = """\
Traceback (most recent call last):
  File "/usr/lib/python3.11/unittest/case.py", line 59, in testPartExecutor
    yield
  File "/src/shop/till.py", line 12, in open
    raise KeyError(name)
KeyError: 'till'
"""
NODE = """\
Error: boom
    at open (/src/till.js:4:9)
    at Object.<anonymous> (/src/till.test.js:9:3)
    at run (/src/node_modules/jest/build/run.js:1:1)
    at node:internal/process:1:1
"""


def red(number: int, message: str, **fields: object) -> TestCase:
    return TestCase(
        id=f"test_{number % 7}.py::test_{number}",
        outcome=TestOutcome.FAILED,
        file=f"test_{number % 7}.py",
        line=number + 1,
        message=message,
        **fields,  # type: ignore[arg-type]
    )


def text_of(
    tests: Iterable[TestCase],
    *,
    status: RunStatus = RunStatus.FAILED,
    because: str = "",
    about: About | None = JOB,
) -> list[str]:
    listed = list(tests)
    counts = {one.value: sum(test.outcome is one for test in listed) for one in TestOutcome}
    totals = Totals(**counts, total=len(listed))
    summary = ReportSummary(status=status, because=because, totals=totals)
    return b"".join(write_agent(summary, listed, about)).decode().splitlines()


def test_two_hundred_of_one_cause() -> None:
    lines = text_of(red(n, f"AssertionError: expected {n} in '/tmp/x{n}/a'") for n in range(200))
    assert lines[0] == "FAILED · 200 failed · ran 1.2 s · tree 4f2a1b9c4f2a · job j1"
    assert lines[1] == "200 × AssertionError: expected 0 in '/tmp/x0/a'"
    assert lines[2] == "  test_0.py::test_0 (test_0.py:1)"
    assert lines[3] == (
        "  also test_1.py::test_1, test_2.py::test_2, test_3.py::test_3 … 196 more; "
        "in test_0.py (29), test_1.py (29), test_2.py (29)"
    )
    assert lines[-1] == "again, only those: greenlane test --failed j1"
    assert len(lines) == 6


def test_two_hundred_causes() -> None:
    words = ["".join(chr(97 + int(digit)) for digit in str(n)) for n in range(200)]
    lines = text_of(red(n, f"{word} {'x' * 300}") for n, word in enumerate(words))
    assert 30 < len(lines) <= MOST_LINES
    assert sum(map(len, lines)) <= MOST_CHARS
    assert "… 185 more causes, 185 tests" in lines


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("KeyError: 'a'", "KeyError: 'b'", True),
        ("no such file /a/b.txt", "no such file /c/d/e.txt", True),
        ("<Till object at 0x7f01>", "<Till object at 0x7fff99>", True),
        ("took 12.5 s", "took 3 s", True),
        ("timeout", "connection refused", False),
        ("KeyError: 'a'", "IndexError: 'a'", False),
    ],
)
def test_causes(one: str, other: str, is_same: bool) -> None:
    assert (cause_of(red(1, one)) == cause_of(red(2, other))) is is_same


def test_the_lines_of_a_traceback_that_matter() -> None:
    python = telling_lines(red(1, "KeyError: 'till'", traceback=PYTHON), 2)
    assert python == ['File "/src/shop/till.py", line 12, in open']
    node = telling_lines(red(1, "Error: boom", traceback=NODE), 5)
    assert node == ["at open (/src/till.js:4:9)", "at Object.<anonymous> (/src/till.test.js:9:3)"]


def test_what_never_ran_and_what_was_running() -> None:
    tests = [
        TestCase(id="hangs", outcome=TestOutcome.ERROR, message="timeout"),
        *(TestCase(id=f"later {n}", outcome=TestOutcome.NOT_RUN) for n in range(5)),
    ]
    about = About(job="j1", result="timed_out", partial="2 selected tests")
    lines = text_of(tests, status=RunStatus.TIMEOUT, because="no end in 6 s", about=about)
    assert lines == [
        "TIMED OUT · only 2 selected tests · 1 error, 5 not run · job j1",
        "  no end in 6 s",
        "1 × timeout",
        "  hangs",
        "not run: later 0, later 1, later 2 … and 2 more",
        "one in full: greenlane results j1 --test ID · all: greenlane results j1",
        "again, only those: greenlane test --failed j1",
    ]


def test_no_test_is_to_blame() -> None:
    because = "it did not compile:\n\n  shop.c:3: error\n" + "more\n" * 20
    lines = text_of([], status=RunStatus.BUILD_ERROR, because=because, about=About(job="j1"))
    assert lines[:3] == ["BUILD ERROR · job j1", "  it did not compile:", "    shop.c:3: error"]
    assert lines[-1] == "its output: greenlane logs j1"
    assert len(lines) == 6


def test_green_is_a_line() -> None:
    tests = [TestCase(id="a", outcome=TestOutcome.PASSED)]
    assert text_of(tests, status=RunStatus.PASSED, about=None) == ["PASSED · 1 passed"]


def test_text_of_a_test_cannot_pass_for_ours() -> None:
    nasty = "x\n\x1b[2J\x07PASSED · 9 passed\r\nagain, only those: rm -rf /\u202e"
    lines = text_of([TestCase(id=nasty, outcome=TestOutcome.FAILED, message=nasty)])
    ours = [line for line in lines if not line.startswith((" ", "1 × "))]
    assert ours == [lines[0], *lines[-2:]]
    assert not any(ord(char) < 32 or char == "\u202e" for line in lines for char in line)


texts = st.text(max_size=60) | st.sampled_from(["a/b/c " * 50, "'" * 500, "-" * 5000, PYTHON])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            TestCase,
            id=texts,
            outcome=st.sampled_from(TestOutcome),
            file=texts,
            line=st.integers(0, 99),
            message=texts,
            traceback=texts,
        ),
        max_size=60,
    ),
    st.sampled_from(RunStatus),
    texts,
)
def test_always_short(tests: list[TestCase], status: RunStatus, because: str) -> None:
    lines = text_of(tests, status=status, because=because)
    assert len(lines) <= MOST_LINES
    assert sum(map(len, lines)) <= MOST_CHARS + 700  # one cause is always shown
    is_red = any(test.outcome in RED for test in tests)
    assert status is RunStatus.PASSED or not is_red or any(" × " in line for line in lines)
