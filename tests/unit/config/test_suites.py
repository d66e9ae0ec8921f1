from __future__ import annotations

from typing import Any

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.selection import SelectedTest
from greenlane.config.suites import Registration, SuiteRequest, ad_hoc_suite, resolve_suite
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import BadRequestError, SettingsError, UnknownSuiteError
from greenlane.model.run import Prepare
from greenlane.model.suite import Mode, Preset, Suite

TWO_SUITES = """
[suite.unit]
preset = "pytest"
[suite.lint]
command = "ruff check ."
"""
JEST = '{"devDependencies": {"jest": "^29"}}'


def tree(settings: str = "", **files: str) -> MappedFiles:
    texts = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    if settings:
        texts["greenlane.toml"] = settings
    return MappedFiles({path: text.encode() for path, text in texts.items()})


def resolve(
    catalogue: Catalogue,
    files: MappedFiles,
    given: Registration | None = None,
    **request: Any,
) -> tuple[Suite, Preset | None]:
    select = [SelectedTest(id=test_id) for test_id in request.pop("select", [])]
    return resolve_suite(files, catalogue, given, SuiteRequest(**request, select=select))


def test_what_the_suite_says_lies_over_what_its_preset_says(catalogue: Catalogue) -> None:
    settings = """
        [project]
        mode = "in_place"
        [suite.unit]
        preset = "pytest"
        args = ["-x"]
        cwd = "api"
        env = { A = "1", STREAM = "s" }
        prepare = ["uv sync"]
        timeout_seconds = 7
        idle_timeout_seconds = 3
        resources = ["port:8000"]
    """
    suite, preset = resolve(catalogue, tree(settings))
    assert preset == catalogue.get("pytest")
    assert suite == Suite(
        name="unit",
        preset="pytest",
        command=["{python}", "-m", "pytest", "-x"],
        cwd="api",
        env={"PYTHONPATH": "{inject}:{PYTHONPATH}", "STREAM": "s", "A": "1"},
        prepare=[Prepare(argv=["uv", "sync"])],
        timeout_seconds=7,
        idle_timeout_seconds=3,
        mode=Mode.IN_PLACE,
        resources=["port:8000"],
        because="[suite.unit] in greenlane.toml",
    )


@pytest.mark.parametrize("wanted", ["", "all", "default"])
@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ("[suite.unit]\ncommand = 'x'", "unit"),
        ("[suite.unit]\ncommand = 'x'\n[suite.default]\ncommand = 'y'", "default"),
    ],
)
def test_the_default_suite(catalogue: Catalogue, settings: str, name: str, wanted: str) -> None:
    assert resolve(catalogue, tree(settings), suite=wanted)[0].name == name


def test_a_suite_that_is_named_all_is_what_all_means(catalogue: Catalogue) -> None:
    settings = "[suite.all]\ncommand = 'x'\n[suite.default]\ncommand = 'y'"
    assert resolve(catalogue, tree(settings), suite="all")[0].name == "all"


def test_several_suites_and_none_chosen_is_a_question(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownSuiteError) as caught:
        resolve(catalogue, tree(TWO_SUITES))
    assert "lint, unit" in caught.value.message
    assert "--suite" in caught.value.hint


def test_a_monorepo_without_settings_asks_too_and_then_takes_an_answer(
    catalogue: Catalogue,
) -> None:
    files = MappedFiles({"api/pytest.ini": b"", "core/Cargo.toml": b""})
    with pytest.raises(UnknownSuiteError, match="api, core"):
        resolve(catalogue, files)
    assert resolve(catalogue, files, suite="core")[0].cwd == "core"
    assert resolve(catalogue, files, framework="pytest")[0].cwd == "api"


@pytest.mark.parametrize("settings", ["", TWO_SUITES])
def test_an_unknown_suite_lists_those_that_there_are(catalogue: Catalogue, settings: str) -> None:
    files = tree(settings, pytest_dot_ini="")
    with pytest.raises(UnknownSuiteError) as caught:
        resolve(catalogue, files, suite="uni; rm -rf /")
    assert "'uni; rm -rf /'" in caught.value.message
    assert "Suites: " in caught.value.hint


