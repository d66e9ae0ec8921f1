from __future__ import annotations

import re
from pathlib import Path

import pytest

from greenlane.config.catalogue import Catalogue, merge
from greenlane.config.strict import parse_toml
from greenlane.model.errors import SettingsError
from greenlane.model.run import Prepare


def make(folder: Path, **files: str) -> Catalogue:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return Catalogue(folder)


def overrides(text: str) -> dict[str, dict[str, object]]:
    tables: dict[str, dict[str, object]] = parse_toml(text.encode(), source="greenlane.toml")
    return tables


def test_lists_replace_and_tables_merge_along_a_chain(tmp_path: Path) -> None:
    presets = make(
        tmp_path,
        a="""
        command = "run a"
        env = { A = "1", B = "1" }
        outcome = { failed = [1, 2], crashed = [9] }
        """,
        b="""
        extends = "a"
        env = { B = "2" }
        """,
        c="""
        extends = "b"
        command = ["run", "c"]
        outcome.failed = [3]
        prepare = ["get it", { command = "npm ci", inputs = ["lock"] }]
        """,
    )
    found = presets.get("c")
    assert found.name == "c"
    assert found.command == ["run", "c"]
    assert found.env == {"A": "1", "B": "2"}
    assert found.outcome.failed == [3]
    assert found.outcome.crashed == [9]
    assert found.prepare == [
        Prepare(argv=["get", "it"]),
        Prepare(argv=["npm", "ci"], inputs=["lock"]),
    ]
    assert presets.get("b").command == ["run", "a"]


def test_what_finds_a_preset_does_not_find_its_children(catalogue: Catalogue) -> None:
    found = catalogue.with_overrides({"mine": {"extends": "pytest"}}, source="greenlane.toml")
    assert found.get("mine").detect is None
    assert found.get("mine").command == found.get("pytest").command


def test_a_project_adds_and_changes_presets_without_touching_the_shipped(
    catalogue: Catalogue,
) -> None:
    wide = catalogue.with_overrides(
        overrides("pytest.env.MORE = '1'\n[new]\ncommand = 'x'"), source="greenlane.toml"
    )
    changed, shipped = wide.get("pytest"), catalogue.get("pytest")
    assert changed.env == shipped.env | {"MORE": "1"}
    assert changed.detect == shipped.detect
    assert "new" in wide.names()
    assert "new" not in catalogue.names()
    assert "MORE" not in shipped.env


def test_a_preset_that_extends_its_own_name_changes_the_shipped_one(catalogue: Catalogue) -> None:
    wide = catalogue.with_overrides(
        {"pytest": {"extends": "pytest", "timeout_seconds": 5}}, source="greenlane.toml"
    )
    assert wide.get("pytest").timeout_seconds == 5
    assert wide.get("pytest").command == catalogue.get("pytest").command


def test_an_unknown_preset_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError) as caught:
        catalogue.get("pytests")
    assert caught.value.message == "there is no preset 'pytests'"
    assert "`pytest`" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends = 'b'", "`extends`: presets extend each other in a circle: a → b → a"),
        ("extends = 'a'", "in a circle: a → a"),
        ("extends = 'z'", "`extends`: there is no preset 'z'"),
        ("comand = 'x'", "unknown key `comand`"),
        ("detect.priorty = 1", "unknown key `detect.priorty`"),
        ("outcome.failed = ['x']", "`outcome.failed[1]`: expected a whole number, got text"),
        ("[[report]]\npath = 'x'", "`report[1].format` is missing"),
        ("timeout_seconds = 0", "`timeout_seconds`: expected more than 0"),
        ("cwd = '/x'", "`cwd`: '/x' leads out"),
        ("name = 'b'", "`name` differs from 'a'"),
        ("env = { 'A=B' = '1' }", "`env`: 'A=B' is no name"),
        ("detect.runs = ['(']", "`detect.runs`: not a regular expression"),
        ("outcome.no_tests_patterns = ['[']", "not a regular expression"),
        ("prepare = ['a | b']", "`prepare[1]`: `|` needs a shell"),
        ("x = ", "not valid TOML"),
    ],
)
def test_a_slip_names_the_file_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make(tmp_path, a=text, b="extends = 'a'").presets()
    assert re.match(r"preset file [ab]\.toml: ", caught.value.message)
    assert said in caught.value.message


def test_a_slip_in_a_project_names_its_own_file(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match=r"^greenlane.toml: unknown key `preset.pytest.envv`"):
        catalogue.with_overrides({"pytest": {"envv": {}}}, source="greenlane.toml")


def test_merge_leaves_both_tables_as_they_were() -> None:
    lower, upper = {"a": {"x": 1}}, {"a": {"y": 2}}
    assert merge(lower, upper) == {"a": {"x": 1, "y": 2}}
    assert lower == {"a": {"x": 1}}
    assert upper == {"a": {"y": 2}}


def test_all_shipped_presets_load() -> None:
    for preset in Catalogue().presets():
        assert preset.summary, preset.name
