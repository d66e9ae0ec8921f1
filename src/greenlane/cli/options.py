"""Argument parsing that starts fast and says what to do about a mistake."""

from __future__ import annotations

import argparse
import os

from greenlane.model.errors import BadRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from typing import Any, NoReturn, TypeAlias

    Subparsers: TypeAlias = _SubParsersAction["Parser"]

HELP_WIDTH = 96


class Parser(argparse.ArgumentParser):
    """An argument parser without abbreviations, whose errors look like all others."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(formatter_class=_make_formatter, **options)

    def error(self, message: str) -> NoReturn:
        """Refuse the call as all other bad input is refused.

        Raises:
            BadRequestError: always.
        """
        raise BadRequestError(message, hint=f"see `{self.prog} --help`")


def _make_formatter(prog: str) -> argparse.HelpFormatter:
    """Make a formatter of a given width; argparse would import `shutil` to find one (5 ms)."""
    width = os.environ.get("COLUMNS", "")
    columns = int(width) if width.isdigit() else HELP_WIDTH
    return argparse.HelpFormatter(prog, max_help_position=30, width=max(40, columns - 2))


def make_root() -> tuple[Parser, Subparsers]:
    """Make the parser of `greenlane` itself, and the place where commands are added."""
    root = Parser(prog="greenlane", add_help=False)
    subparsers = root.add_subparsers(
        dest="command_name", required=True, prog="greenlane", metavar="COMMAND"
    )
    return root, subparsers


def positive_seconds(text: str) -> float:
    """Read a duration: `90`, `1.5`, `90s`, `10m`, `2h`."""
    factor = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    digits = text[:-1] if factor else text
    try:
        seconds = float(digits) * (factor or 1)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write 90, 90s, 10m or 2h")
    return seconds


def positive_count(text: str) -> int:
    """Read a whole number of at least one."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return int(text)


def assignment(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")


def add_server_options(parser: argparse.ArgumentParser, *, with_json: bool = True) -> None:
    """Add what every command has that talks to the server."""
    if with_json:
        add_json_option(parser)
    parser.add_argument(
        "--no-autostart",
        action="store_true",
        help="fail with exit code 69 when no server runs, instead of starting one",
    )


def add_submit_options(parser: argparse.ArgumentParser) -> None:
    """Add what `test`, `run` and `submit` have in common."""
    parser.add_argument("--framework", metavar="PRESET", help="how the tests are run and read")
    parser.add_argument(
        "--timeout",
        metavar="TIME",
        type=positive_seconds,
        help="end the run after this time: 90, 90s, 10m, 2h (default: the suite's)",
    )
    parser.add_argument(
        "--agent",
        metavar="ID",
        help="who submits (default: $GREENLANE_AGENT, else the name of the working tree's folder)",
    )
    parser.add_argument("--task", metavar="ID", help="what the work is for; kept with the job")
    parser.add_argument(
        "--priority",
        choices=("high", "normal", "low"),
        default="normal",
        help="which jobs of the queue it goes before (default: normal)",
    )
    parser.add_argument(
        "--in-place",
        action="store_true",
        help="run in this very folder instead of on a snapshot of it",
    )
    add_server_options(parser)


def add_follow_options(parser: argparse.ArgumentParser) -> None:
    """Add what `test` and `run` have in common about waiting for the end."""
    parser.add_argument(
        "--no-wait", action="store_true", help="print the job's id and leave, as `submit` does"
    )
    parser.add_argument(
        "--detach",
        action="store_true",
        help="on Ctrl-C leave the job running (exit code 75) instead of cancelling it",
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print the summary only, not the log"
    )
