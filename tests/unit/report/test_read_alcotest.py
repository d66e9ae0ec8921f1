"""What Alcotest prints."""

from __future__ import annotations

from tests.unit.report.reading import outcomes, read

TEXT = """\
Testing `calc'.
This run has ID `5JYUQB0W'.

  [OK]          add          0   passes.
> [FAIL]        add          1   fails on two.
  [SKIP]        slow         0   later.

│ [FAIL]        add          1   fails on two.              │
1 failure! in 0.001s. 2 tests run.
"""


def test_each_test_counts_once() -> None:
    findings, tests = read("alcotest-text", TEXT)
    assert outcomes(tests) == {"passes": "passed", "fails on two": "failed", "later": "skipped"}
    assert findings.is_complete
    assert findings.says_success is False


def test_cut_short_is_not_complete() -> None:
    findings, tests = read("alcotest-text", TEXT.partition("1 failure!")[0])
    assert len(tests) == 3
    assert not findings.is_complete
