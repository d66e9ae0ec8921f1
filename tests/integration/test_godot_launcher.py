"""The launcher of Godot, with a program in its place that prints what the engine would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import greenlane.report.reporters

LAUNCHER = Path(greenlane.report.reporters.__file__).with_name("greenlane_godot.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "game"
    folder.mkdir()
    (folder / "project.godot").write_text("config_version=5\n")
    (folder / ".godot").mkdir()
    (folder / ".godot" / "global_script_class_cache.cfg").touch()
    return folder


def launch(
    project: Path, mode: str, script: str, *words: str
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]]]:
    """Run the launcher over a fake `godot4`, a Python script that has `tell` and `words`."""
    bin_folder, out = project.parent / "bin", project.parent / "out"
    bin_folder.mkdir(exist_ok=True)
    program = bin_folder / "godot4"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys, time\nwords = sys.argv[1:]\n"
        "def tell(**event):\n"
        "    mark = os.environ['GREENLANE_GODOT_MARK']\n"
        "    print(mark + json.dumps(event), file=sys.stderr, flush=True)\n"
        f"{script}\n"
    )
    program.chmod(0o755)
    ended = subprocess.run(
        [sys.executable, LAUNCHER, mode, out, *words],
        cwd=project,
        env={"PATH": f"{bin_folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line for path in out.glob("*.jsonl") for line in path.read_text().splitlines()]
    return ended, [json.loads(line) for line in lines]


def test_a_script_error_belongs_to_the_test_that_was_running(project: Path) -> None:
    (project / "test_a.gd").write_text("extends Node\n\nfunc test_b():\n\tpass\n")
    ended, events = launch(
        project,
        "tests",
        """
tell(e='plan', ids=['res://test_a.gd.test_a', 'res://test_a.gd.test_b'])
tell(e='start', id='res://test_a.gd.test_a')
tell(e='result', id='res://test_a.gd.test_a', told=None, seconds=0.5)
tell(e='start', id='res://test_a.gd.test_b')
print('SCRIPT ERROR: Assertion failed: sums', file=sys.stderr)
print('          at: test_b (res://test_a.gd:4)', file=sys.stderr)
tell(e='result', id='res://test_a.gd.test_b', told=None, seconds=0.5)
tell(e='finish')
""",
    )
    results = [event for event in events if event["e"] == "result"]
    assert [one["outcome"] for one in results] == ["passed", "failed"]
    assert results[1]["message"] == "Assertion failed: sums (res://test_a.gd:4)"
    starts = [event for event in events if event["e"] == "start"]
    assert (starts[1]["file"], starts[1]["line"]) == ("test_a.gd", 3)
    assert (ended.returncode, events[-1]) == (1, {"e": "finish", "ok": False})
    assert "SCRIPT ERROR" in ended.stderr
    assert "@greenlane" not in ended.stderr


def test_a_script_that_does_not_parse_is_named(project: Path) -> None:
    ended, events = launch(
        project,
        "tests",
        """
tell(e='load', path='res://test_a.gd')
print('SCRIPT ERROR: Parse Error: Expected ")".', file=sys.stderr)
print('          at: GDScript::reload (res://test_a.gd:4)', file=sys.stderr)
tell(e='broken', path='res://test_a.gd')
tell(e='plan', ids=[])
tell(e='finish')
""",
    )
    [problem] = [event for event in events if event["e"] == "problem"]
    assert problem["status"] == "build_error"
    assert problem["text"] == 'res://test_a.gd:4: Expected ")".'
    assert ended.returncode == 4


def test_a_run_that_ends_in_the_middle_has_no_finish(project: Path) -> None:
    ended, events = launch(project, "tests", "tell(e='start', id='res://a.gd.test_a')")
    assert (ended.returncode, events[-1]["e"]) == (3, "start")


def test_tests_are_selected_by_a_file(project: Path) -> None:
    _, events = launch(
        project,
        "tests",
        "tell(e='plan', ids=json.load(open(os.environ['GREENLANE_GODOT_ONLY'])))",
        "res://a.gd.test_a",
    )
    assert events[-1]["ids"] == ["res://a.gd.test_a"]


def test_godot_4_runs_without_a_window_and_gut_over_the_folders_that_there_are(
    project: Path,
) -> None:
    (project / "tests").mkdir()
    ended, _ = launch(project, "gut", "print(words)")
    assert "'--headless', '-s', 'addons/gut/gut_cmdln.gd', '-gexit'" in ended.stdout
    assert "'-gdir=res://tests'" in ended.stdout
    ended, _ = launch(project, "gut", "print(words)", "-gdir=res://unit")
    assert "res://tests" not in ended.stdout


def test_the_projects_own_runner_is_started_as_it_is(project: Path) -> None:
    ended, events = launch(project, "tests", "print(words); sys.exit(7)", "-s", "run.gd")
    assert "['--headless', '-s', 'run.gd']" in ended.stdout
    assert ended.returncode == 7
    assert [event["e"] for event in events] == ["begin", "finish"]


def test_no_project_and_no_godot_are_said(project: Path) -> None:
    (project / "project.godot").write_text("config_version=4\n")
    ended, _ = launch(project, "tests", "")
    if ended.returncode == 127:
        assert "Godot 3 was not found: apt-get install godot3-server" in ended.stderr
    (project / "project.godot").unlink()
    ended, _ = launch(project, "tests", "")
    assert (ended.returncode, "no project.godot" in ended.stderr) == (2, True)
