from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import pytest

from greenlane.cli.main import main
from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import detect
from greenlane.config.suites import SuiteRequest, resolve_suite
from greenlane.config.tree import FolderFiles, MappedFiles, walk
from greenlane.config.write import render_project, toml_text
from greenlane.model.suite import Suite

JEST = '{"devDependencies": {"jest": "1"}, "scripts": {"test": "TZ=UTC jest --ci"}}'

PROJECTS = {
    "pytest": {"pytest.ini": ""},
    "make": {"Makefile": "test: build\n\tpytest\n"},
    "jest": {"package.json": JEST, "pnpm-lock.yaml": ""},
    "odd names": {'a "b"\n\x7f/pytest.ini': "", "ü 🎉/Cargo.toml": ""},
    "several": {"api/pytest.ini": "", "web/package.json": JEST, "web/package-lock.json": ""},
    "unknown": {"Makefile": "test:\n\t./run\n"},
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS.keys())
def test_what_is_written_means_what_was_detected(files: dict[str, str]) -> None:
    shipped = Catalogue()
    contents = {path: text.encode() for path, text in files.items()}
    detected = detect(MappedFiles(contents), shipped).suites
    contents["greenlane.toml"] = render_project(detected, shipped).encode()
    for suite in detected:
        request = SuiteRequest(suite=suite.name)
        again, _ = resolve_suite(MappedFiles(contents), shipped, None, request)
        assert without_because(again) == without_because(suite)


def without_because(suite: Suite) -> Suite:
    return Suite(
        **{**{name: getattr(suite, name) for name in suite.__struct_fields__}, "because": ""}
    )


@pytest.mark.parametrize("text", ["", 'a"b\\', "\x7f\x00\x1f\n\t", "ü🎉"])
def test_texts_are_read_back(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "pytest.ini").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_and_shows(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    said = capsys.readouterr().out
    assert "found pytest.ini" in said
    assert 'preset = "pytest"' in (project / "greenlane.toml").read_text()
    assert [path.name for path in project.glob("greenlane*")] == ["greenlane.toml"]


def test_it_answers_in_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["file"] == str(project / "greenlane.toml")
    assert [suite["preset"] for suite in said["suites"]] == ["pytest"]


def test_it_does_not_overwrite(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "greenlane.toml"
    file.write_text("# mine")
    assert main(["init"]) == 2
    assert "--force" in capsys.readouterr().err
    assert file.read_text() == "# mine"
    assert main(["init", "--force"]) == 0
    assert "[suite.pytest]" in file.read_text()


def test_a_link_is_not_written_through(project: Path) -> None:
    (project / "greenlane.toml").symlink_to(project / "elsewhere")
    assert main(["init"]) == 2
    assert main(["init", "--force"]) == 0
    assert not (project / "elsewhere").exists()


def test_nothing_found_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pytest.ini").unlink()
    assert main(["init"]) == 2
    assert "greenlane.toml" in capsys.readouterr().err
    assert not (project / "greenlane.toml").exists()


def test_an_explicit_preset_is_written(project: Path) -> None:
    assert main(["init", "--framework", "rust"]) == 0
    assert 'preset = "rust"' in (project / "greenlane.toml").read_text()


def test_in_git_the_file_is_for_the_whole_worktree_and_ignored_files_do_not_count(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / ".gitignore").write_text("old/\n")
    (project / "old").mkdir()
    (project / "old" / "Cargo.toml").touch()
    monkeypatch.chdir(project / "sub")
    assert main(["init"]) == 0
    text = (project / "greenlane.toml").read_text()
    assert "pytest" in text
    assert "rust" not in text


def test_a_folder_is_read_below_itself_only(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "plain").write_text("p")
    (folder / "link").symlink_to("../secret")
    (folder / "inner").symlink_to("plain")
    files = FolderFiles(folder)
    assert files.read("plain") == b"p"
    assert files.read("inner") == b"p"
    assert [files.read(path) for path in ("link", "../secret", "none", ".", "a\0")] == [None] * 5


def test_a_walk_leaves_foreign_folders_out_and_is_bounded(tmp_path: Path) -> None:
    for name in ("a", "node_modules/b", "d/c", "d/target/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert walk(str(tmp_path)) == ["a", "d/c"]
    assert walk(str(tmp_path), limit=1) == ["a"]


def test_a_workspace_of_one_language_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "package.json": '{"workspaces": ["packages/*"], "scripts": {"test": "turbo run test"}}',
        "packages/web/package.json": JEST,
        "services/api/pyproject.toml": "[tool.pytest.ini_options]\n",
        "services/api/test_api.py": "def test_api(): pass\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    found = {suite["cwd"]: suite["preset"] for suite in answer["suites"]}
    assert found == {".": "custom", "services/api": "pytest"}
    candidates = {(fit["preset"], fit["folder"]): fit for fit in answer["candidates"]}
    assert candidates["pytest", "services/api"]["files"] == ["services/api/pyproject.toml"]
    assert main(["init", "--force"]) == 0
    told = capsys.readouterr().out
    assert "not taken: python in services/api" in told
    assert "next: `greenlane test --suite custom` or `greenlane test --suite services-api`" in told
