"""Projects of the JVM, .NET, C, Perl, shell, Lua and OCaml are found, and their tests selected."""

from __future__ import annotations

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import BadRequestError

KOTLIN = 'plugins { kotlin("jvm") version "2.0" }'
TEST_PROJECT = '<PackageReference Include="Microsoft.NET.Test.Sdk" Version="17" />'


@pytest.mark.parametrize(
    ("files", "preset", "because"),
    [
        ({"pom.xml": ""}, "java-maven", "pom.xml"),
        ({"gradlew": "", "build.gradle": ""}, "gradle", "gradlew"),
        ({"build.gradle.kts": ""}, "gradle-installed", "build.gradle.kts"),
        ({"gradlew": "", "build.gradle.kts": KOTLIN}, "kotlin", "build.gradle.kts"),
        ({"App.sln": ""}, "dotnet", "App.sln"),
        ({"src/A/A.csproj": "", "test/A/A.csproj": TEST_PROJECT}, "dotnet", "test/A/A.csproj"),
        ({"CMakeLists.txt": "enable_testing()"}, "ctest", "CMakeLists.txt"),
        ({"CMakeLists.txt": "find_package(GTest REQUIRED)"}, "cpp", "CMakeLists.txt"),
        (
            {"CMakeLists.txt": "", "test/CMakeLists.txt": "FetchContent_Declare(googletest)"},
            "cpp",
            "test/CMakeLists.txt",
        ),
        ({"meson.build": ""}, "meson", "meson.build"),
        ({"t/a.t": "", "lib/A.pm": ""}, "prove", "t/a.t"),
        ({"test/a.bats": "", "a.sh": ""}, "bats", "test/a.bats"),
        ({"spec/a_spec.lua": ""}, "busted", "spec/a_spec.lua"),
        ({"dune-project": ""}, "dune", "dune-project"),
        ({"Makefile": "test:\n\t./check\n"}, "make", "Makefile"),
        ({"justfile": "test:\n    ./check\n"}, "just", "justfile"),
        ({"Makefile": "test:\n\tprove -l t\n"}, "prove", "Makefile"),
        ({"Makefile": "test:\n\tcd build && ctest\n", "CMakeLists.txt": ""}, "ctest", "Makefile"),
    ],
)
def test_it_is_found_and_says_why(files: dict[str, str], preset: str, because: str) -> None:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    [suite] = detect(tree, Catalogue()).suites
    assert suite.preset == preset
    assert because in suite.because


def test_a_marker_wins_over_a_recipe_that_names_no_runner() -> None:
    tree = MappedFiles({"Makefile": b"test:\n\t./check\n", "pom.xml": b""})
    assert [suite.preset for suite in detect(tree, Catalogue()).suites] == ["java-maven"]


def test_shell_tests_beside_a_library_are_a_suite_of_their_own() -> None:
    tree = MappedFiles({"CMakeLists.txt": b"enable_testing()", "a.bats": b""})
    assert {suite.preset for suite in detect(tree, Catalogue()).suites} >= {"ctest"}
    assert [suite.preset for suite in detect(tree, Catalogue(), preset="bats").suites] == ["bats"]


@pytest.mark.parametrize(
    ("preset", "ids", "words"),
    [
        (
            "java-maven",
            ["calc.CalcTest.even{int}[1]", "calc.CalcTest$Inner.deep"],
            ["-Dtest=calc.CalcTest#even,calc.CalcTest$Inner#deep"],
        ),
        ("gradle", ["CalcTest.even(int)[2]"], ["--tests", "CalcTest.even"]),
        ("dotnet", ["A.B.C(x: 1)", "A.B.D"], ["FullyQualifiedName=A.B.C|FullyQualifiedName=A.B.D"]),
        ("cpp", ["Calc.Adds", "Nums/P.Even/3"], ["-R", "^(Calc.Adds|Nums/P.Even/3)$"]),
        ("meson", ["calc:unit / fails", "plain"], ["fails", "plain"]),
        ("prove", ["t/a.t 2 fails", "t/a.t 5 sub", "t/b.t"], ["t/a.t", "t/b.t"]),
        ("bats", ["adds one"], ["--filter", "^(adds one)$"]),
        ("busted", ["calc adds"], ["--filter", "calc adds"]),
    ],
)
def test_selection(preset: str, ids: list[str], words: list[str]) -> None:
    tests = [SelectedTest(id=test_id) for test_id in ids]
    said = selection_words(Catalogue().get(preset), tests)
    assert said[-len(words) :] == words


def test_a_name_that_would_be_a_pattern_is_refused() -> None:
    for preset in ("bats", "ctest"):
        with pytest.raises(BadRequestError, match="is not the id of a test"):
            selection_words(Catalogue().get(preset), [SelectedTest(id="adds (2+2)")])
