from __future__ import annotations

import json

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import Detection, detect
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import SettingsError
from greenlane.model.run import Prepare
from greenlane.model.suite import Suite

JEST = '{"devDependencies": {"jest": "^29"}}'


def package(test: str = "", **more: object) -> str:
    return json.dumps({"scripts": {"test": test}, "devDependencies": {"x": "1"}, **more})


def find(catalogue: Catalogue, files: dict[str, str], **options: str) -> Detection:
    tree = MappedFiles({path: text.encode() for path, text in files.items()})
    return detect(tree, catalogue, **options)


def only(catalogue: Catalogue, files: dict[str, str], **options: str) -> Suite:
    [suite] = find(catalogue, files, **options).suites
    return suite


PYTEST = ["{python}", "-m", "pytest"]
UV = ["uv", "run", "pytest", "-q"]
MAKE = ["make", "test"]
NPX_JEST = ["npx", "--no-install", "jest", "--ci"]


@pytest.mark.parametrize(
    ("files", "preset", "command"),
    [
        # markers, and the most specific of them
        ({"pytest.ini": ""}, "pytest", PYTEST),
        ({"tests/test_a.py": ""}, "pytest", PYTEST),
        ({"manage.py": "", "conftest.py": ""}, "django", None),
        ({"Cargo.toml": "[package]"}, "rust", ["cargo", "test"]),
        ({"Cargo.toml": '[dependencies]\nbevy = "0.14"'}, "bevy", ["cargo", "test"]),
        ({"package.json": JEST}, "jest", NPX_JEST),
        # a script that is nothing but the runner: its own words join the preset's
        ({"package.json": package("jest --config a.js")}, "jest", [*NPX_JEST, "--config", "a.js"]),
        (
            {"package.json": package("node --test lib")},
            "node-test",
            ["node", "--test", "lib"],
        ),
        ({"Makefile": "test:\n\tpytest -q tests\n"}, "pytest", [*PYTEST, "-q", "tests"]),
        ({"Makefile": "test: ; uv run pytest -q\n"}, "pytest", UV),
        ({"Makefile": "test:\n\tpython -m pytest\n"}, "pytest", ["python3", "-m", "pytest"]),
        ({"Makefile": "test:\n\t.venv/bin/pytest -x\n"}, "pytest", [*PYTEST, "-x"]),
        ({"justfile": "test *ARGS:\n    cargo test --all\n"}, "rust", ["cargo", "test", "--all"]),
        # a script that does more is called as the project has it
        ({"Makefile": "test: build\n\tpytest\nbuild:\n\tcc x.c\n"}, "pytest", ["make", "test"]),
        ({"Makefile": ".PHONY: test\ntest: unit\nunit:\n\t@go test ./...\n"}, "go", MAKE),
        ({"package.json": package("tsc && jest")}, "jest", ["npm", "test", "--", "--ci"]),
        ({"package.json": package("jest && ./after.sh")}, "jest", ["npm", "test", "--"]),
        ({"package.json": package("jest", pretest="")}, "jest", NPX_JEST),
        (
            {"package.json": package("npm run unit", unit="")},
            "custom",
            ["npm", "test", "--"],
        ),
        # what says only which runner it is
        ({"tox.ini": "[testenv]\ncommands = pytest {posargs}"}, "pytest", PYTEST),
        # several runners in one script: nothing less than the script will do
        ({"Makefile": "test:\n\tpytest\n\tcargo test\n"}, "custom", ["make", "test"]),
        # nothing that is known
        ({"Makefile": "test:\n\t./run.sh\n"}, "custom", ["make", "test"]),
        ({"Makefile": "test:\n\t./run.sh\n", "pytest.ini": ""}, "pytest", PYTEST),
        # the default of `npm init` is no script
        ({"package.json": package("echo 'Error: no test specified' && exit 1"), "pytest.ini": ""},
         "pytest", PYTEST),
    ],
)  # fmt: skip
def test_one_folder(
    catalogue: Catalogue, files: dict[str, str], preset: str, command: list[str] | None
) -> None:
    suite = only(catalogue, files)
    assert suite.preset == preset
    assert suite.cwd == "."
    assert command is None or suite.command == command
    assert suite.because


def test_a_script_is_followed_through_others(catalogue: Catalogue) -> None:
    scripts = {"scripts": {"test": "npm run unit", "unit": "jest"}}
    suite = only(catalogue, {"package.json": json.dumps(scripts)})
    assert (suite.preset, suite.command) == ("jest", NPX_JEST)
    hooked = {"scripts": {**scripts["scripts"], "preunit": "tsc"}}
    suite = only(catalogue, {"package.json": json.dumps(hooked)})
    assert (suite.preset, suite.command) == ("jest", ["npm", "test", "--"])


def test_what_a_script_sets_goes_into_the_environment(catalogue: Catalogue) -> None:
    suite = only(catalogue, {"package.json": package("cross-env TZ=UTC jest")})
    assert suite.command == NPX_JEST
    assert suite.env == {"CI": "true", "TZ": "UTC"}


@pytest.mark.parametrize(
    ("lock", "manager", "step"),
    [
        ("package-lock.json", "npm", ["npm", "ci"]),
        ("pnpm-lock.yaml", "pnpm", ["pnpm", "install", "--frozen-lockfile"]),
        ("yarn.lock", "yarn", ["yarn", "install", "--frozen-lockfile"]),
        ("bun.lock", "bun", ["bun", "install", "--frozen-lockfile"]),
    ],
)
def test_the_lock_file_says_which_manager(
    catalogue: Catalogue, lock: str, manager: str, step: list[str]
) -> None:
    suite = only(catalogue, {"package.json": package("tsc && jest"), lock: ""})
    assert suite.command[0] == manager
    assert suite.prepare == [Prepare(argv=step, inputs=[lock, "package.json"])]


