"""Whatever the streams are, no trouble with them has the exit code of a verdict."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = [sys.executable, "-P", "-c"]
PLAY = """
import sys, types
import greenlane.cli.main as m
from greenlane.cli.commands import load_command

def run(_):
    {code}

module = types.SimpleNamespace(add_parser=load_command("version").add_parser, run=run)
sys.modules["greenlane.cli.version"] = module
sys.exit(m.main(["version"]))
"""


def play(code: str, redirection: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *PROGRAM, PLAY.format(code=code)]
    return subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_locale_without_the_letters() -> None:
    code = 'print("a \\u00b7 b \\udcff"); return 5'
    done = play(code, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="")
    assert (done.stdout, done.returncode) == ("a \\xb7 b \\udcff\n", 5)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_and_nothing_in_their_place(closed: str) -> None:
    code = (
        "opened = open('/dev/zero'); print('out'); print('err', file=sys.stderr);"
        " return 5 if opened.fileno() > 2 else 1"
    )
    done = play(code, closed)
    assert done.returncode == 5, done.stderr


def test_no_room_for_the_answer() -> None:
    done = play("print('answer'); return 0", "> /dev/full")
    assert done.returncode == 74
    assert done.stderr == "greenlane: [Errno 28] No space left on device\n"


def test_a_mistake_is_no_verdict() -> None:
    done = play("print('half'); return 1 // 0")
    assert done.returncode == 70
    assert "ZeroDivisionError" in done.stderr
    assert done.stderr.endswith("and no verdict\n")