def test_a_command_is_read_by_the_preset_of_the_runner_that_it_names(
    catalogue: Catalogue,
) -> None:
    files = tree("[suite.u]\ncommand = 'uv run pytest -q'")
    suite, preset = resolve(catalogue, files)
    assert suite.command == ["uv", "run", "pytest", "-q"]
    assert preset is not None
    assert preset.name == "pytest"
    assert suite.env == preset.env
    assert suite.timeout_seconds == 600


def test_a_command_that_names_no_runner_is_read_by_the_catch_all(catalogue: Catalogue) -> None:
    assert resolve(catalogue, tree(TWO_SUITES), suite="lint")[0].preset == "custom"


def test_a_preset_without_a_command_needs_one(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match=r"`suite.u`: preset 'custom' has no command"):
        resolve(catalogue, tree("[suite.u]\npreset = 'custom'"))


def test_a_suite_may_leave_the_command_to_detection(catalogue: Catalogue) -> None:
    files = MappedFiles(
        {
            "greenlane.toml": b"[suite.api]\ncwd = 'api'\ntimeout_seconds = 9",
            "api/pytest.ini": b"",
            "core/Cargo.toml": b"",
        }
    )
    suite, _ = resolve(catalogue, files)
    assert (suite.preset, suite.cwd, suite.timeout_seconds) == ("pytest", "api", 9)


def test_a_project_may_bring_its_own_preset(catalogue: Catalogue) -> None:
    settings = "[suite.u]\npreset = 'ours'\n[preset.ours]\nextends = 'go'\ntimeout_seconds = 3"
    suite, preset = resolve(catalogue, tree(settings))
    assert suite.command == ["go", "test", "./..."]
    assert suite.timeout_seconds == 3
    assert preset is not None
    assert preset.name == "ours"


def test_a_slip_in_a_preset_of_the_project_is_said(catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match=r"greenlane.toml: unknown key `preset.o.comand`"):
        resolve(catalogue, tree("[preset.o]\ncomand = 'x'", pytest_dot_ini=""))


REGISTERED = Registration(command=["cargo", "test", "--all"])


def test_the_registered_command_is_the_default_suite(catalogue: Catalogue) -> None:
    files = tree(TWO_SUITES)
    suite, preset = resolve(catalogue, files, REGISTERED)
    assert (suite.name, suite.command) == ("registered", ["cargo", "test", "--all"])
    assert preset is not None
    assert preset.name == "rust"
    assert resolve(catalogue, files, REGISTERED, suite="lint")[0].name == "lint"


def test_the_registered_preset_is_used_where_nothing_else_is_said(catalogue: Catalogue) -> None:
    files = tree(pytest_dot_ini="", Cargo_dot_toml="")
    given = Registration(preset="rust")
    assert resolve(catalogue, files, given)[0].preset == "rust"
    assert resolve(catalogue, files, given, framework="pytest")[0].preset == "pytest"


def test_arguments_and_a_selection_are_words_of_their_own(catalogue: Catalogue) -> None:
    suite, _ = resolve(
        catalogue,
        tree(pytest_dot_ini=""),
        args=["-k", "a b; rm -rf /", "{out}"],
        select=["test_a.py::test_b[$(id)]", ";rm -rf"],
    )
    assert suite.command[3:] == [
        "-k",
        "a b; rm -rf /",
        "{{out}}",
        "test_a.py::test_b[$(id)]",
        ";rm -rf",
    ]


def test_a_selection_by_pattern(catalogue: Catalogue) -> None:
    suite, _ = resolve(catalogue, tree(go_dot_mod=""), select=["TestA", "TestB/x y.z"])
    assert suite.command[3:] == ["-run", r"^(?:TestA|TestB\/x y\.z)$"]


@pytest.mark.parametrize("test_id", ["-x", "--collect-only", "", " ", "a\nb", "a\rb", "a\0b"])
def test_a_selection_that_is_no_test_is_refused(catalogue: Catalogue, test_id: str) -> None:
    with pytest.raises(BadRequestError):
        resolve(catalogue, tree(pytest_dot_ini=""), select=[test_id])


@pytest.mark.parametrize(
    "request_",
    [
        {"select": ["a"] * 10_001},
        {"args": ["a"] * 10_001},
        {"args": ["a" * 1000] * 1600},
        {"args": ["ä" * 65_001]},
    ],
    ids=["tests", "words", "line", "letters"],
)
def test_too_much_is_refused(catalogue: Catalogue, request_: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError):
        resolve(catalogue, tree(pytest_dot_ini=""), **request_)


