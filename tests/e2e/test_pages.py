"""The commands of the tutorial and of the curl page, run as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.instance import Instance

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)


def bash(script: str, *, cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=150,
        check=False,
    )
    return done.stdout


def test_tutorial(instance: Instance, tmp_path: Path) -> None:
    install, *rest = blocks("tutorial/first-run.md")
    assert "make install" in install
    script = "\n".join(["cd greenlane", *rest]).replace("/tmp/", f"{tmp_path}/")
    (tmp_path / "greenlane").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "greenlane" / "examples")

    said = bash(script, cwd=tmp_path, env=instance.env)

    verdicts = re.findall(r"^(PASSED|FAILED) · .*tree \w+", said, re.MULTILINE)
    assert verdicts == ["PASSED", "FAILED", "FAILED", "PASSED", "PASSED"], said
    assert "exit code 1" in said
    assert "test_ten_of_a_kind_are_cheaper" in said


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl_alone(instance: Instance, tmp_path: Path) -> None:
    """The first block finds the socket of the usual instance; here it is a private one."""
    first, submit, wait, results, cancel = blocks("how-to/use-curl.md")
    assert "ask() {" in first
    ask = next(line for line in first.splitlines() if line.startswith("ask()"))
    shutil.copytree(ROOT / "examples" / "pytest", tmp_path / "basket")
    basket = tmp_path / "basket"
    setup = "git init -q && git add . && git commit -qm start && greenlane status >&2"
    steps = [setup, f"socket={instance.socket}", ask, submit, wait, results, cancel]

    said = bash("\n".join(steps), cwd=basket, env=instance.env)

    assert '"result":"passed"' in said.replace(": ", ":")
    assert "7 passed" in said
    assert '"was_running":false' in said.replace(": ", ":")
    assert (basket / "report.xml").read_text().count("<testcase") == 7
