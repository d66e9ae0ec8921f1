"""The shipped presets find what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.config.tree import FolderFiles, MappedFiles
from greenlane.model.errors import BadRequestError

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("example", "preset"),
    [("pytest", "pytest"), ("django", "django"), ("rust", "rust"), ("node", "node-test")],
)
def test_the_examples_are_found(example: str, preset: str) -> None:
    [suite] = detect(FolderFiles(EXAMPLES / example), Catalogue()).suites
    assert (suite.preset, suite.cwd) == (preset, ".")


@pytest.mark.parametrize(
    ("files", "preset"),
    [
        ({"tests/test_a.py": "import unittest\nclass A(unittest.TestCase): ..."}, "unittest"),
        ({"tests/test_a.py": "def test_a(): ..."}, "pytest"),
        ({"tests/test_a.py": "import unittest", "pytest.ini": ""}, "pytest"),
        ({"pyproject.toml": "[tool.pytest.ini_options]"}, "pytest"),
        ({"manage.py": "", "pkg/test_a.py": "import unittest"}, "django"),
        ({"go.mod": "", "a/b_test.go": ""}, "go"),
        ({"go.mod": "", "Makefile": "test:\n\tgotestsum ./...\n"}, "gotestsum"),
        ({"Cargo.toml": "[dependencies]\nserde = '1'\n"}, "rust"),
        ({"Cargo.toml": "[dependencies]\nbevy = '0.16'\n"}, "bevy"),
        ({"Cargo.toml": "[dependencies.bevy]\nversion = '0.16'\n"}, "bevy"),
        ({"Cargo.toml": "[dependencies]\nbevy.workspace = true\n"}, "bevy"),
        ({"Cargo.toml": "[workspace]\n", "a/Cargo.toml": "[dependencies]\nbevy = '1'"}, "bevy"),
        ({"Cargo.toml": "[dependencies]\nbevy = '1'", "justfile": "test:\n  cargo test\n"}, "bevy"),
        ({"Cargo.toml": "", ".config/nextest.toml": ""}, "nextest"),
        ({"Cargo.toml": "", "Makefile": "test:\n\tcargo nextest run\n"}, "nextest"),
        ({"build.zig": ""}, "zig"),
        ({"package.json": '{"devDependencies": {"react-scripts": "5"}}'}, "jest"),
        ({"package.json": '{"scripts": {"test": "CI=1 react-scripts test"}}'}, "jest"),
        ({"package.json": '{"scripts": {"test": "node --import tsx --test"}}'}, "node-test"),
        ({"package.json": '{"devDependencies": {"vitest": "^3"}}'}, "vitest"),
        ({"package.json": '{"devDependencies": {"vitest": "^3", "jest": "^29"}}'}, "vitest"),
        ({"angular.json": "", "package.json": '{"devDependencies": {"vitest": "4"}}'}, "angular"),
        ({"vitest.config.ts": "", "src/a.test.js": "import test from 'node:test'"}, "vitest"),
        ({"package.json": '{"scripts": {"test": "vitest run"}}'}, "vitest"),
        ({"package.json": '{"scripts": {"test": "nyc mocha -r ts-node"}}'}, "mocha"),
        ({".mocharc.yml": "", "package.json": "{}"}, "mocha"),
        ({".rspec": "", "spec/a_spec.rb": ""}, "rspec"),
        ({"spec/models/a_spec.rb": ""}, "rspec"),
        ({"Rakefile": "", "test/a_test.rb": "require 'minitest/autorun'"}, "minitest"),
        ({"Rakefile": "", "bin/rails": "", "test/a_test.rb": "require 'test_helper'"}, "rails"),
        ({"pom.xml": "", "src/test/java/ATest.java": ""}, "java-maven"),
        ({"build.gradle.kts": "", "gradlew": "", "pom.xml": ""}, "gradle"),
        ({"phpunit.xml.dist": ""}, "phpunit"),
        ({"playwright.config.ts": "", "package.json": "{}"}, "playwright"),
        ({"playwright.config.ts": "", "vitest.config.ts": ""}, "vitest"),
        ({"mix.exs": ""}, "exunit"),
        ({"meson.build": ""}, "meson"),
        ({"CMakeLists.txt": "project(x)\nenable_testing()\n"}, "ctest"),
    ],
)
def test_each_framework_is_found(files: dict[str, str], preset: str) -> None:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    [suite] = detect(tree, Catalogue()).suites
    assert suite.preset == preset


@pytest.mark.parametrize(
    ("preset", "ids"),
    [
        ("pytest", ["test_a.py::TestB::test_c[x;y | z-1]", "tests/a b/test_c.py", "pkg.mod"]),
        ("unittest", ["pkg.test_mod.TestCase.test_it", "test_mod"]),
        ("django", ["books.tests.LoanTest.test_late", "books"]),
        ("rust", ["tests::four_is_written_by_subtraction"]),
        ("rust", ["src/lib.rs - add (line 4)", "a"]),
        ("nextest", ["tests::four"]),
        ("go", ["example.com/calc.TestTable/case_1/x"]),
    ],
)
def test_the_ids_of_a_framework_can_be_selected(preset: str, ids: list[str]) -> None:
    tests = [SelectedTest(id=test_id) for test_id in ids]
    assert selection_words(Catalogue().get(preset), tests)
    for hostile in (";rm -rf /", f"{ids[0].partition('[')[0]};rm -rf /", "$(id)", "`id`", "a|b"):
        with pytest.raises(BadRequestError, match="is not the id of a test"):
            selection_words(Catalogue().get(preset), [SelectedTest(id=hostile)])


def test_what_a_documentation_test_is_in_is_run_whole() -> None:
    rust = Catalogue().get("rust")
    tests = [SelectedTest(id="tests::a"), SelectedTest(id="b")]
    assert selection_words(rust, tests) == ["--", "--exact", "tests::a", "b"]
    doc = SelectedTest(id="src/lib.rs - Shape<T>::area (line 12)")
    assert selection_words(rust, [*tests, doc]) == ["--"]


def test_subtests_of_go_are_selected_with_their_parents() -> None:
    ids = ["m.io/a.TestA/x_1", "m.io/a.TestA/y", "m.io/v2.ExampleB"]
    words = selection_words(Catalogue().get("go"), [SelectedTest(id=one) for one in ids])
    assert words == ["-run", "^(?:TestA|ExampleB)$"]
