"""docs/how-to/add-a-framework.md stays true: its preset is read, found, and reads what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenlane.cli.main import main
from greenlane.config.catalogue import Catalogue
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.model.errors import BadRequestError
from tests.frameworks.how_to import PAGE, ROBOT_TESTS, put_preset

CORPUS = Path(__file__).parents[1] / "corpus" / "robot"


@pytest.fixture(autouse=True)
def robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project of Robot Framework, with the preset of the page."""
    put_preset(tmp_path / "config")
    monkeypatch.setenv("GREENLANE_CONFIG", str(tmp_path / "config" / "server.toml"))
    root = tmp_path / "till"
    root.mkdir()
    (root / "till.robot").write_text(ROBOT_TESTS)
    monkeypatch.chdir(root)
    return root


def test_what_the_page_adds_is_not_shipped() -> None:
    assert "robot" not in Catalogue()


def test_it_is_found(robot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--json"]) == 0
    [suite] = json.loads(capsys.readouterr().out)["suites"]
    assert suite["preset"] == "robot"
    assert "till.robot" in suite["because"]
    assert "robot" in (robot / "greenlane.toml").read_text()


@pytest.mark.parametrize("case", sorted(path.name for path in CORPUS.iterdir()))
def test_what_a_run_left_is_read(case: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    wanted = json.loads((CORPUS / case / "expected.json").read_text())
    words = ["parse", "--preset", "robot", "--exit-code", str(wanted["exit_code"])]
    reports = sorted((CORPUS / case).glob("xunit.xml"))
    words += [word for path in reports for word in ("--report", str(path))]
    for stream in ("stdout", "stderr"):
        words += [f"--{stream}", str(CORPUS / case / f"{stream}.log")]
    assert main(words) != 0
    answer = json.loads(capfdbinary.readouterr().out)
    assert answer["status"] == wanted["run_status"]
    assert answer["totals"] == wanted["totals"]


def test_a_selection() -> None:
    preset = Catalogue(user_folder=f"{Path.cwd().parent}/config/presets").get("robot")
    tests = [SelectedTest(id="tests.Till.Adds")]
    assert selection_words(preset, tests) == ["--test", "tests.Till.Adds"]
    with pytest.raises(BadRequestError):
        selection_words(preset, [SelectedTest(id="tests.Till.*")])


def test_the_page_names_files_and_keys_that_there_are() -> None:
    page = PAGE.read_text()
    assert "`~/.config/greenlane/presets/robot.toml`" in page
    for key in ("runs", "priority", "ids", "filter", "select", "stream", "detect", "failed"):
        assert f"`{key}" in page
