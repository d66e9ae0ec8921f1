"""`greenlane test`: the main job, from the working tree to its verdict."""

from __future__ import annotations

import os

from greenlane.cli.connect import open_session
from greenlane.cli.follow import follow_to_verdict
from greenlane.cli.output import say
from greenlane.cli.submission import announce, print_submitted, submit_folder
from greenlane.model.errors import BadRequestError
from greenlane.snapshot.worktree import find_worktree

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Change, Submission

LATEST = "latest"


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_follow_options

    parser = subparsers.add_parser(
        "test",
        usage="greenlane test [options] [-- ARGS...]",
        description="Test the working tree exactly as it is now, uncommitted and untracked files "
        "included: it goes into the queue, its log is shown as it runs, and the exit code is its "
        "verdict. You may go on editing at once. What stands after `--` goes to the test command. "
        "A part of a suite (--select, --failed, --affected, arguments) is called a part in every "
        "answer: its green is not that of the whole tree.",
        epilog="Ctrl-C cancels the job; --detach leaves it running. SIGTERM always leaves it "
        "running. Exit codes: 0 passed, 1 tests failed, 2 usage, 3 not green for another reason, "
        "4 timed out, 5 cancelled or superseded, 69 no server, 75 the job goes on without this "
        "command.",
    )
    add_suite_options(parser)
    add_follow_options(parser)


def add_suite_options(parser: argparse.ArgumentParser) -> None:
    """Add what `test` and `submit` have in common."""
    from greenlane.cli.options import add_submit_options

    parser.set_defaults(takes_rest=True)
    parser.add_argument("--suite", metavar="NAME", help="which suite of the project to run")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--select",
        metavar="TEST",
        action="append",
        default=[],
        help="run this test only, by the id that a result shows; may be repeated",
    )
    part.add_argument(
        "--failed",
        metavar="JOB",
        nargs="?",
        const=LATEST,
        help="run only the tests that were red in this job; without JOB: in your latest job of "
        "the suite with red tests",
    )
    part.add_argument(
        "--affected",
        metavar="REV",
        nargs="?",
        const="",
        help="run only the tests that your changes since REV reach, where the framework can tell; "
        "without REV: since you left the remote's default branch, else main or master",
    )
    add_submit_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Submit, follow, judge."""
    with open_session(arguments) as session:
        submitted = submit_folder(session, arguments, suite_wishes(arguments))
        if arguments.no_wait:
            print_submitted(submitted, as_json=arguments.json)
            return 0
        if not (arguments.json or arguments.quiet):
            announce(submitted)
            if arguments.affected is not None and not submitted.get("partial"):
                say("your changes may reach every test: the whole suite runs")
        return follow_to_verdict(session, submitted["job_id"], arguments)


def _changes(revision: str) -> Change:
    """Say what the working tree changes.

    Raises:
        BadRequestError: the folder is in no git repository.
    """
    from greenlane.cli.changes import find_changes

    worktree = find_worktree(os.getcwd())
    if worktree is None:
        raise BadRequestError(
            "what changed is known in a git repository only", hint="run the whole suite"
        )
    return find_changes(worktree.root, revision)


def suite_wishes(arguments: argparse.Namespace) -> Submission:
    """Say which suite, and which part of it, is asked for."""
    wishes: Submission = {}
    if arguments.suite:
        wishes["test_suite"] = arguments.suite
    if arguments.select:
        wishes["select"] = arguments.select
    if arguments.failed is not None:
        wishes["failed_of"] = arguments.failed
    if arguments.affected is not None:
        wishes["affected"] = _changes(arguments.affected)
    if arguments.rest:
        wishes["args"] = arguments.rest
    return wishes
