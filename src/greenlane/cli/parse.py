"""`greenlane parse`: turn the leavings of any test run, made anywhere, into a result."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from greenlane.cli.options import Subparsers
    from greenlane.model.report import ReportSummary, TestCase
    from greenlane.model.suite import Preset

FORMATS = ("json", "ctrf", "junit", "github", "agent")
NOT_GREEN = 3
EXIT_CODE_OF_STATUS = {"passed": 0, "failed": 1, "usage_error": 2, "timeout": 4}


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_json_option

    parser = subparsers.add_parser(
        "parse",
        description="Read what a test run left (exit status, output, report files) and say what it "
        "was. The exit code is that of `greenlane test`: 0 only when the run passed.",
    )
    parser.add_argument("--preset", metavar="NAME", required=True, help="how to read it")
    parser.add_argument(
        "--exit-code",
        metavar="N",
        type=int,
        required=True,
        help="how the run exited; -N when a signal killed it",
    )
    parser.add_argument(
        "--timed-out", action="store_true", help="it was stopped because it took too long"
    )
    for stream in ("stdout", "stderr"):
        parser.add_argument(f"--{stream}", metavar="FILE", help=f"what it printed on {stream}")
    parser.add_argument(
        "--report",
        metavar="FILE",
        action="append",
        default=[],
        help="a report file that it wrote; may be repeated",
    )
    parser.add_argument(
        "--root",
        metavar="DIR",
        default=".",
        help="paths are shown relative to this folder; default: the current one",
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="json", help="what to print; default: json"
    )
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read the leavings and print the result."""
    import tempfile
    from pathlib import Path

    from greenlane.report.collect import Leavings, open_files, read_leavings

    preset = _find_preset(arguments.preset)
    outputs = [path for path in (arguments.stdout, arguments.stderr) if path is not None]
    leavings = Leavings(
        preset=preset,
        exit_code=arguments.exit_code,
        timed_out=arguments.timed_out,
        outputs=open_files([_check_file(path) for path in outputs]),
        reports=open_files([_check_file(path) for path in arguments.report]),
        root=os.path.realpath(arguments.root),
    )
    with tempfile.TemporaryDirectory(prefix="greenlane-parse-") as folder:
        tests_path = Path(folder) / "tests.jsonl"
        summary = read_leavings(leavings, tests_path)
        _print(arguments, summary, _read_tests(tests_path))
    return EXIT_CODE_OF_STATUS.get(summary.status.value, NOT_GREEN)


def _find_preset(name: str) -> Preset:
    from greenlane.cli.catalogue import find_catalogue

    return find_catalogue().get(name)


def _check_file(name: str) -> Path:
    """Return the path of a file that can be read.

    Raises:
        BadRequestError: it cannot.
    """
    from pathlib import Path

    from greenlane.model.errors import BadRequestError

    path, hint = Path(name), "Give the path of a file that the run left."
    try:
        if path.exists() and not path.is_file():  # a pipe cannot be read twice
            raise BadRequestError(f"{name!r} is no regular file", hint=hint)
        with path.open("rb"):
            return path
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadRequestError(f"the file {name!r} cannot be read: {reason}", hint=hint) from error


def _read_tests(path: Path) -> Iterator[TestCase]:
    import msgspec

    from greenlane.model.report import TestCase

    decoder = msgspec.json.Decoder(TestCase)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def _print(
    arguments: argparse.Namespace, summary: ReportSummary, tests: Iterable[TestCase]
) -> None:
    from greenlane.report.exports import EXPORTS
    from greenlane.report.exports.json_object import write_json

    if arguments.json or arguments.format == "json":
        chunks = write_json(summary, tests, {"preset": arguments.preset})
    else:
        chunks = EXPORTS[arguments.format].write(summary, tests)
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
