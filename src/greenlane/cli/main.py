"""Entry point: find the command, import it and nothing else, turn errors into exit codes."""

from __future__ import annotations

import sys

from greenlane.cli.commands import SUMMARY_OF_COMMAND, load_command
from greenlane.cli.streams import make_usable, silence
from greenlane.model.errors import GreenlaneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

HELP_WORDS = ("-h", "--help", "help")
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it
MISTAKE = 70  # EX_SOFTWARE of sysexits.h
OS_ERROR = 74  # EX_IOERR
READER_GONE = 141  # 128 + SIGPIPE


def main(argv: list[str] | None = None) -> int:
    """Run one command and give its exit code."""
    make_usable()
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in HELP_WORDS:
        return _help(words[1:])
    if words[0] == "--version":
        words = ["version"]
    if words[0] not in SUMMARY_OF_COMMAND:
        return _refuse(words[0])
    try:
        arguments = parse(words)
        code = load_command(words[0]).run(arguments)
        sys.stdout.flush()
    except GreenlaneError as error:
        return _report(error, as_json="--json" in _split_rest(words)[0])
    except BrokenPipeError:
        silence()
        return READER_GONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - Python's own exit code for it means red tests
        silence()
        return _confess(error)
    return code


def parse(words: list[str]) -> argparse.Namespace:
    """Parse a command line whose first word is a command.

    What stands after the first `--` becomes `arguments.rest`, untouched; None without a `--`. Only
    commands that set `takes_rest` have one.
    """
    from greenlane.cli.options import make_root

    words, rest = _split_rest(words)
    root, subparsers = make_root()
    load_command(words[0]).add_parser(subparsers)
    arguments, unknown = root.parse_known_args(words)
    if unknown:
        subparsers.choices[words[0]].error(f"what is {' '.join(unknown)!r}?")
    if rest is not None and not getattr(arguments, "takes_rest", False):
        subparsers.choices[words[0]].error("nothing may stand after `--` here")
    arguments.rest = rest
    return arguments


def _split_rest(words: list[str]) -> tuple[list[str], list[str] | None]:
    if "--" not in words:
        return words, None
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _help(words: list[str]) -> int:
    if words and words[0] in SUMMARY_OF_COMMAND:
        return main([words[0], "--help"])
    print("usage: greenlane COMMAND [options]\n")
    print("Greenlane runs the tests of many agents and people one after another, each on exactly")
    print("the tree that was submitted, and says which are green.\n")
    for name, summary in SUMMARY_OF_COMMAND.items():
        print(f"  {name:<10} {summary}")
    print("\n`greenlane COMMAND --help` lists the options of a command.")
    print("Exit codes: 0 passed, 1 tests failed, 2 usage, 3 not green for another reason,")
    print("4 timed out, 5 cancelled or superseded, 69 no server, 75 connection lost.")
    return 0


def _refuse(word: str) -> int:
    import difflib

    near = difflib.get_close_matches(word, SUMMARY_OF_COMMAND, n=1)
    print(f"greenlane: there is no command {word!r}", file=sys.stderr)
    hint = f"did you mean `greenlane {near[0]}`?" if near else "`greenlane --help` lists them all"
    print(f"hint: {hint}", file=sys.stderr)
    return 2


def _report(error: GreenlaneError, *, as_json: bool) -> int:
    """Say what went wrong, on stderr, and for a program on stdout too."""
    from greenlane.cli.output import clean, print_json

    if as_json:
        job = {"job_id": error.job_id} if hasattr(error, "job_id") else {}
        print_json({"error": error.code, "message": error.message, "hint": error.hint, **job})
    sys.stdout.flush()
    print(f"greenlane: {clean(error.message)}", file=sys.stderr)
    if error.hint:
        print(f"hint: {clean(error.hint)}", file=sys.stderr)
    return error.exit_code


def _confess(error: Exception) -> int:
    """Say what nobody foresaw; no verdict is meant by it."""
    if isinstance(error, OSError):
        print(f"greenlane: {error}", file=sys.stderr)
        return OS_ERROR
    import traceback

    traceback.print_exception(error)
    print("greenlane: this is a mistake in greenlane, and no verdict", file=sys.stderr)
    return MISTAKE
