"""docs/how-to/add-a-framework.md, followed for real."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import git
from tests.e2e.instance import Instance
from tests.frameworks import samples
from tests.frameworks.how_to import ROBOT_TESTS, put_preset


def find_robot() -> str | None:
    return shutil.which("robot", path=samples.environment()["PATH"])


@pytest.mark.skipif(find_robot() is None, reason="needs robot: pip install robotframework")
def test_a_framework_that_is_not_shipped(instance: Instance, tmp_path: Path) -> None:
    put_preset(tmp_path / "config")
    root = tmp_path / "till"
    root.mkdir()
    (root / "till.robot").write_text(ROBOT_TESTS)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "till")
    path = f"{Path(str(find_robot())).parent}{os.pathsep}{instance.env['PATH']}"
    env = {"GREENLANE_CONFIG": str(tmp_path / "config" / "server.toml"), "PATH": path}

    def test(*words: str) -> dict[str, Any]:
        done = instance.run("test", "--json", *words, cwd=root, env=env)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    red = test()
    assert red["result"] == "failed", red
    assert [one["id"] for one in red["failures"]] == ["tests.Till.Subtracts"]
    again = test("--failed")
    assert again["totals"]["total"] == again["totals"]["failed"] == 1
    (root / "till.robot").write_text(ROBOT_TESTS.replace("2 - 1}    2", "2 - 1}    1"))
    assert test("--failed")["result"] == "passed"
    green = test()
    assert (green["result"], green["totals"]["passed"], green["partial"]) == ("passed", 2, "")
    (root / "till.robot").write_text("*** Test Cases ***\n")
    assert test()["result"] == "no_tests"
