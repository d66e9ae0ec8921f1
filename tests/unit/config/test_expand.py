from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenlane.config.expand import expand, server_base
from greenlane.config.fill import fill_command, fill_env, literal, literal_value
from greenlane.config.interpreter import Interpreter, editable_folders, find_interpreter
from greenlane.model.run import Prepare
from greenlane.model.suite import Suite

VALUES = {"out": "/out", "inject": "/inject", "cache": "/cache", "python": "/py"}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{out}/a {inject} {python} {cache}", "/out/a /inject /py /cache"),
        ("{{out}}", "{out}"),
        ("{} {x} {OUT} ${out:-1} {a}{b}", "{} {x} {OUT} ${out:-1} {a}{b}"),
    ],
)
def test_commands_are_filled(value: str, filled: str) -> None:
    assert fill_command([value], VALUES) == [filled]


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{inject}:{PYTHONPATH}", "/inject:/p"),
        ("{inject}:{UNSET}", "/inject"),
        ("{UNSET}:{inject}", "/inject"),
        ("{UNSET}", ""),
        ("a:{UNSET}:b", "a:b"),
        ("{NODE_OPTIONS} --x={out}", "--old --x=/out"),
        ("{UNSET} --x={out}", "--x=/out"),
        ("--x={out} {EMPTY}", "--x=/out"),
        ("{{PYTHONPATH}}", "{PYTHONPATH}"),
        ('{"a": 1}', '{"a": 1}'),
    ],
)
def test_environments_are_filled(value: str, filled: str) -> None:
    inherited = {"PYTHONPATH": "/p", "NODE_OPTIONS": "--old", "EMPTY": ""}
    assert fill_env({"V": value}, VALUES, inherited) == {"V": filled}


FRAGMENTS = st.lists(
    st.sampled_from(["{", "}", "out", "inject", "python", "A_B", ":", " ", "x"]), max_size=12
).map("".join)


@given(FRAGMENTS | st.text())
def test_what_a_caller_writes_arrives_as_it_was(word: str) -> None:
    assert fill_command([literal(word)], VALUES) == [word]


@given(FRAGMENTS | st.text())
def test_a_value_that_a_caller_writes_arrives_as_it_was(value: str) -> None:
    assert fill_env({"V": literal_value(value)}, VALUES, {"A_B": "1"}) == {"V": value}


def test_a_suite_is_filled_in_whole() -> None:
    suite = Suite(
        name="u",
        preset="",
        command=["{python}", "-m", "x"],
        env={"PYTHONPATH": "{inject}:{PYTHONPATH}", "A": "{B}"},
        prepare=[Prepare(argv=["{python}", "-m", "pip"], inputs=["r.txt"])],
    )
    done = expand(
        suite,
        out="/out",
        inject="/inject",
        cache="/cache",
        interpreter=Interpreter(
            python="/v/bin/python", environment="/v", import_paths=["/slot/src"]
        ),
        inherited={
            "PATH": "/bin",
            "PYTHONPATH": "/old",
            "PYTHONHOME": "/usr",
            "GIT_DIR": "/elsewhere/.git",
            "GIT_AUTHOR_NAME": "me",
            "GREENLANE_SOCKET": "/s",
            "B": "b",
        },
    )
    assert done.argv == ["/v/bin/python", "-m", "x"]
    assert done.prepare == [Prepare(argv=["/v/bin/python", "-m", "pip"], inputs=["r.txt"])]
    assert done.env == {
        "PATH": "/v/bin:/bin",
        "VIRTUAL_ENV": "/v",
        "PYTHONPATH": "/slot/src:/inject:/old",
        "GIT_AUTHOR_NAME": "me",
        "B": "b",
        "A": "b",
    }


def test_the_servers_own_environment_is_passed_on_by_name_only() -> None:
    given = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "VIRTUAL_ENV": "/v", "HOME": "/h"}
    assert server_base(given) == {"PATH": "/bin", "HOME": "/h"}


