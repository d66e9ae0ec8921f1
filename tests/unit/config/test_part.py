"""Which part of a suite runs, and how it is called."""

from __future__ import annotations

import pytest

from greenlane.config.part import Change, describe_part, reached_words
from greenlane.config.tree import MappedFiles
from greenlane.model.errors import BadRequestError, NothingToRunError
from greenlane.model.suite import Preset, Select, Suite

EMPTY = MappedFiles({})


def reached(select: Select, change: Change, cwd: str = ".") -> list[str] | None:
    suite = Suite(name="web", preset="p", command=["run"], cwd=cwd)
    return reached_words(EMPTY, suite, Preset(name="p", select=select), change)


def test_files_are_named_from_the_folder_of_the_suite() -> None:
    select = Select(affected=["--related", "{file}"])
    change = Change(files=["web/a.js", "lib/b.js", "web/-c.js"], deleted=["web/d.js"])
    assert reached(select, change, "web") == ["--related", "a.js", "../lib/b.js", "./-c.js"]


def test_words_without_a_file_come_once() -> None:
    assert reached(Select(affected=["--testmon"]), Change(files=["a.py", "b.py"])) == ["--testmon"]


def test_deletions_alone_reach_nobody_knows_what() -> None:
    assert reached(Select(affected=["{file}"]), Change(deleted=["a.js"])) is None
    assert reached(Select(affected=["--testmon"]), Change(deleted=["a.py"])) == ["--testmon"]


@pytest.mark.parametrize("path", ["package.json", "web/vitest.config.ts", "web/yarn.lock"])
def test_a_setting_reaches_everything(path: str) -> None:
    change = Change(files=["a.js", path])
    assert reached(Select(affected=["{file}"]), change) is None
    assert reached(Select(affected=["--testmon"]), change) == ["--testmon"]


def test_no_change_reaches_nothing() -> None:
    with pytest.raises(NothingToRunError, match="nothing differs from main"):
        reached(Select(affected=["{file}"]), Change(since="main"))


def test_a_framework_that_cannot() -> None:
    with pytest.raises(BadRequestError, match="'p' cannot run the tests that a change reaches"):
        reached(Select(), Change(files=["a.py"]))


def test_what_a_part_is_called() -> None:
    assert describe_part(args=[], tests=0, because="", change=None) == ""
    assert describe_part(args=[], tests=1, because="", change=None) == "1 selected test"
    change = Change(files=["a"], deleted=["b"], since="main")
    said = describe_part(args=["-k", "a b"], tests=0, because="", change=change)
    assert said == "tests affected by 2 changed files since main; arguments: -k 'a b'"
    long = describe_part(args=["x" * 1000], tests=3, because="3 that failed", change=None)
    assert len(long) == 200
    assert long.startswith("3 that failed; arguments: xxx")
