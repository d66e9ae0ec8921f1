"""Cucumber's two kinds of report, in the dialects of several Cucumbers."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from greenlane.model.report import RunStatus, TestCase
from greenlane.report.formats import READERS
from greenlane.report.formats.base import ReadContext
from tests.unit.report.reading import outcomes, read


def step(status: str, **fields: Any) -> dict[str, Any]:
    result = {"status": status, "duration": 500_000_000, **fields}
    return {"keyword": "Given ", "name": "one", "line": 3, "result": result}


def scenario(name: str, *steps: Any, line: int = 2, **fields: Any) -> dict[str, Any]:
    return {
        "keyword": "Scenario",
        "type": "scenario",
        "name": name,
        "line": line,
        "steps": list(steps),
        **fields,
    }


def feature(*elements: dict[str, Any], uri: str = "features/a.feature") -> dict[str, Any]:
    return {
        "uri": uri,
        "id": "a",
        "keyword": "Feature",
        "name": "calc",
        "elements": list(elements),
    }


def document(*features: dict[str, Any]) -> str:
    return json.dumps(list(features), indent=2)


BOOM = "Error: boom\n    at World.<anonymous> (/src/steps.js:2:5)"


def test_json() -> None:
    text = document(
        feature(
            scenario("works", step("passed"), step("passed")),
            scenario("breaks", step("failed", error_message=BOOM), step("skipped"), line=5),
            scenario("undefined", step("undefined")),
            scenario("ambiguous", step("ambiguous")),
            scenario("pending", step("passed"), step("pending")),
            scenario("left out", step("skipped")),
            scenario("empty"),
            scenario("row", step("passed"), line=20),
            scenario("row", step("failed"), line=21),
            scenario("bad hook", step("passed"), after=[{"result": {"status": "failed"}}]),
        ),
        feature(scenario("elsewhere", step("passed")), uri="file:/src/features/b.feature"),
    )
    findings, tests = read("cucumber-json", "Feature: calc\n" + text + "\nnpm notice\n")
    assert outcomes(tests) == {
        "works": "passed",
        "breaks": "failed",
        "undefined": "error",
        "ambiguous": "error",
        "pending": "error",
        "left out": "skipped",
        "empty": "skipped",
        "row": "passed",
        "row (features/a.feature:21)": "failed",
        "bad hook": "error",
        "elsewhere": "passed",
    }
    breaks = tests[1]
    assert (breaks.file, breaks.line, breaks.duration_seconds) == ("features/a.feature", 5, 1.0)
    assert (breaks.message, breaks.traceback) == ("Error: boom", BOOM)
    assert tests[2].message == "undefined: Given one"
    assert tests[-1].file == "features/b.feature"
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_a_background_belongs_to_the_scenario_after_it() -> None:
    background = {"keyword": "Background", "type": "background", "name": "", "line": 1}
    text = document(
        feature(
            background | {"steps": [step("failed", error_message="no database")]},
            scenario("never ran", step("skipped")),
            background | {"steps": [step("passed")]},
            scenario("works", step("passed")),
        )
    )
    _, tests = read("cucumber-json", text)
    assert outcomes(tests) == {"never ran": "failed", "works": "passed"}
    assert tests[0].message == "no database"


def test_behave_has_a_status_for_the_scenario() -> None:
    def behave(name: str, status: str, *steps: Any) -> dict[str, Any]:
        place: dict[str, Any] = {"location": "features/a.feature:22", "status": status}
        return {k: v for k, v in scenario(name, *steps, **place).items() if k != "line"}

    half = {"status": "passed", "duration": 0.5}
    no_result = {"keyword": "Given", "name": "one"}
    text = document(
        feature(
            behave("works", "passed", step("passed") | {"result": half}),
            behave("table 3 -- @1.2 ", "failed", step("failed", error_message=["a", "b"])),
            behave("undefined", "failed", step("undefined")),
            behave("left out", "skipped", no_result),
            behave("not reached", "untested", no_result),
            behave("bad hook", "hook_error", step("passed")),
        )
    )
    _, tests = read("cucumber-json", text)
    assert outcomes(tests) == {
        "works": "passed",
        "table 3": "failed",
        "undefined": "error",
        "left out": "skipped",
        "not reached": "not_run",
        "bad hook": "error",
    }
    assert (tests[0].line, tests[0].duration_seconds) == (22, 0.5)
    assert tests[1].message == "a\nb"


def test_steps_that_are_not_there_are_no_failure_where_the_run_passed() -> None:
    tests: list[TestCase] = []
    text = document(feature(scenario("later", step("pending")), scenario("x", step("undefined"))))
    context = ReadContext(root="/src", exit_code=0)
    READERS["cucumber-json"].read(io.BytesIO(text.encode()), tests.append, context)
    assert outcomes(tests) == {"later": "skipped", "x": "skipped"}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_json_cut_short(share: float) -> None:
    text = document(*(feature(scenario(f"works {n}", step("passed"))) for n in range(30)))
    findings, _ = read("cucumber-json", text[: int(len(text) * share)])
    assert not findings.is_complete


def envelope(kind: str, **fields: Any) -> dict[str, Any]:
    return {kind: fields}


def pickle(number: int, name: str, line: int) -> list[dict[str, Any]]:
    steps = [{"id": f"s{number}", "pickleStepId": "x"}, {"id": f"h{number}", "hookId": "y"}]
    place = {"line": line}
    return [
        envelope("pickle", id=f"p{number}", name=name, uri="f/a.feature", location=place),
        envelope("testCase", id=f"c{number}", pickleId=f"p{number}", testSteps=steps),
    ]


def attempt(
    number: int, status: str, *, hook: str = "PASSED", again: bool = False, message: str = ""
) -> list[dict[str, Any]]:
    run = f"r{number}"
    result = {"status": status, "duration": {"seconds": 1, "nanos": 500_000_000}}
    return [
        envelope("testCaseStarted", id=run, testCaseId=f"c{number}", attempt=0),
        envelope(
            "testStepFinished",
            testCaseStartedId=run,
            testStepId=f"s{number}",
            testStepResult=result | {"message": message},
        ),
        envelope(
            "testStepFinished",
            testCaseStartedId=run,
            testStepId=f"h{number}",
            testStepResult={"status": hook},
        ),
        envelope("testCaseFinished", testCaseStartedId=run, willBeRetried=again),
    ]


BEGIN = [envelope("meta", protocolVersion="32.0.0"), envelope("testRunStarted", id="t")]


def lines(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in (*BEGIN, *messages))


def test_messages() -> None:
    text = lines(
        *pickle(1, "works", 2),
        *pickle(2, "breaks", 4),
        *pickle(3, "flaky", 6),
        *pickle(4, "undefined", 8),
        *pickle(5, "bad hook", 10),
        *pickle(6, "works", 12),
        *attempt(1, "PASSED"),
        *attempt(2, "FAILED", message=BOOM),
        *attempt(3, "FAILED", again=True),
        *attempt(3, "PASSED"),
        *attempt(4, "UNDEFINED"),
        *attempt(5, "PASSED", hook="FAILED"),
        *attempt(6, "SKIPPED"),
        envelope("testRunFinished", success=False),
    )
    findings, tests = read("cucumber-messages", text)
    assert outcomes(tests) == {
        "works": "passed",
        "breaks": "failed",
        "flaky": "passed",
        "undefined": "error",
        "bad hook": "error",
        "works (f/a.feature:12)": "skipped",
    }
    breaks = tests[1]
    assert (breaks.file, breaks.line, breaks.duration_seconds) == ("f/a.feature", 4, 1.5)
    assert (breaks.message, breaks.traceback) == ("Error: boom", BOOM)
    assert (findings.is_complete, findings.says_success, findings.running) == (True, False, [])


def test_messages_cut_short_name_what_was_running() -> None:
    text = lines(
        *pickle(1, "works", 2),
        *pickle(2, "hangs", 4),
        *pickle(3, "never ran", 6),
        *attempt(1, "PASSED"),
        attempt(2, "PASSED")[0],
    )
    findings, tests = read("cucumber-messages", text, timed_out=True)
    assert outcomes(tests) == {"works": "passed", "hangs": "error", "never ran": "not_run"}
    assert (findings.is_complete, findings.running) == (False, ["hangs"])


def test_older_messages_place_scenarios_by_their_node_and_say_retries_in_a_step() -> None:
    scenario_node = {"scenario": {"id": "n1", "location": {"line": 7}}}
    retried = {"status": "FAILED", "willBeRetried": True}
    first = attempt(1, "PASSED")
    first[1]["testStepFinished"]["testStepResult"] = retried
    text = lines(
        envelope("gherkinDocument", feature={"children": [scenario_node]}),
        envelope("pickle", id="p1", name="works", uri="f/a.feature", astNodeIds=["n1"]),
        envelope("testCase", id="c1", pickleId="p1", testSteps=[]),
        *first,
        *attempt(1, "PASSED"),
        envelope("testRunFinished"),
    )
    findings, tests = read("cucumber-messages", text)
    assert (outcomes(tests), tests[0].line) == ({"works": "passed"}, 7)
    assert (findings.is_complete, findings.says_success) == (True, None)


def test_a_feature_that_cannot_be_parsed_is_a_build_error() -> None:
    text = lines(
        envelope("parseError", source={"uri": "a"}, message="(1:1): expected: #Feature"),
        envelope("testRunFinished", success=False),
    )
    findings, tests = read("cucumber-messages", text)
    assert (tests, findings.status) == ([], RunStatus.BUILD_ERROR)
    assert findings.problems == ["(1:1): expected: #Feature"]


def test_a_hook_of_the_run_that_failed_is_a_problem() -> None:
    result = {"status": "FAILED", "message": "no database"}
    text = lines(envelope("testRunHookFinished", result=result), envelope("testRunFinished"))
    assert read("cucumber-messages", text)[0].problems == ["no database"]
