"""What RSpec's JSON formatter leaves."""

from __future__ import annotations

import json
from typing import Any

from greenlane.model.report import RunStatus
from tests.unit.report.reading import outcomes, read


def example(name: str, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "./spec/a_spec.rb[1:1]",
        "description": name,
        "full_description": f"add {name}",
        "status": status,
        "file_path": "./spec/a_spec.rb",
        "line_number": 3,
        "run_time": 0.5,
        "pending_message": None,
        **fields,
    }


def document(*examples: dict[str, Any], outside: int = 0, **fields: Any) -> str:
    summary = {
        "duration": 1,
        "example_count": len(examples),
        "failure_count": sum(one["status"] == "failed" for one in examples),
        "pending_count": 0,
        "errors_outside_of_examples_count": outside,
    }
    whole = {"version": "3.12.0", **fields, "examples": examples, "summary": summary}
    return json.dumps(whole, separators=(",", ":"))


def test_examples() -> None:
    error = {"class": "RuntimeError", "message": "\nboom\n", "backtrace": ["a.rb:1", "b.rb:2"]}
    findings, tests = read(
        "rspec-json",
        document(
            example("works", "passed"),
            example("breaks", "failed", exception=error),
            example("later", "pending", pending_message="not today"),
            example("strange", "vanished"),
        ),
    )
    assert outcomes(tests) == {
        "add works": "passed",
        "add breaks": "failed",
        "add later": "skipped",
        "add strange": "not_run",
    }
    assert (tests[1].file, tests[1].line, tests[1].duration_seconds) == ("spec/a_spec.rb", 3, 0.5)
    assert tests[1].message == "boom"
    assert tests[1].traceback == "RuntimeError: boom\na.rb:1\nb.rb:2"
    assert tests[2].message == "not today"
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_a_file_that_cannot_be_loaded() -> None:
    messages = ["\nAn error occurred while loading ./spec/x_spec.rb.\n", "No examples found."]
    findings, tests = read("rspec-json", document(outside=1, messages=messages))
    assert (findings.status, tests) == (RunStatus.BUILD_ERROR, [])
    assert findings.problems == ["An error occurred while loading ./spec/x_spec.rb."]


def test_an_error_after_the_examples_is_no_success() -> None:
    findings, _ = read("rspec-json", document(example("works", "passed"), outside=1))
    assert (findings.status, findings.says_success) == (None, False)
    assert findings.problems


def test_a_report_between_other_output_and_one_cut_short() -> None:
    text = document(example("works", "passed"))
    findings, tests = read("rspec-json", f"hello\n{text}\nbye\n")
    assert (findings.is_complete, len(tests)) == (True, 1)
    findings, tests = read("rspec-json", text[:-20])
    assert (findings.is_recognised, findings.is_complete, tests) == (True, False, [])