def test_yarn_of_today_has_another_word_for_it(catalogue: Catalogue) -> None:
    files = {"package.json": JEST, "yarn.lock": "", ".yarnrc.yml": ""}
    assert only(catalogue, files).prepare[0].argv == ["yarn", "install", "--immutable"]


def test_without_a_lock_file_npm_installs_and_writes_none(catalogue: Catalogue) -> None:
    [step] = only(catalogue, {"package.json": JEST}).prepare
    assert step == Prepare(argv=["npm", "install", "--no-package-lock"], inputs=["package.json"])


def test_nothing_is_installed_where_nothing_is_needed(catalogue: Catalogue) -> None:
    text = json.dumps({"scripts": {"test": "node --test"}})
    files = {"package.json": text, "package-lock.json": ""}
    assert only(catalogue, files).prepare == []


def test_a_workspace_installs_where_its_lock_file_is(catalogue: Catalogue) -> None:
    files = {"package.json": "{}", "package-lock.json": "", "packages/a/package.json": JEST}
    suite = only(catalogue, files)
    assert suite.cwd == "packages/a"
    assert suite.prepare == [
        Prepare(
            argv=["npm", "--prefix", "../..", "ci"],
            inputs=["../../package-lock.json", "../../package.json"],
        )
    ]


def test_a_monorepo_has_a_suite_for_each_marker_folder(catalogue: Catalogue) -> None:
    found = find(
        catalogue,
        {
            "services/api/pytest.ini": "",
            "services/api/tests/conftest.py": "",
            "services/web/package.json": JEST,
            "core/Cargo.toml": "",
            "core/crates/a/Cargo.toml": "",
        },
    )
    places = {suite.name: (suite.preset, suite.cwd) for suite in found.suites}
    assert places == {
        "core": ("rust", "core"),
        "services-api": ("pytest", "services/api"),
        "services-web": ("jest", "services/web"),
    }


def test_two_languages_in_one_folder_are_two_suites(catalogue: Catalogue) -> None:
    found = find(catalogue, {"pytest.ini": "", "package.json": package("jest")})
    assert {suite.name for suite in found.suites} == {"jest", "pytest"}


def test_a_stray_file_of_another_language_is_no_suite(catalogue: Catalogue) -> None:
    suite = only(catalogue, {"Cargo.toml": "", "tools/test_it.py": ""})
    assert suite.preset == "rust"


@pytest.mark.parametrize(
    "folder", ["node_modules", "target", ".venv", "vendor", "addons", "a/.tox"]
)
def test_foreign_folders_are_not_looked_into(catalogue: Catalogue, folder: str) -> None:
    with pytest.raises(SettingsError, match="no test suite was found"):
        find(catalogue, {f"{folder}/x/pytest.ini": "", f"{folder}/x/test_a.py": ""})


def test_samples_count_only_where_there_is_nothing_else(catalogue: Catalogue) -> None:
    sample = {"examples/a/Cargo.toml": "", "tests/fixtures/b/go.mod": ""}
    assert only(catalogue, {"pytest.ini": "", **sample}).preset == "pytest"
    assert {suite.preset for suite in find(catalogue, sample).suites} == {"rust", "go"}


def test_an_explicit_preset_beats_all_and_is_placed_where_it_fits(catalogue: Catalogue) -> None:
    files = {"Makefile": "test:\n\tpytest\n", "web/package.json": JEST}
    suite = only(catalogue, files, preset="jest")
    assert (suite.preset, suite.cwd) == ("jest", "web")
    assert only(catalogue, files, preset="rust").cwd == "."
    assert only(catalogue, files, preset="rust", folder="web").cwd == "web"


def test_presets_that_fit_equally_are_a_question(catalogue: Catalogue) -> None:
    wide = catalogue.with_overrides(
        {"ours": {"extends": "pytest", "detect": {"any": ["ours.cfg"], "priority": 30}}},
        source="greenlane.toml",
    )
    with pytest.raises(SettingsError) as caught:
        find(wide, {"pytest.ini": "", "ours.cfg": ""})
    assert "ours (ours.cfg) and pytest (pytest.ini)" in caught.value.message
    assert "Say which" in caught.value.hint


def test_nothing_found_says_what_to_write(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError) as caught:
        find(catalogue, {"README": ""})
    assert "greenlane.toml" in caught.value.hint


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": "[" * 100_000},
        {"package.json": '{"scripts": [], "dependencies": 3}'},
        {"package.json": '{"scripts": {"test": 3}}'},
        {"package.json": "\0"},
        {"tox.ini": "commands"},
        {"Makefile": "test" * 100_000},
        {"Makefile": "test: test\n"},
        {"Makefile": "a: b\nb: a\ntest: a\n"},
    ],
)
def test_odd_files_are_not_taken_for_scripts(catalogue: Catalogue, files: dict[str, str]) -> None:
    assert only(catalogue, {**files, "pytest.ini": ""}).preset == "pytest"


def test_a_path_that_is_not_utf_8_is_nobodys_marker(catalogue: Catalogue) -> None:
    files = {"a\udcff/pytest.ini": "", "b/pytest.ini": ""}
    assert only(catalogue, files).cwd == "b"


def test_a_large_tree_is_no_burden(catalogue: Catalogue) -> None:
    files = {f"pkg{n // 100}/mod{n}.py": "" for n in range(50_000)}
    files |= {f"pkg{n}/package.json": "{}" for n in range(500)}
    assert only(catalogue, {**files, "pytest.ini": ""}).preset == "pytest"
