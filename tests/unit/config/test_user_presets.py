"""A user's own presets: laid over the shipped ones, and a broken one breaks nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from greenlane.config.catalogue import Catalogue, LivingCatalogue
from greenlane.config.detect import detect
from greenlane.config.locations import Locations
from greenlane.config.preset_file import Origin
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import SettingsError


def put(folder: Path, **files: str) -> Catalogue:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return Catalogue(user_folder=str(folder))


def test_where_they_lie() -> None:
    home = {"HOME": "/home/ada"}
    assert Locations.from_environment(home).presets == "/home/ada/.config/greenlane/presets"
    config = {**home, "GREENLANE_CONFIG": "/etc/gl/server.toml"}
    assert Locations.from_environment(config).presets == "/etc/gl/presets"


def test_one_is_added_and_one_is_changed(tmp_path: Path) -> None:
    found = put(tmp_path, mine='extends = "pytest"\ncommand = "mine"', go="timeout_seconds = 9")
    shipped = Catalogue()
    assert found.get("mine").command == ["mine"]
    assert found.get("mine").report == shipped.get("pytest").report
    assert found.get("go").timeout_seconds == 9
    assert found.get("go").command == shipped.get("go").command
    assert found.origin("mine") is found.origin("go") is Origin.USER
    assert found.origin("pytest") is Origin.SHIPPED
    wider = found.with_overrides({"mine": {"timeout_seconds": 5}}, source="greenlane.toml")
    assert wider.get("mine").command == ["mine"]
    assert wider.origin("mine") is Origin.PROJECT


def test_a_broken_one_fails_who_asks_for_it_and_nobody_else(tmp_path: Path) -> None:
    found = put(tmp_path, rust="comand = 'x'", child='extends = "rust"', lost='extends = "zzz"')
    for name in ("rust", "child"):
        with pytest.raises(SettingsError, match=r"rust\.toml: .*comand"):
            found.get(name)
    with pytest.raises(SettingsError, match=r"lost\.toml.*`extends`: there is no preset 'zzz'"):
        found.get("lost")
    assert "rust" in found
    names = [preset.name for preset in found.presets()]
    assert "pytest" in names
    assert not {"rust", "child", "lost"} & set(names)
    [suite] = detect(MappedFiles({"pytest.ini": b""}), found).suites
    assert suite.preset == "pytest"
    with pytest.raises(SettingsError, match=r"rust\.toml"):
        detect(MappedFiles({"pytest.ini": b""}), found, preset="rust")


def test_what_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = put(tmp_path, odd="a = \x01")
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    for name in ("odd", "gone", "bytes"):
        assert isinstance(found.look(name), SettingsError)
    put(tmp_path, theirs="command = 'x'")
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    if (tmp_path / "theirs.toml").stat().st_uid != 0:
        assert "belongs to user" in str(Catalogue(user_folder=str(tmp_path)).look("theirs"))


def test_a_change_is_seen_without_a_new_start(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    living = LivingCatalogue(str(folder))
    before = living.now()
    assert "mine" not in before
    assert living.now() is before
    put(folder, mine="command = 'one'")
    assert living.now().get("mine").command == ["one"]
    put(folder, mine="command = 'another'")
    assert living.now().get("mine").command == ["another"]
    (folder / "mine.toml").unlink()
    assert "mine" not in living.now()
