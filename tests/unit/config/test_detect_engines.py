"""Game engines and mobile frameworks are told by their project files; the reason names them."""

from __future__ import annotations

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.tree import MappedFiles
from greenlane.model.suite import Suite

GUT = {"project.godot": "config_version=5", "addons/gut/gut_cmdln.gd": ""}
GDUNIT = {"project.godot": "config_version=5", "addons/gdUnit4/bin/GdUnitCmdTool.gd": ""}


def found(files: dict[str, str]) -> Suite:
    [suite] = detect(
        MappedFiles({path: text.encode() for path, text in files.items()}), Catalogue()
    ).suites
    return suite


@pytest.mark.parametrize(
    ("files", "preset", "reason"),
    [
        ({"project.godot": "", "test/test_a.gd": ""}, "godot", "project.godot"),
        (GUT, "godot-gut", "addons/gut/gut_cmdln.gd"),
        (GDUNIT, "godot-gdunit4", "addons/gdUnit4/bin/GdUnitCmdTool.gd"),
        ({"game/project.godot": "", "README.md": ""}, "godot", "game/project.godot"),
        ({"ProjectSettings/ProjectVersion.txt": ""}, "unity", "ProjectVersion.txt"),
        ({"Lyra.uproject": "{}", "Source/a.cpp": ""}, "unreal", "Lyra.uproject"),
        ({"pubspec.yaml": "dev_dependencies:\n  test: ^1.24.0"}, "dart", "pubspec.yaml"),
        (
            {"pubspec.yaml": "dev_dependencies:\n  flutter_test:\n    sdk: flutter"},
            "flutter",
            "pubspec.yaml",
        ),
        ({"Package.swift": "// swift-tools-version:5.9"}, "swift", "Package.swift"),
    ],
)
def test_the_project_file_says_it(files: dict[str, str], preset: str, reason: str) -> None:
    suite = found(files)
    assert suite.preset == preset
    assert reason in suite.because


@pytest.mark.parametrize(
    ("command", "preset", "words"),
    [
        ("godot3-server -s run.gd", "godot", ["tests", "{out}", "-s", "run.gd"]),
        ("godot --headless -s addons/gut/gut_cmdln.gd -gdir=res://t -gexit", "godot-gut",
         ["gut", "{out}", "-gdir=res://t", "-gexit"]),
        ("godot4 -s -d addons/gdUnit4/bin/GdUnitCmdTool.gd -a res://t", "godot-gdunit4",
         ["gdunit4", "{out}", "-a", "res://t"]),
    ],
)  # fmt: skip
def test_a_script_is_followed_to_the_runner(command: str, preset: str, words: list[str]) -> None:
    suite = found({**GUT, **GDUNIT, "Makefile": f"test:\n\t{command}\n"})
    assert suite.preset == preset
    assert suite.command[2:] == words


def test_a_game_beside_a_service_has_a_suite_of_its_own() -> None:
    files = {"project.godot": b"", "pytest.ini": b"", "tests/test_a.py": b"import pytest"}
    suites = detect(MappedFiles(files), Catalogue()).suites
    assert sorted(suite.preset for suite in suites) == ["godot", "pytest"]
