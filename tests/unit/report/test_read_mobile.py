"""What the JSON reporter of Dart and Flutter writes, and what `swift test` prints."""

from __future__ import annotations

import json
from typing import Any

from greenlane.model.report import RunStatus, TestOutcome
from tests.unit.report.reading import outcomes, read

START = {"protocolVersion": "0.1.1", "runnerVersion": "1.24.1", "pid": 1, "type": "start"}
SUITE = {"suite": {"id": 0, "platform": "vm", "path": "/src/test/a_test.dart"}, "type": "suite"}


def begin(number: int, name: str, **more: Any) -> dict[str, Any]:
    about = {"id": number, "name": name, "suiteID": 0, "groupIDs": [1], **more}
    return {"test": about, "type": "testStart", "time": 100}


def end(number: int, result: str = "success", **more: Any) -> dict[str, Any]:
    said = {"skipped": False, "hidden": False, **more}
    return {"testID": number, "result": result, "type": "testDone", "time": 350, **said}


def dart(*events: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in (START, SUITE, *events))


DONE = {"success": False, "type": "done", "time": 900}


def test_dart() -> None:
    url = {"line": 5, "column": 3, "url": "file:///src/test/a_test.dart"}
    helper = {"line": 126, "url": "package:flutter_test/src/widget_tester.dart", "root_line": 9,
              "root_url": "file:///src/test/a_test.dart"}  # fmt: skip
    findings, tests = read(
        "dart-json",
        dart(
            begin(1, "loading /src/test/a_test.dart"),
            end(1, hidden=True),
            begin(2, "adds", **url),
            {"testID": 2, "messageType": "print", "message": "hello", "type": "print"},
            end(2),
            begin(3, "(setUpAll)"),
            end(3, hidden=True),
            begin(4, "group fails", **helper),
            {"testID": 4, "error": "Expected: 1", "stackTrace": "a 1:2", "isFailure": True,
             "type": "error"},
            end(4, "failure"),
            begin(5, "raises"),
            end(5, "error"),
            begin(6, "later"),
            end(6, skipped=True),
            DONE,
        ),
    )  # fmt: skip
    assert outcomes(tests) == {
        "test/a_test.dart: adds": "passed",
        "test/a_test.dart: group fails": "failed",
        "test/a_test.dart: raises": "error",
        "test/a_test.dart: later": "skipped",
    }
    by_name = {one.id.rpartition(": ")[2]: one for one in tests}
    assert (by_name["adds"].file, by_name["adds"].line) == ("test/a_test.dart", 5)
    assert (by_name["adds"].output, by_name["adds"].duration_seconds) == ("hello\n", 0.25)
    fails = by_name["group fails"]
    assert (fails.line, fails.message, fails.traceback) == (9, "Expected: 1", "a 1:2")
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_a_dart_file_that_does_not_load_is_a_build_error() -> None:
    error = {"testID": 1, "error": "Failed to load", "isFailure": False, "type": "error"}
    findings, tests = read(
        "dart-json", dart(begin(1, "loading /src/test/a_test.dart"), error, end(1, "error"), DONE)
    )
    assert (findings.status, findings.problems) == (RunStatus.BUILD_ERROR, ["Failed to load"])
    assert outcomes(tests) == {"test/a_test.dart": "error"}


def test_a_dart_test_may_fail_after_its_end() -> None:
    late = {"testID": 2, "error": "late", "isFailure": False, "type": "error"}
    _, tests = read("dart-json", dart(begin(2, "adds"), end(2), late, DONE))
    assert outcomes(tests) == {"test/a_test.dart: adds": "error"}


def test_dart_that_was_killed() -> None:
    findings, tests = read(
        "dart-json", dart(begin(2, "a"), end(2), begin(3, "hangs")), timed_out=True
    )
    assert findings.running == ["test/a_test.dart: hangs"]
    assert not findings.is_complete
    assert [one.outcome for one in tests] == [TestOutcome.PASSED, TestOutcome.ERROR]


