"""The commands by name. Each is one module of this package, imported when it is the one called."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Protocol

    from greenlane.cli.options import Subparsers

    class Command(Protocol):
        """What a command's module has."""

        def add_parser(self, subparsers: Subparsers) -> None:
            """Add the parser of this command with all its options."""

        def run(self, arguments: argparse.Namespace) -> int:
            """Do it and give the exit code."""


#: Name, which is also the module's, and what it does in a line. The order is that of the help.
SUMMARY_OF_COMMAND: dict[str, str] = {
    "test": "test the working tree as it is now and wait for the verdict",
    "run": "run any command on the working tree as it is now",
    "submit": "queue a test of the working tree and print the job's id",
    "wait": "wait for jobs to end and exit with their verdict",
    "status": "say where a job is, or list the latest jobs",
    "results": "say how a job ended and what failed",
    "logs": "print the log of a job",
    "cancel": "cancel a job, queued or running",
    "queue": "show what runs and what waits",
    "init": "look at a project and write its greenlane.toml",
    "presets": "list the frameworks that are known, or show one",
    "project": "add, list or remove projects",
    "parse": "turn the leavings of any test run into a result",
    "doctor": "say what is missing on this machine and how to get it",
    "serve": "run the server in the foreground",
    "version": "print the version",
}


def load_command(name: str) -> Command:
    """Import the module of a command."""
    # `importlib` would be one more import on the fast path; this is what it calls.
    __import__(f"greenlane.cli.{name}")
    import sys

    module: Command = sys.modules[f"greenlane.cli.{name}"]
    return module
