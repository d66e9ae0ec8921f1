from __future__ import annotations

import json
import sys
import types
from typing import Any

import pytest

from greenlane import __version__
from greenlane.cli import main as entry
from greenlane.cli.commands import SUMMARY_OF_COMMAND, load_command
from greenlane.cli.options import make_root
from greenlane.cli.verdict import EXIT_CODE_OF_RESULT, JobGoesOnError
from greenlane.model.errors import NotFoundError, UnknownSuiteError
from greenlane.model.job import Outcome


def play_command(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """Put a command in the place of `version`."""
    module = types.SimpleNamespace(add_parser=load_command("version").add_parser, run=run)
    monkeypatch.setitem(sys.modules, "greenlane.cli.version", module)


def fail_with(error: BaseException) -> Any:
    def run(_arguments: object) -> int:
        raise error

    return run


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(words) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in SUMMARY_OF_COMMAND)


@pytest.mark.parametrize("words", [["help", "version"], ["version", "--help"]])
def test_help_of_one_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        entry.main(words)
    assert caught.value.code == 0
    assert "usage: greenlane version" in capsys.readouterr().out


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["tset"]) == 2
    assert "did you mean `greenlane test`?" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["--version"]) == 0
    assert capsys.readouterr().out == f"greenlane {__version__}\n"
    assert entry.main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": __version__}


@pytest.mark.parametrize(
    "words",
    [
        ["version", "--nonsense"],
        ["version", "--js"],
        ["version", "--", "more"],
        ["status", "one", "two"],
        ["project"],
        ["test", "--timeout", "-5"],
        ["wait"],
    ],
)
def test_a_wrong_call_is_exit_code_2_with_a_way_out(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith("greenlane: ")
    assert "\nhint: see `greenlane " in err


def test_a_wrong_call_is_an_object_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["test", "--json", "--nonsense"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "bad_request"
    assert entry.main(["test", "--nonsense", "--", "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_what_stands_after_two_dashes_is_left_alone() -> None:
    arguments = entry.parse(["test", "--suite", "web", "--", "-k", "a b", "--", "--json"])
    assert arguments.rest == ["-k", "a b", "--", "--json"]
    assert not arguments.json
    assert entry.parse(["test"]).rest is None


def test_an_error_says_what_and_what_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = UnknownSuiteError("no suite 'web'\x1b[2J", hint="there are: unit")
    play_command(monkeypatch, fail_with(error))
    assert entry.main(["version"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "greenlane: no suite 'web'\nhint: there are: unit\n"


def test_an_error_is_an_object_for_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play_command(monkeypatch, fail_with(NotFoundError("no job 7")))
    assert entry.main(["version", "--json"]) == 2
    expected = {"error": "not_found", "message": "no job 7", "hint": ""}
    assert json.loads(capsys.readouterr().out) == expected


def test_a_job_that_goes_on_is_named_in_the_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play_command(monkeypatch, fail_with(JobGoesOnError("j1", "terminated")))
    assert entry.main(["version", "--json"]) == 75
    assert json.loads(capsys.readouterr().out)["job_id"] == "j1"


def test_ctrl_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play_command(monkeypatch, fail_with(KeyboardInterrupt()))
    assert entry.main(["version"]) == 130
    assert capsys.readouterr().err == ""


def test_every_outcome_of_the_model_has_its_exit_code() -> None:
    special = {
        Outcome.PASSED: 0,
        Outcome.FAILED: 1,
        Outcome.USAGE_ERROR: 2,
        Outcome.TIMED_OUT: 4,
        Outcome.CANCELLED: 5,
        Outcome.SUPERSEDED: 5,
    }
    assert {one.value: special.get(one, 3) for one in Outcome} == EXIT_CODE_OF_RESULT


@pytest.mark.parametrize("name", SUMMARY_OF_COMMAND)
def test_every_command_can_be_loaded_and_describes_itself(name: str) -> None:
    _, subparsers = make_root()
    load_command(name).add_parser(subparsers)
    assert subparsers.choices[name].description
