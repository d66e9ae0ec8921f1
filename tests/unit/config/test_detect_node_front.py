"""Front-end projects as their templates make them: which preset, which command, and why."""

from __future__ import annotations

import json

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import Detection, detect
from greenlane.config.tree import MappedFiles
from greenlane.model.suite import Suite

CATALOGUE = Catalogue()
JEST = ["npx", "--no-install", "jest"]
VITEST = ["npx", "--no-install", "vitest"]
CRA = {
    "dependencies": {
        "@testing-library/jest-dom": "^5.17.0",
        "@testing-library/react": "^13.4.0",
        "react": "^18.2.0",
        "react-dom": "^18.2.0",
        "react-scripts": "5.0.1",
    },
    "scripts": {"start": "react-scripts start", "test": "react-scripts test"},
    "eslintConfig": {"extends": ["react-app", "react-app/jest"]},
}
NEXT_JEST = {
    "scripts": {"dev": "next dev", "test": "jest --watch"},
    "dependencies": {"next": "15.0.0", "react": "19.0.0"},
    "devDependencies": {"jest": "^29", "jest-environment-jsdom": "^29"},
}
NEXT_VITEST = {
    "scripts": {"dev": "next dev", "test": "vitest"},
    "dependencies": {"next": "15.0.0", "react": "19.0.0"},
    "devDependencies": {"vitest": "^3", "@vitejs/plugin-react": "^4", "jsdom": "^26"},
}
VITE_REACT = {
    "scripts": {"dev": "vite", "build": "tsc -b && vite build", "lint": "eslint ."},
    "dependencies": {"react": "^19", "react-dom": "^19"},
    "devDependencies": {"vite": "^7", "vitest": "^3", "@testing-library/react": "^16"},
}
REACT_NATIVE = {
    "scripts": {"start": "react-native start", "test": "jest"},
    "dependencies": {"react": "19.0.0", "react-native": "0.79.0"},
    "devDependencies": {"jest": "^29", "react-test-renderer": "19.0.0"},
    "jest": {"preset": "react-native"},
}
CREATE_VUE = {
    "scripts": {"dev": "vite", "test:unit": "vitest", "type-check": "vue-tsc --build"},
    "dependencies": {"vue": "^3.5"},
    "devDependencies": {"@vue/test-utils": "^2.4", "vitest": "^3", "jsdom": "^26"},
}
VUE_JEST = {
    "scripts": {"test": "jest"},
    "dependencies": {"vue": "^3"},
    "devDependencies": {"jest": "^29", "@vue/vue3-jest": "^29"},
}
SVELTEKIT = {
    "scripts": {"dev": "vite dev", "test:unit": "vitest", "test": "npm run test:unit -- --run"},
    "devDependencies": {"@sveltejs/kit": "^2", "svelte": "^5", "vitest": "^3"},
}
ANGULAR = {
    "scripts": {"ng": "ng", "start": "ng serve", "test": "ng test"},
    "dependencies": {"@angular/core": "^21.0.0"},
    "devDependencies": {"@angular/cli": "^21.0.0", "jsdom": "^27", "vitest": "^4.0.8"},
}


def find(files: dict[str, object]) -> Detection:
    texts = {
        path: (text if isinstance(text, str) else json.dumps(text)).encode()
        for path, text in files.items()
    }
    return detect(MappedFiles(texts), CATALOGUE)


def only(package: object, **more: object) -> Suite:
    [suite] = find({"package.json": package, **more}).suites
    return suite


@pytest.mark.parametrize(
    ("package", "more", "preset", "start", "end"),
    [
        (CRA, {}, "react", ["npx", "--no-install", "react-scripts", "test"], []),
        (NEXT_JEST, {"jest.config.ts": ""}, "react", JEST, []),
        (NEXT_VITEST, {"vitest.config.mts": ""}, "react-vitest", VITEST, []),
        (VITE_REACT, {"vite.config.ts": ""}, "react-vitest", VITEST, []),
        (REACT_NATIVE, {}, "react", JEST, []),
        (CREATE_VUE, {"vitest.config.ts": ""}, "vue", VITEST, []),
        (VUE_JEST, {}, "jest", JEST, []),
        (SVELTEKIT, {"vite.config.ts": ""}, "svelte", VITEST, ["--run"]),
        (ANGULAR, {"angular.json": "{}"}, "angular", ["npx", "--no-install", "ng", "test"], []),
    ],
)
def test_templates(
    package: object, more: dict[str, object], preset: str, start: list[str], end: list[str]
) -> None:
    suite = only(package, **more)
    assert suite.preset == preset
    assert suite.command[: len(start)] == start
    assert suite.command[len(suite.command) - len(end) :] == end
    assert not {"--watch", "run", "watch"} & set(suite.command)
    assert "package.json" in suite.because
    assert suite.env["CI"] == "true"


def test_the_reporter_is_injected_before_the_own_words() -> None:
    package = {**VITE_REACT, "scripts": {"test": "vitest run src --coverage"}}
    command = only(package).command
    assert command[-3:] == ["--run", "src", "--coverage"]
    assert "--reporter={inject}/greenlane-vitest.mjs" in command
    command = only(CRA).command
    assert "--watchAll=false" in command
    assert "--reporters={inject}/greenlane-jest.cjs" in command


