"""`greenlane project`: the projects that the server knows."""

from __future__ import annotations

import os
import shlex

from greenlane.cli.connect import open_session
from greenlane.cli.output import clean, print_json
from greenlane.model.errors import BadRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.client.answers import Project


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command, which has commands of its own."""
    from greenlane.cli.options import add_server_options

    parser = subparsers.add_parser("project", description="Add, list or remove projects.")
    parser.set_defaults(takes_rest=True)
    verbs = parser.add_subparsers(
        dest="verb", required=True, prog="greenlane project", metavar="VERB"
    )
    adding = verbs.add_parser(
        "add",
        description="Register a project, and how it is tested when it has no greenlane.toml: "
        "`greenlane project add . -- make test`. A project that is tested for the first time is "
        "registered by itself.",
    )
    adding.add_argument("path", nargs="?", default=".", metavar="PATH", help="its folder (.)")
    adding.add_argument("--name", default="", help="what it is called (default: its folder's name)")
    adding.add_argument(
        "--preset", metavar="PRESET", default="", help="how its tests are run and read"
    )
    add_server_options(adding)
    add_server_options(verbs.add_parser("list", description="List the projects."))
    removing = verbs.add_parser("remove", description="Forget a project that has no jobs.")
    removing.add_argument("project", metavar="ID", help="the id that `project list` shows")
    add_server_options(removing)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    if arguments.rest is not None and arguments.verb != "add":
        raise BadRequestError(f"nothing may stand after `--` with `project {arguments.verb}`")
    return {"add": _add, "list": _list, "remove": _remove}[arguments.verb](arguments)


def _add(arguments: argparse.Namespace) -> int:
    with open_session(arguments) as session:
        project = session.client.add_project(
            os.path.realpath(arguments.path),
            name=arguments.name,
            command=arguments.rest,
            preset=arguments.preset,
        )
    if arguments.json:
        print_json(project)
    else:
        print(_format(project))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with open_session(arguments) as session:
        projects = session.client.projects()
    if arguments.json:
        print_json({"projects": projects})
        return 0
    if not projects:
        print("no projects yet; the first `greenlane test` in a folder makes one")
    for project in projects:
        print(_format(project))
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    with open_session(arguments) as session:
        project = session.client.remove_project(arguments.project)
    if arguments.json:
        print_json(project)
    else:
        print(f"project {clean(arguments.project)} is forgotten")
    return 0


def _format(project: Project) -> str:
    how = shlex.join(project["command"]) if project["command"] else project["preset"]
    return clean("  ".join((project["project"], project["path"], how))).rstrip()
