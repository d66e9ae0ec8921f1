"""Projects that name the same resource never run at once, whatever they call it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.instance import Instance

TEST_FILE = """\
import os, time, unittest


class T(unittest.TestCase):
    def test_alone(self):
        os.close(os.open({mark!r}, os.O_CREAT | os.O_EXCL))
        time.sleep(0.5)
        os.unlink({mark!r})
"""


def make_project(folder: Path, resources: list[str]) -> Path:
    folder.mkdir()
    text = f'[suite.default]\npreset = "unittest"\nresources = {json.dumps(resources)}\n'
    (folder / "greenlane.toml").write_text(text)
    (folder / "test_it.py").write_text(TEST_FILE.format(mark=str(folder.parent / "mark")))
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def test_one_resource_one_run(instance: Instance, tmp_path: Path) -> None:
    shop = make_project(tmp_path / "shop", ["db"])
    bank = make_project(tmp_path / "bank", [" db", "db", "port:1"])
    clients = [instance.start("test", "--json", cwd=folder) for folder in (shop, bank)]
    answers = [json.loads(client.communicate()[0]) for client in clients]
    assert [answer["result"] for answer in answers] == ["passed", "passed"]


def test_a_resource_is_not_a_lane(instance: Instance, tmp_path: Path) -> None:
    """One that bears the name of the project's own lane does not keep the run from starting."""
    shop = make_project(tmp_path / "shop", [])
    project = json.loads(instance.run("test", "--json", cwd=shop).stdout)["project"]
    text = f'[suite.default]\npreset = "unittest"\nresources = ["lane:{project}"]\n'
    (shop / "greenlane.toml").write_text(text)
    assert instance.run("test", cwd=shop).returncode == 0
