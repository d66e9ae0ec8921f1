"""Game engines and mobile frameworks are told by their project files; the reason names them."""

from __future__ import annotations

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.selection import SelectedTest, selection_words
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


@pytest.mark.parametrize(
    ("preset", "ids", "words"),
    [
        ("godot", ["res://a.gd.test_a", "res://b/c.gd.test_b"],
         ["res://a.gd.test_a", "res://b/c.gd.test_b"]),
        ("godot-gut", ["res://a.gd.test_a", "res://a.gd.Inner.test_b", "res://b.gd.test_c"],
         ["-gtest=res://a.gd,res://b.gd"]),
        ("dart", ["test/a_test.dart: adds (1)", "test/a_test.dart: fails"],
         ["--name", "^(?:adds \\(1\\)|fails)$", "test/a_test.dart"]),
        ("swift", ["App.CalcTests.testAdds", "CalcTests.testFails"],
         ["--filter", "CalcTests/testAdds$", "--filter", "CalcTests/testFails$"]),
        ("unity", ["Editor.CalcTest.Adds", "Editor.CalcTest.Rows(1,2)"],
         ["-testFilter", "Editor.CalcTest.Adds;Editor.CalcTest.Rows(1,2)"]),
    ],
)  # fmt: skip
def test_tests_are_selected_in_the_words_of_the_runner(
    preset: str, ids: list[str], words: list[str]
) -> None:
    tests = [SelectedTest(id=one, file="") for one in ids]
    assert selection_words(Catalogue().get(preset), tests) == words