def test_flutter_puts_events_of_its_own_between() -> None:
    own = b'[{"event":"test.startedProcess","params":{"vmServiceUri":null}}]\n'
    data = dart(begin(2, "a")) + b"\n" + own + json.dumps(end(2)).encode()
    assert outcomes(read("dart-json", data)[1]) == {"test/a_test.dart: a": "passed"}


XCTEST = """
    Test Suite 'All tests' started at 2024-01-01 12:00:00.000
    Test Suite 'AppTests' started at 2024-01-01 12:00:00.000
    Test Case 'AppTests.testA' started at 2024-01-01 12:00:00.000
    /src/Tests/AppTests.swift:12: error: AppTests.testA : XCTAssertEqual failed: 1 and 2 -
    Test Case 'AppTests.testA' failed (0.25 seconds)
    Test Case 'AppTests.testB' started at 2024-01-01 12:00:00.000
    Test Case 'AppTests.testB' passed (0.0 seconds)
    Test Case 'AppTests.testC' started at 2024-01-01 12:00:00.000
    /src/Tests/AppTests.swift:18: AppTests.testC : Test skipped - later
    Test Case 'AppTests.testC' skipped (0.0 seconds)
"""
XCTEST_END = """
    Test Suite 'AppTests' failed at 2024-01-01 12:00:01.000
    \t Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in 0.2 (0.2) seconds
    Test Suite 'All tests' failed at 2024-01-01 12:00:01.000
    \t Executed 3 tests, with 1 test skipped and 1 failure (0 unexpected) in 0.2 (0.2) seconds
"""


def test_xctest() -> None:
    findings, tests = read("swift-text", XCTEST + XCTEST_END)
    assert outcomes(tests) == {
        "AppTests.testA": "failed",
        "AppTests.testB": "passed",
        "AppTests.testC": "skipped",
    }
    assert (tests[0].file, tests[0].line, tests[0].duration_seconds) == (
        "Tests/AppTests.swift", 12, 0.25,
    )  # fmt: skip
    assert (findings.is_complete, findings.declared_total) == (True, 3)


def test_xctest_on_macos_names_the_module() -> None:
    text = """
        Test Suite 'All tests' started at 2024-01-01 12:00:00.000.
        Test Case '-[App.AppTests testA]' started.
        Test Case '-[App.AppTests testA]' passed (0.001 seconds).
        Test Suite 'All tests' passed at 2024-01-01 12:00:00.000.
    """
    assert outcomes(read("swift-text", text)[1]) == {"App.AppTests.testA": "passed"}


def test_xctest_that_crashed() -> None:
    findings, tests = read("swift-text", XCTEST.rpartition("    /src")[0])
    assert findings.running == ["AppTests.testC"]
    assert (tests[-1].message, findings.is_complete) == ("crash", False)


def test_swift_testing() -> None:
    findings, tests = read(
        "swift-text",
        """
        ◇ Test run started.
        ◇ Suite MathTests started.
        ◇ Test addition() started.
        ◇ Test "it divides" started.
        ✘ Test "it divides" recorded an issue at MathTests.swift:10:5: Expectation failed: 1 == 2
        ✘ Test "it divides" failed after 0.25 seconds with 1 issue.
        ✔ Test addition() passed after 0.001 seconds.
        ◇ Test f(x:) started.
        ✔ Test f(x:) with 3 test cases passed after 0.002 seconds.
        ✘ Test known() passed after 0.002 seconds with 1 known issue.
        ➜ Test later() skipped: "not today"
        ✘ Suite MathTests failed after 0.001 seconds with 1 issue.
        ✘ Test run with 5 tests in 1 suite failed after 0.002 seconds with 2 issues.
        """,
    )
    assert outcomes(tests) == {
        "it divides": "failed", "addition()": "passed", "f(x:)": "passed", "known()": "xfail",
        "later()": "skipped",
    }  # fmt: skip
    assert (tests[0].line, tests[0].message) == (10, "Expectation failed: 1 == 2")
    assert findings.is_complete