def make_environment(folder: Path) -> str:
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text("")
    python.chmod(0o755)
    return str(folder)


def find(root: Path, **options: object) -> Interpreter:
    given = {"cwd": ".", "worktrees": [], "inherited": {"PATH": ""}, **options}
    return find_interpreter(root=str(root), **given)  # type: ignore[arg-type]


def test_the_order_of_the_places_where_python_is_looked_for(tmp_path: Path) -> None:
    slot, worktree, main = tmp_path / "slot", tmp_path / "tree", tmp_path / "main"
    options = {"worktrees": [str(worktree), str(main)], "cwd": "api"}
    assert find(slot, **options) == Interpreter(python="python3")
    expected = [
        make_environment(main / "venv"),
        make_environment(worktree / ".venv"),
        make_environment(worktree / "api" / ".venv"),
        make_environment(slot / ".venv"),
    ]
    found = []
    for folder in (main / "venv", worktree / ".venv", worktree / "api" / ".venv", slot / ".venv"):
        (folder / "bin" / "python").chmod(0o644)
    for environment in expected:
        Path(environment, "bin", "python").chmod(0o755)
        found.append(find(slot, **options).environment)
    assert found == expected
    active = make_environment(tmp_path / "active")
    with_active = {**options, "inherited": {"VIRTUAL_ENV": active}}
    assert find(slot, **with_active).python == f"{active}/bin/python"
    made = find(slot, **with_active, steps=[["uv", "sync"]])
    assert made.python == f"{slot}/api/.venv/bin/python"


def test_a_virtual_environment_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    found = find(tmp_path, inherited={"VIRTUAL_ENV": str(tmp_path / "gone"), "PATH": os.defpath})
    assert found.environment == ""
    assert found.python.endswith("python3")


def test_editable_installs_lead_into_the_slot(tmp_path: Path) -> None:
    worktree, slot = tmp_path / "tree", tmp_path / "slot"
    environment = Path(make_environment(worktree / ".venv"))
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (worktree / ".git").write_text("gitdir: elsewhere")
    (packages / "_app.pth").write_text(f"{worktree}/src\n# no path\nimport x\n/usr/lib/other\n")
    mapping = {"flat": f"{worktree}/pkgs/flat"}
    (packages / "__editable___flat_finder.py").write_text(
        f"MAPPING: dict[str, str] = {mapping!r}\n"
    )
    (packages / "__editable___odd_finder.py").write_text("MAPPING = {broken\n")
    assert editable_folders(str(environment)) == [
        f"{worktree}/src",
        "/usr/lib/other",
        f"{worktree}/pkgs",
    ]
    found = find(slot, inherited={"VIRTUAL_ENV": str(environment)})
    assert found.import_paths == [f"{slot}/src", f"{slot}/pkgs"]
    assert find(worktree, inherited={}).import_paths == []


def test_the_slots_code_is_imported_although_the_worktrees_is_installed(tmp_path: Path) -> None:
    worktree, slot = tmp_path / "tree", tmp_path / "slot"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", worktree / ".venv"], check=True)
    for place in (worktree, slot):
        (place / "src").mkdir(parents=True)
        (place / "src" / "app.py").write_text(f"where = {place.name!r}\n")
    (worktree / ".git").mkdir()
    [packages] = (worktree / ".venv" / "lib").glob("python3*/site-packages")
    (packages / "app.pth").write_text(f"{worktree}/src\n")
    suite = Suite(name="u", preset="", command=["{python}", "-c", "import app; print(app.where)"])
    interpreter = find(slot, worktrees=[str(worktree)])
    done = expand(suite, out="", inject="", cache="", interpreter=interpreter, inherited={})
    said = subprocess.run(done.argv, env=done.env, capture_output=True, text=True, check=True)
    assert said.stdout == "slot\n"
