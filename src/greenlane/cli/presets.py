"""`greenlane presets`: the frameworks that are known, and what is known of one."""

from __future__ import annotations

import shutil
import sys

from greenlane.cli.output import clean, clip, paint, print_json
from greenlane.model.errors import GreenlaneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from greenlane.cli.options import Subparsers
    from greenlane.config.catalogue import Catalogue
    from greenlane.model.suite import Preset

MOST_COLUMNS = 100


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command, which has commands of its own."""
    from greenlane.cli.options import add_json_option

    parser = subparsers.add_parser(
        "presets", description="List the presets, or show all of one. Starts no server."
    )
    verbs = parser.add_subparsers(
        dest="verb", required=True, prog="greenlane presets", metavar="VERB"
    )
    listing = verbs.add_parser(
        "list",
        description="List every preset: those that are shipped, those of your presets folder "
        "(beside server.toml) and those of this project's greenlane.toml, with the programs of it "
        "that are not on PATH here.",
    )
    add_json_option(listing)
    showing = verbs.add_parser(
        "show", description="Show how a preset finds, runs, selects and reads tests."
    )
    showing.add_argument("name", metavar="NAME", help="as `greenlane presets list` gives it")
    shape = showing.add_mutually_exclusive_group()
    add_json_option(shape)  # type: ignore[arg-type]  # a group takes arguments as a parser does
    shape.add_argument(
        "--toml",
        action="store_true",
        help="print it as TOML, whole, to be pasted into greenlane.toml and changed",
    )


def run(arguments: argparse.Namespace) -> int:
    """List or show."""
    from greenlane.cli.catalogue import find_catalogue

    catalogue = find_catalogue()
    if arguments.verb == "list":
        return _list(catalogue, as_json=arguments.json)
    preset = catalogue.get(arguments.name)
    if arguments.json:
        print_json(_object(preset, catalogue))
    elif arguments.toml:
        from greenlane.config.preset_toml import render_preset
        from greenlane.config.strict import dotted

        print(render_preset(preset, at=dotted("preset", preset.name)), end="")
    else:
        print("\n".join(_describe(preset, catalogue)))
    return 0


def _list(catalogue: Catalogue, *, as_json: bool) -> int:
    rows = [_row(catalogue, name) for name in catalogue.names()]
    if as_json:
        print_json({"presets": rows})
        return 0
    for row in rows:
        mark = paint("error  ", "red", sys.stdout) if row["error"] else "ready  "
        if row["missing"]:
            mark = paint("missing", "yellow", sys.stdout)
        said = row["error"] or row["summary"]
        absent = f" (not here: {', '.join(row['missing'])})" if row["missing"] else ""
        origin = "" if row["from"] == "shipped" else f" [{row['from']}]"
        print(f"{mark}  {row['name']:<16} {clip(clean(said + absent + origin), MOST_COLUMNS)}")
    return 0


def _row(catalogue: Catalogue, name: str) -> dict[str, Any]:
    preset = catalogue.look(name)
    if isinstance(preset, GreenlaneError):
        said = {"summary": "", "needs": [], "missing": [], "install_hint": ""}
        error = preset.message
    else:
        said = {
            "summary": preset.summary,
            "needs": preset.needs,
            "missing": missing_programs(preset),
            "install_hint": preset.install_hint,
        }
        error = ""
    return {"name": name, "from": catalogue.origin(name).value, **said, "error": error}


def missing_programs(preset: Preset) -> list[str]:
    """Give the programs of a preset that are not on PATH here."""
    return [program for program in preset.needs if shutil.which(program) is None]


def _object(preset: Preset, catalogue: Catalogue) -> dict[str, Any]:
    import msgspec

    built: dict[str, Any] = msgspec.to_builtins(preset)
    origin = catalogue.origin(preset.name).value
    return {**built, "from": origin, "missing": missing_programs(preset)}


def _describe(preset: Preset, catalogue: Catalogue) -> Iterator[str]:
    from greenlane.config.describe import describe_preset

    yield clean(f"{preset.name}: {preset.summary}")
    yield f"{'from':<26}{catalogue.origin(preset.name).value}"
    for title, lines in describe_preset(preset):
        for number, line in enumerate(lines):
            yield clean(f"{'' if number else title:<26}{line}")
    if absent := missing_programs(preset):
        yield f"{'not on PATH here':<26}{', '.join(absent)}"
