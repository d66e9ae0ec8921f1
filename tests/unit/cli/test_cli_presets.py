"""`greenlane presets`, and the presets of a project in `parse`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from greenlane.cli.main import main
from greenlane.cli.reference import JSON_KEYS
from greenlane.config.catalogue import Catalogue


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project with a preset of its own, as a user with one good and one broken."""
    mine = tmp_path / "config" / "presets"
    mine.mkdir(parents=True)
    (mine / "usual.toml").write_text('summary = "my usual"\nneeds = ["no-such-program"]\n')
    (mine / "broken.toml").write_text("comand = 'x'\n")
    monkeypatch.setenv("GREENLANE_CONFIG", str(tmp_path / "config" / "server.toml"))
    root = tmp_path / "shop"
    (root / "below").mkdir(parents=True)
    (root / "greenlane.toml").write_text(
        '[preset.till]\nextends = "custom"\nsummary = "the till"\ncommand = "./till"\n'
    )
    monkeypatch.chdir(root / "below")
    return root


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["presets", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("project")
def test_every_preset_is_listed_with_where_it_is_from(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["name"]: row for row in ask(capsys, "list")["presets"]}
    assert rows.keys() == {*Catalogue().names(), "usual", "broken", "till"}
    assert rows["pytest"]["from"] == "shipped"
    assert rows["till"]["from"] == "project"
    assert rows["usual"]["from"] == "user"
    assert rows["usual"]["missing"] == ["no-such-program"]
    assert "broken.toml: unknown key `comand`" in rows["broken"]["error"]
    assert main(["presets", "list"]) == 0
    text = capsys.readouterr().out
    assert "missing  usual" in text
    assert "error    broken" in text


@pytest.mark.usefixtures("project")
def test_one_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ask(capsys, "show", "till")
    assert shown["command"] == ["./till"]
    assert shown["from"] == "project"
    assert tuple(shown) == JSON_KEYS["presets show"][0]
    assert tuple(ask(capsys, "list")) == JSON_KEYS["presets list"][0]
    assert main(["presets", "show", "till", "--toml"]) == 0
    table = tomllib.loads(capsys.readouterr().out)["preset"]["till"]
    assert table["command"] == ["./till"]
    assert len(table["report"]) == len(Catalogue().get("custom").report)
    assert main(["presets", "show", "till"]) == 0
    assert "runs                      ./till\n" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("name", "said"), [("broken", "`comand`"), ("pyteest", "`pytest`")])
def test_one_that_cannot_be_used(capsys: pytest.CaptureFixture[str], name: str, said: str) -> None:
    assert main(["presets", "show", name]) == 2
    assert said in capsys.readouterr().err


def test_parse_reads_with_a_preset_of_the_project(
    project: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log = project / "log"
    log.write_text("TAP version 13\n1..1\nok 1 - opens\n")
    words = ["parse", "--exit-code", "0", "--stdout", str(log), "--preset"]
    assert main([*words, "till"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["totals"]["passed"] == 1
    assert main([*words, "broken"]) == 2
    (project / "greenlane.toml").write_text("[preset.till]\ncomand = 'x'\n")
    assert main([*words, "till"]) == 2
    assert b"greenlane.toml: unknown key `preset.till.comand`" in capfdbinary.readouterr().err
