"""The JavaScript runners other than Jest and Vitest are found by what projects of theirs have."""

from __future__ import annotations

import json

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.config.tree import MappedFiles
from greenlane.model.suite import Suite


def package(test: str = "", *needs: str, **more: object) -> str:
    table = {"dependencies": dict.fromkeys(needs, "1"), **more}
    return json.dumps(table | ({"scripts": {"test": test}} if test else {}))


def only(files: dict[str, str]) -> Suite:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    [suite] = detect(tree, Catalogue()).suites
    return suite


@pytest.mark.parametrize(
    ("files", "preset"),
    [
        # Express is what runs its tests
        ({"package.json": package("mocha", "express", "mocha")}, "express"),
        ({"package.json": package("nyc mocha --exit", "express")}, "express"),
        ({"package.json": package("", "mocha", "express")}, "express"),
        ({"package.json": package("", "express", "mocha"), ".mocharc.json": "{}"}, "express"),
        ({"package.json": package("jest", "express", "jest")}, "jest"),
        ({"package.json": package("", "express", "jest")}, "jest"),
        ({"package.json": package("jest", "express", "jest", "mocha")}, "jest"),
        ({"package.json": package("vitest run", "express", "vitest")}, "vitest"),
        ({"package.json": package("node --test", "express")}, "node-test"),
        ({"package.json": package("mocha", "mocha")}, "mocha"),
        ({"package.json": package("mocha", "express-session", "mocha")}, "mocha"),
        # node:test, also through a loader
        ({"package.json": package("node --import tsx --test 'test/**/*.ts'")}, "node-test"),
        ({"package.json": package("tsx --test")}, "node-test"),
        ({"package.json": package(), "test/a.test.js": "require('node:test')"}, "node-test"),
        # Deno
        ({"deno.json": "{}", "a_test.ts": "Deno.test('a', f)"}, "deno"),
        ({"deno.jsonc": "{}"}, "deno"),
        ({"src/a_test.ts": "Deno.test('a', f)"}, "deno"),
        ({"Makefile": "test:\n\tdeno test -A\n"}, "deno"),
        # Bun, by what runs and what is imported, not by its lock file
        ({"package.json": package("bun test"), "bun.lock": ""}, "bun"),
        ({"package.json": package(), "a.test.ts": 'import { test } from "bun:test"'}, "bun"),
        ({"package.json": package("", "vitest"), "bun.lock": ""}, "vitest"),
        ({"package.json": package("vitest", "vitest"), "bun.lock": ""}, "vitest"),
        # others
        ({"package.json": package("ava", "ava")}, "ava"),
        ({"package.json": package("xo && ava", "ava")}, "ava"),
        ({"package.json": package("", "ava")}, "ava"),
        ({"package.json": package(), "ava.config.js": ""}, "ava"),
        ({"package.json": package("jasmine", "jasmine")}, "jasmine"),
        ({"package.json": package(), "spec/support/jasmine.json": "{}"}, "jasmine"),
        ({"package.json": package("", "cypress"), "cypress.config.ts": ""}, "cypress"),
        ({"package.json": package("cypress run"), "cypress.config.js": ""}, "cypress"),
        ({"package.json": package("jest", "jest"), "cypress.config.js": ""}, "jest"),
        ({"package.json": package("", "@cucumber/cucumber")}, "cucumber-js"),
        ({"package.json": package("cucumber-js"), "features/a.feature": ""}, "cucumber-js"),
    ],
)
def test_each_runner_is_found(files: dict[str, str], preset: str) -> None:
    suite = only(files)
    assert suite.preset == preset
    assert any(name in suite.because for name in files)


def test_a_script_that_does_more_is_called_as_it_is() -> None:
    suite = only({"package.json": package("mocha && eslint .", "mocha")})
    assert (suite.preset, suite.command) == ("mocha", ["npm", "test", "--"])
    assert "MOCHA_OPTIONS" in suite.env


def test_the_words_of_a_script_join_those_of_the_preset() -> None:
    suite = only({"package.json": package("cross-env A=1 mocha --exit -r tsx", "mocha", "express")})
    assert suite.command == ["npx", "--no-install", "mocha", "--exit", "-r", "tsx"]
    assert suite.env["A"] == "1"
    suite = only({"package.json": package("bun test --timeout 99")})
    assert suite.command[:3] == ["bun", "test", "--reporter=junit"]
    assert suite.command[-2:] == ["--timeout", "99"]


@pytest.mark.parametrize("task", ["deno test -A", {"command": "deno test -A"}])
def test_the_words_of_a_deno_task_join_those_of_the_preset(task: object) -> None:
    suite = only({"deno.json": json.dumps({"tasks": {"test": task}})})
    assert (suite.preset, suite.command) == (
        "deno",
        ["deno", "test", "--junit-path={out}/deno.xml", "-A"],
    )
    suite = only({"deno.json": json.dumps({"tasks": {"test": "deno fmt && deno test"}})})
    assert (suite.preset, suite.command) == ("deno", ["deno", "task", "test"])


@pytest.mark.parametrize(
    ("lock", "manager"),
    [
        ("package-lock.json", "npm"),
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("bun.lock", "bun"),
    ],
)
def test_the_lock_file_says_who_installs_and_runs(lock: str, manager: str) -> None:
    suite = only({"package.json": package("mocha && eslint .", "mocha"), lock: ""})
    assert suite.command[0] == manager
    assert suite.prepare[0].argv[0] == manager


SELECTIONS = [
    ("mocha", ["add fails"], ["-g", "^(?:add fails)$"]),
    ("mocha", ['add "quoted"'], ["-g", '^(?:add "quoted")$']),
    ("mocha", ['add "before each" hook for "one (a)"'], ["-g", r"^(?:add one \(a\))$"]),
    ("mocha", ['add "after all" hook: stop for "x"'], ["-g", "^(?:add x)$"]),
    ("express", ["a b", "c d"], ["-g", "^(?:a b|c d)$"]),
    ("node-test", ["add > fails"], ["--test-name-pattern=^(?:fails)$"]),
    ("jasmine", ["add fails"], ["--filter=^(?:add fails)$"]),
    ("ava", ["a \u203a b \u203a fails", "top"], ["--match=fails", "--match=top"]),
    ("deno", ["steps > one", "steps > two"], ["--filter=/^(?:steps)$/"]),
    ("bun", ["add fails"], ["-t", "^(?:add fails)$"]),
    ("cucumber-js", ["row", "row (f/a.feature:12)"], ["--name", "^(?:row)$"]),
    ("playwright", ["add > fails", "x"], ["-g", "(?:fails|x)"]),
]


@pytest.mark.parametrize(("preset", "ids", "words"), SELECTIONS)
def test_tests_are_selected_by_our_own_ids(preset: str, ids: list[str], words: list[str]) -> None:
    tests = [SelectedTest(id=one) for one in ids]
    assert selection_words(Catalogue().get(preset), tests) == words


def test_playwright_runs_a_test_by_its_place() -> None:
    tests = [SelectedTest(id="add > fails", file="tests/a.spec.ts", line=7)]
    assert selection_words(Catalogue().get("playwright"), tests) == ["tests/a.spec.ts:7"]
