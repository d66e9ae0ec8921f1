"""`greenlane version`."""

from __future__ import annotations

from greenlane import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_json_option

    add_json_option(subparsers.add_parser("version", description="Print the version."))


def run(arguments: argparse.Namespace) -> int:
    """Print the version."""
    if arguments.json:
        from greenlane.cli.output import print_json

        print_json({"version": __version__})
    else:
        print(f"greenlane {__version__}")
    return 0