@pytest.mark.parametrize("test", ["tsc --noEmit && vitest run", "npm run lint && vitest run"])
def test_words_go_behind_a_script_that_ends_with_the_runner(test: str) -> None:
    command = only({**VITE_REACT, "scripts": {"test": test, "lint": "eslint ."}}).command
    assert command[:3] == ["npm", "test", "--"]
    assert "--reporter={inject}/greenlane-vitest.mjs" in command


@pytest.mark.parametrize(
    "test", ["vitest run && ./after.sh", "tsc && npm run unit", "vitest run | tee log"]
)
def test_nothing_goes_behind_a_script_that_ends_with_something_else(test: str) -> None:
    suite = only({**VITE_REACT, "scripts": {"test": test, "unit": "vitest"}})
    assert (suite.preset, suite.command) == ("react-vitest", ["npm", "test", "--"])


@pytest.mark.parametrize(
    ("test", "preset"),
    [
        ("node --experimental-vm-modules node_modules/jest/bin/jest.js", "react"),
        ("NODE_OPTIONS=--experimental-vm-modules jest", "react"),
        ("npx jest --ci", "react"),
        ("dotenv -e .env.test -- jest", "react"),
        ("craco test", "react"),
        ("node ./node_modules/vitest/vitest.mjs run", "react-vitest"),
    ],
)
def test_a_script_is_believed_however_it_calls_the_runner(test: str, preset: str) -> None:
    package = {
        "scripts": {"test": test},
        "dependencies": {"react": "19"},
        "devDependencies": {"jest": "29", "vitest": "3"},
    }
    suite = only(package)
    assert suite.preset == preset
    assert any("greenlane-" in word for word in suite.command), suite.command


@pytest.mark.parametrize(
    ("lock", "step"),
    [
        ("package-lock.json", ["npm", "ci"]),
        ("pnpm-lock.yaml", ["pnpm", "install", "--frozen-lockfile"]),
        ("yarn.lock", ["yarn", "install", "--frozen-lockfile"]),
        ("bun.lock", ["bun", "install", "--frozen-lockfile"]),
    ],
)
def test_the_lock_file_picks_the_manager(lock: str, step: list[str]) -> None:
    [prepare] = only(CRA, **{lock: ""}).prepare
    assert prepare.argv == step


def test_yarn_starts_programs_itself_where_it_keeps_no_node_modules() -> None:
    plain = {"yarn.lock": "", ".yarnrc.yml": "nodeLinker: node-modules\n"}
    assert only(VITE_REACT, **plain).command[:3] == VITEST
    pnp = {"yarn.lock": "", ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.cjs\n"}
    assert only(VITE_REACT, **pnp).command[:2] == ["yarn", "vitest"]


def member(test: str, **needs: str) -> dict[str, object]:
    return {"scripts": {"test": test}, "devDependencies": needs}


MEMBERS = {
    "apps/web/package.json": NEXT_VITEST,
    "packages/ui/package.json": member("vitest run", svelte="5", vitest="3"),
    "packages/api/package.json": member("jest", jest="29"),
    "packages/api/node_modules/x/package.json": member("jest", jest="29"),
}
PLACES = {
    "apps-web": ("react-vitest", "apps/web"),
    "packages-ui": ("svelte", "packages/ui"),
    "packages-api": ("jest", "packages/api"),
}


@pytest.mark.parametrize(
    "root",
    [
        {"package.json": {"workspaces": ["apps/*", "packages/*"], "devDependencies": {}}},
        {"package.json": {"workspaces": ["packages/*"], "devDependencies": {"jest": "29"}}},
        {"package.json": {"devDependencies": {"vitest": "3"}}, "pnpm-workspace.yaml": ""},
    ],
)
def test_a_workspace_has_a_suite_for_each_package(root: dict[str, object]) -> None:
    suites = find({**root, **MEMBERS}).suites
    assert {suite.name: (suite.preset, suite.cwd) for suite in suites} == PLACES


@pytest.mark.parametrize(
    "test",
    ["turbo run test", "npm test --workspaces", "pnpm -r test", "yarn workspaces run test",
     "nx run-many -t test", "lerna run test"],
)  # fmt: skip
def test_the_root_of_a_workspace_speaks_for_its_packages(test: str) -> None:
    root = {"workspaces": ["packages/*"], **member(test, jest="29")}
    [suite] = find({"package.json": root, **MEMBERS}).suites
    assert (suite.preset, suite.command) == ("custom", ["npm", "test", "--"])
    assert "the scripts of the workspace's packages" in suite.because


def test_a_root_that_runs_all_itself_is_one_suite() -> None:
    root = {"workspaces": ["packages/*"], **member("vitest run", vitest="3")}
    [suite] = find({"package.json": root, **MEMBERS}).suites
    assert (suite.preset, suite.cwd) == ("vitest", ".")


def test_no_suite_in_node_modules() -> None:
    files = {"node_modules/react/package.json": CRA, "package.json": NEXT_VITEST}
    [suite] = find(files).suites
    assert suite.cwd == "."
