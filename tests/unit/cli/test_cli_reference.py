from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenlane.cli.commands import SUMMARY_OF_COMMAND
from greenlane.cli.main import main
from greenlane.cli.reference import JSON_KEYS, write_reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def test_the_page_is_what_the_parsers_say() -> None:
    again = "run: python -m greenlane.cli.reference > docs/reference/cli.md"
    assert PAGE.read_text() == write_reference(), again


@pytest.mark.parametrize("name", SUMMARY_OF_COMMAND)
def test_every_command_is_on_the_page(name: str) -> None:
    page = write_reference()
    assert f"## greenlane {name}\n" in page
    has_json = name in JSON_KEYS or any(key.startswith(f"{name} ") for key in JSON_KEYS)
    assert has_json or name in {"logs", "serve"}


def test_the_keys_of_parse(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["parse", "--preset", "pytest", "--exit-code", "0", "--json"]) == 3
    assert tuple(json.loads(capfdbinary.readouterr().out)) == JSON_KEYS["parse"][0]


def test_the_keys_of_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--json"]) == 0
    assert tuple(json.loads(capsys.readouterr().out)) == JSON_KEYS["init"][0]
