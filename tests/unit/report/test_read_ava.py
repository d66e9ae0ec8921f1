"""What AVA prints for people."""

from __future__ import annotations

from tests.unit.report.reading import outcomes, read

TEXT = """
  - [skip] a \u203a skipped
  - [todo] a \u203a todo one
  ✔ a \u203a passes (1.5s)
  ✘ [fail]: a \u203a fails
  ✔ [expected fail] a \u203a known
  ✘ [fail]: a \u203a throws Error thrown in test
  ✘ test/c.js exited with a non-zero exit code: 1
  ─

  a \u203a fails

  test/a.js:3

   2: test('passes', t => { t.pass(); });
   3: test('fails', t => { t.is(1, 2); });

  Difference (- actual, + expected):

  - 1
  + 2



  a \u203a throws

  Error thrown in test:

  Error: boom

  ─

  2 tests failed
  1 known failure
  1 test skipped
  1 test todo
  1 uncaught exception
"""


def test_text() -> None:
    findings, tests = read("ava-text", TEXT.encode())
    assert outcomes(tests) == {
        "a \u203a skipped": "skipped",
        "a \u203a todo one": "skipped",
        "a \u203a passes": "passed",
        "a \u203a fails": "failed",
        "a \u203a known": "xfail",
        "a \u203a throws": "failed",
        "test/c.js exited with a non-zero exit code: 1": "error",
    }
    by_id = {test.id: test for test in tests}
    assert by_id["a \u203a passes"].duration_seconds == 1.5
    assert by_id["a \u203a throws"].message == "Error thrown in test"
    fails = by_id["a \u203a fails"]
    assert (fails.file, fails.line) == ("test/a.js", 3)
    assert fails.message == "Difference (- actual, + expected):\n- 1\n+ 2"
    assert "+ 2" in by_id["a \u203a fails"].traceback
    assert "boom" not in by_id["a \u203a fails"].traceback
    assert (findings.is_complete, findings.says_success, findings.unnamed) == (True, False, {})


def test_green() -> None:
    findings, tests = read("ava-text", "  ✔ passes\n  ─\n\n  1 test passed\n".encode())
    assert outcomes(tests) == {"passes": "passed"}
    assert (findings.is_complete, findings.says_success) == (True, True)


def test_cut_short() -> None:
    assert not read("ava-text", TEXT.partition("  2 tests")[0].encode())[0].is_complete
