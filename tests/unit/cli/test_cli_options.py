from __future__ import annotations

import argparse
import io

import pytest

from greenlane.cli.options import assignment, positive_count, positive_seconds
from greenlane.cli.output import clean, clip, format_seconds, is_coloured, paint


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1.5", 1.5), ("90s", 90), ("10m", 600), ("2h", 7200)]
)
def test_times(text: str, seconds: float) -> None:
    assert positive_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "0", "-1", "nan", "inf", "1d", "ten", "1e99", "5 m x"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write 90"):
        positive_seconds(text)


def test_assignments() -> None:
    assert assignment("A=b=c") == ("A", "b=c")
    assert assignment("A=") == ("A", "")
    for text in ("A", "=b", ""):
        with pytest.raises(argparse.ArgumentTypeError):
            assignment(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "", "²", "9" * 12])
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        positive_count(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "?"),
        (0, "0.00 s"),
        (0.049, "0.05 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (60, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (3661, "1 h 01 min"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("plain", "plain"),
        ("größer → 日本", "größer → 日本"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("back\b\b\b\rspace", "backspace"),
        ("\x9b2Jc1", "2Jc1"),
        ("nul\0 bell\a", "nul bell"),
        ("a\u202eb\u2066c", "abc"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("half an \x1b", "half an "),
    ],
)
def test_text_of_a_test_cannot_touch_the_terminal(dirty: str, text: str) -> None:
    assert clean(dirty) == text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert paint("x", "red", Terminal()) == "\x1b[31mx\x1b[0m"
    assert paint("x", "red", io.StringIO()) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_coloured(Terminal())
    monkeypatch.setenv("NO_COLOR", "")
    assert is_coloured(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not is_coloured(Terminal())


def test_a_clipped_line_is_never_longer() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdef", 4) == "abc…"
