"""`greenlane parse`: what it prints, how it exits, what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from greenlane.cli.main import main

CORPUS = Path(__file__).parents[2] / "corpus"


def parse(capsysbinary: pytest.CaptureFixture[bytes], *words: str) -> tuple[int, bytes, str]:
    try:
        code = main(["parse", *words])
    except SystemExit as error:
        code = int(error.code or 0)
    out, err = capsysbinary.readouterr()
    return code, out, err.decode()


def parse_json(capsysbinary: pytest.CaptureFixture[bytes], *words: str) -> tuple[int, Any]:
    code, out, err = parse(capsysbinary, *words)
    assert not err
    return code, json.loads(out)


@pytest.mark.parametrize(
    ("preset", "case", "status", "code"),
    [
        ("rust", "cargo/allpass", "passed", 0),
        ("rust", "cargo/text", "failed", 1),
        ("rust", "cargo/usage_error", "usage_error", 2),
        ("rust", "cargo/compile_error", "build_error", 3),
        ("rust", "cargo/list", "listed", 3),
        ("rust", "cargo/timeout_kill", "timeout", 4),
        ("go", "go/panic", "crashed", 3),
        ("node-test", "nodetest/no_tests", "no_tests", 3),
        ("node-test", "nodetest/mixed", "failed", 1),
        ("jest", "jest/mixed", "failed", 1),
        ("jest", "jest/filter_no_match", "no_tests", 3),
    ],
)
def test_status_and_exit_code(
    capsysbinary: pytest.CaptureFixture[bytes], preset: str, case: str, status: str, code: int
) -> None:
    folder = CORPUS / case
    meta = json.loads((folder / "meta.json").read_text())
    words = ["--preset", preset, "--exit-code", str(meta["exit_code"]), "--root", meta["cwd"]]
    words += ["--timed-out"] if meta["timed_out"] else []
    for stream in ("stdout", "stderr"):
        if (folder / f"{stream}.log").exists():
            words += [f"--{stream}", str(folder / f"{stream}.log")]
    for report in meta["reports"]:
        words += ["--report", str(folder / report)]
    got, document = parse_json(capsysbinary, *words)
    assert (document["status"], got) == (status, code)
    assert document["preset"] == preset
    assert document["because"]
    expected = json.loads((folder / "expected.json").read_text())
    if expected["per_test"] == "full":
        assert document["totals"]["total"] <= expected["totals"]["total"]
        assert {test["id"] for test in document["failures"]} <= {
            test["id"] for test in document["tests"]
        }


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "jets", "--exit-code", "0"], ["'jets'", "`jest`"]),
        (["--preset", "jest"], ["--exit-code"]),
        (["--exit-code", "0"], ["--preset"]),
        (["--preset", "jest", "--exit-code", "many"], ["--exit-code", "many"]),
        (["--preset", "jest", "--exit-code", "0", "--report", "/no/such"], ["/no/such"]),
        (["--preset", "jest", "--exit-code", "0", "--stdout", "/"], ["'/'", "no regular file"]),
        (["--preset", "jest", "--exit-code", "0", "--format", "xml"], ["xml", "junit"]),
        (["--preset", "jest", "--exit-code", "0", "stray"], ["stray"]),
    ],
)
def test_bad_arguments_are_named(
    capsysbinary: pytest.CaptureFixture[bytes], words: list[str], says: list[str]
) -> None:
    code, out, err = parse(capsysbinary, *words)
    assert code == 2
    assert not out
    assert all(word in err for word in says)


def test_a_pipe_is_refused_and_not_waited_for(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    words = ["--preset", "jest", "--exit-code", "0", "--report", str(tmp_path / "pipe")]
    code, _, err = parse(capsysbinary, *words)
    assert code == 2
    assert "no regular file" in err


@pytest.mark.parametrize("form", ["ctrf", "junit", "github"])
def test_other_formats(capsysbinary: pytest.CaptureFixture[bytes], form: str) -> None:
    report = CORPUS / "jest" / "mixed" / "out.json"
    words = ["--preset", "jest", "--exit-code", "1", "--report", str(report), "--format", form]
    code, out, err = parse(capsysbinary, *words)
    assert code == 1
    assert not err
    assert b"add nested each 2" in out


def test_no_leavings_at_all_are_never_green(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code, document = parse_json(capsysbinary, "--preset", "jest", "--exit-code", "0")
    assert (document["status"], code) == ("no_tests", 3)
    assert document["tests"] == []
