"""Suites of Ruby, PHP and Elixir: which are found, how they run, and what is installed."""

from __future__ import annotations

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import BadRequestError
from greenlane.model.suite import Suite

MINITEST = "require 'minitest/autorun'"


def suites(files: dict[str, str]) -> list[Suite]:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    return detect(tree, Catalogue()).suites


@pytest.mark.parametrize(
    ("files", "preset", "because"),
    [
        ({"bin/rails": "", "test/models/a_test.rb": ""}, "rails", "bin/rails"),
        ({"bin/rails": "", "Rakefile": "", "test/a_test.rb": MINITEST}, "rails", "bin/rails"),
        ({"bin/rails": "", "spec/rails_helper.rb": ""}, "rspec", "spec/rails_helper.rb"),
        ({"bin/rails": "", ".rspec": "", "test/test_helper.rb": ""}, "rspec", ".rspec"),
        ({"spec/a/b_spec.rb": "", "Rakefile": ""}, "rspec", "spec/a/b_spec.rb"),
        ({"Rakefile": "", "test/a_test.rb": MINITEST}, "minitest", "Rakefile"),
        ({"Rakefile": "require 'minitest/test_task'"}, "minitest", "Rakefile"),
        ({"Makefile": "test:\n\tbundle exec rspec\n"}, "rspec", "Makefile"),
        ({"Makefile": "test:\n\tbin/rails test:all\n"}, "rails", "Makefile"),
        ({"phpunit.xml": ""}, "phpunit", "phpunit.xml"),
        ({"phpunit.xml.dist": "", "composer.json": "{}"}, "phpunit", "phpunit.xml.dist"),
        (
            {"composer.json": '{"require-dev": {"phpunit/phpunit": "^11"}}'},
            "phpunit",
            "composer.json",
        ),
        (
            {
                "composer.json": '{"require-dev": {"pestphp/pest": "^3"}}',
                "phpunit.xml": "",
                "tests/Pest.php": "",
            },
            "pest",
            "tests/Pest.php",
        ),
        ({"mix.exs": "", "test/a_test.exs": ""}, "exunit", "mix.exs"),
        ({"mix.exs": "", "apps/a/mix.exs": "", "apps/b/mix.exs": ""}, "exunit", "mix.exs"),
    ],
)
def test_one_suite_is_found_and_says_why(files: dict[str, str], preset: str, because: str) -> None:
    [suite] = suites(files)
    assert (suite.preset, suite.cwd) == (preset, ".")
    assert because in suite.because


def test_specs_beside_the_tests_of_rails_are_a_suite_of_their_own() -> None:
    files = {"bin/rails": "", "test/a_test.rb": "", "spec/rails_helper.rb": ""}
    assert {one.preset for one in suites(files)} == {"rails", "rspec"}


@pytest.mark.parametrize(
    ("files", "command", "steps"),
    [
        (
            {".rspec": "", "Gemfile": "", "Gemfile.lock": ""},
            ["bundle", "exec", "rspec"],
            [["bundle", "install"]],
        ),
        (
            {"Rakefile": "", "test/a_test.rb": MINITEST, "Gemfile": "", "Gemfile.lock": ""},
            ["bundle", "exec", "rake", "test"],
            [["bundle", "install"]],
        ),
        (
            {"bin/rails": "", "test/a_test.rb": "", "Gemfile": "", "Gemfile.lock": ""},
            ["bin/rails", "test"],
            [["bundle", "install"]],
        ),
        ({".rspec": "", "Gemfile": ""}, ["rspec"], []),
        ({".rspec": "", "Gemfile.lock": ""}, ["bundle", "exec", "rspec"], []),
        (
            {"mix.exs": "", "mix.lock": ""},
            ["mix", "test"],
            [
                ["mix", "local.hex", "--force", "--if-missing"],
                ["mix", "local.rebar", "--force", "--if-missing"],
                ["mix", "deps.get"],
            ],
        ),
        ({"mix.exs": ""}, ["mix", "test"], []),
    ],
)
def test_what_is_locked_is_installed(
    files: dict[str, str], command: list[str], steps: list[list[str]]
) -> None:
    [suite] = suites(files)
    assert suite.command == command
    assert [step.argv for step in suite.prepare] == steps


def test_composer_installs_what_it_has_locked() -> None:
    [suite] = suites({"phpunit.xml": "", "composer.json": "{}", "composer.lock": "{}"})
    [step] = suite.prepare
    assert step.argv[:2] == ["composer", "install"]
    assert step.inputs == ["composer.lock", "composer.json"]
    assert suite.env["PATH"] == "vendor/bin:{PATH}"


@pytest.mark.parametrize(
    ("preset", "tests", "words"),
    [
        (
            "rspec",
            [SelectedTest(id="Calc adds", file="spec/calc_spec.rb", line=3)],
            ["spec/calc_spec.rb:3"],
        ),
        ("rspec", [SelectedTest(id="Calc adds")], ["--example-matches", "^(?:Calc adds)$"]),
        (
            "minitest",
            [SelectedTest(id="A#test_it's", file="test/a.rb", line=3)],
            ["GREENLANE_SELECT=^(?:A#test_it's)$"],
        ),
        (
            "rails",
            [SelectedTest(id="A#test_a"), SelectedTest(id="B#test_b.c")],
            ["-n", r"/^(?:A#test_a|B#test_b\.c)$/"],
        ),
        (
            "phpunit",
            [SelectedTest(id=r"Shop\A::testB with data set #1")],
            ["--filter", r"/^(?:Shop\\A::testB with data set #1)$/"],
        ),
        (
            "exunit",
            [
                SelectedTest(id="A.BTest.test c, d", file="test/b_test.exs", line=3),
                SelectedTest(id="A.BTest.test e", file="test/b_test.exs", line=9),
            ],
            ["--include", "greenlane:A.BTest.test c, d\nA.BTest.test e", "test/b_test.exs"],
        ),
    ],
)
def test_tests_are_selected(preset: str, tests: list[SelectedTest], words: list[str]) -> None:
    assert selection_words(Catalogue().get(preset), tests) == words


@pytest.mark.parametrize("preset", ["phpunit", "exunit"])
def test_what_is_no_test_is_not_selected(preset: str) -> None:
    with pytest.raises(BadRequestError, match="is not the id of a test"):
        selection_words(Catalogue().get(preset), [SelectedTest(id=";rm -rf /")])