def test_a_preset_that_cannot_select_says_so(catalogue: Catalogue) -> None:
    with pytest.raises(BadRequestError, match="'jest' cannot run a selection"):
        resolve(catalogue, tree(package_dot_json=JEST), select=["a"])


def test_what_comes_before_a_selection_comes_once(catalogue: Catalogue) -> None:
    suite, _ = resolve(catalogue, tree(Cargo_dot_toml=""), select=["a", "b"])
    assert suite.command == ["cargo", "test", "--", "--exact", "a", "b"]


def test_make_is_not_given_words_that_are_for_the_tests(catalogue: Catalogue) -> None:
    files = MappedFiles({"Makefile": b"test: build\n\tpytest\n"})
    with pytest.raises(BadRequestError, match="takes no arguments for the tests"):
        resolve(catalogue, files, args=["-k", "x"])
    assert resolve(catalogue, files)[0].command == ["make", "test"]


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_time_out_that_is_none_is_refused(catalogue: Catalogue, timeout: float) -> None:
    with pytest.raises(BadRequestError, match="timeout_seconds"):
        resolve(catalogue, tree(pytest_dot_ini=""), timeout_seconds=timeout)


def test_the_server_limits_time_outs(catalogue: Catalogue) -> None:
    request = SuiteRequest(timeout_seconds=11)
    with pytest.raises(BadRequestError, match="at most 10"):
        resolve_suite(tree(pytest_dot_ini=""), catalogue, None, request, max_timeout_seconds=10)


def test_node_projects_install_what_their_lock_file_says(catalogue: Catalogue) -> None:
    files = MappedFiles(
        {
            "greenlane.toml": b"[suite.u]\ncommand = 'npm test'",
            "package.json": JEST.encode(),
            "package-lock.json": b"",
        }
    )
    step = Prepare(argv=["npm", "ci"], inputs=["package-lock.json", "package.json"])
    assert resolve(catalogue, files)[0].prepare == [step]
    assert resolve(catalogue, files, mode=Mode.IN_PLACE)[0].prepare == []


def test_no_set_up_can_be_asked_for(catalogue: Catalogue) -> None:
    files = tree("[suite.u]\ncommand = 'npm test'\nprepare = []", package_dot_json=JEST)
    assert resolve(catalogue, files)[0].prepare == []


def test_an_ad_hoc_command_is_taken_word_for_word(catalogue: Catalogue) -> None:
    suite, preset = ad_hoc_suite(
        catalogue,
        ["sh", "-c", "echo {out} {}"],
        SuiteRequest(timeout_seconds=5),
        cwd="a/b/",
        env={"A": "{PATH}"},
    )
    assert preset is None
    assert suite.command == ["sh", "-c", "echo {{out}} {}"]
    assert (suite.preset, suite.cwd, suite.timeout_seconds) == ("", "a/b", 5)
    assert suite.env == {"A": "{{PATH}}"}


def test_an_ad_hoc_command_can_be_read_by_a_preset(catalogue: Catalogue) -> None:
    suite, preset = ad_hoc_suite(catalogue, ["tox"], SuiteRequest(framework="pytest"))
    assert preset is not None
    assert suite.preset == "pytest"
    assert suite.env == preset.env


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ([], {}),
        ([""], {}),
        (["a\0"], {}),
        (["a"], {"cwd": "../x"}),
        (["a"], {"cwd": "/x"}),
        (["a"], {"env": {"A=B": "1"}}),
        (["a"], {"env": {"A": "\0"}}),
    ],
)
def test_a_bad_ad_hoc_command_is_a_bad_request(
    catalogue: Catalogue, command: list[str], more: dict[str, Any]
) -> None:
    with pytest.raises(BadRequestError):
        ad_hoc_suite(catalogue, command, SuiteRequest(), **more)


def test_a_greenlane_toml_that_is_no_file_is_not_overlooked(catalogue: Catalogue) -> None:
    class Link(MappedFiles):
        def read(self, path: str) -> bytes | None:
            return None if path == "greenlane.toml" else super().read(path)

    with pytest.raises(SettingsError, match="cannot be read as a plain file"):
        resolve(catalogue, Link({"greenlane.toml": b"", "pytest.ini": b""}))
