"""A selection in the words of a framework."""

from __future__ import annotations

import pytest

from greenlane.config.selection import SelectedTest, selection_words
from greenlane.model.errors import BadRequestError
from greenlane.model.suite import Preset, Select


def words(select: Select, *tests: tuple[str, str, int]) -> list[str]:
    preset = Preset(name="p", select=select)
    chosen = [SelectedTest(id=test_id, file=file, line=line) for test_id, file, line in tests]
    return selection_words(preset, chosen)


def test_ids_are_repeated_and_no_pair_comes_twice() -> None:
    select = Select(like=r"(?P<top>[^/]+).*", before=["-v"], ids=["--test", "{top}"])
    assert words(select, ("a/1", "", 0), ("a/2", "", 0), ("b", "", 0)) == [
        "-v", "--test", "a", "--test", "b",
    ]  # fmt: skip


def test_a_filter_is_one_expression_and_names_the_files() -> None:
    select = Select(filter=["-t", "{regex}"], files=["--in", "{file}"])
    assert words(select, ("a (b)", "x.js", 0), ("c", "x.js", 0), ("d", "y.js", 0)) == [
        "-t", r"^(?:a \(b\)|c|d)$", "--in", "x.js", "y.js",
    ]  # fmt: skip


def test_files_are_left_out_where_one_is_not_known() -> None:
    select = Select(filter=["-t", "{regex}"], files=["--in", "{file}"])
    assert words(select, ("a", "x.js", 0), ("b", "", 0)) == ["-t", "^(?:a|b)$"]


def test_a_list_of_what_the_tests_are_called() -> None:
    select = Select(
        like=r"(?P<class>.+)\.(?P<method>\w+)",
        item="{class}#{method}",
        filter=["-Dtest={list}"],
    )
    assert words(select, ("p.A.x", "", 0), ("p.B.y", "", 0)) == ["-Dtest=p.A#x,p.B#y"]


def test_a_place_that_is_not_known_leads_to_the_filter() -> None:
    select = Select(ids=["{file}:{line}"], filter=["-n", "/{regex}/"])
    assert words(select, ("a", "t.rb", 3)) == ["t.rb:3"]
    assert words(select, ("a", "t.rb", 3), ("b", "", 0)) == ["-n", "/^(?:a|b)$/"]


def test_what_a_test_is_called_is_not_filled_in_again() -> None:
    assert words(Select(ids=["{id}"]), ("{file}", "f", 0)) == ["{file}"]
    assert words(Select(filter=["{regex}"]), ("{list}", "f", 0)) == [r"^(?:\{list\})$"]


def test_an_expression_that_no_command_line_takes() -> None:
    tests = [("x" * 60 + str(number), "", 0) for number in range(2400)]
    with pytest.raises(BadRequestError, match="too long for a command line"):
        words(Select(filter=["{regex}"]), *tests)


def test_a_file_that_could_not_be_run_runs_whole() -> None:
    select = Select(filter=["-t", "{regex}"], files=["--in", "{file}"])
    chosen = [("src/x.js", "pkg/src/x.js", 0), ("a", "y.js", 0)]
    assert words(select, *chosen) == ["--in", "pkg/src/x.js", "y.js"]


def test_a_blank_may_stand_for_more() -> None:
    select = Select(filter=["-t", "{regex}"], gap=" (?:> )?")
    assert words(select, ("add (1 - 2)", "", 0)) == [
        "-t",
        r"^(?:add (?:> )?\(1 (?:> )?- (?:> )?2\))$",
    ]
