"""Write the reference of all settings from the structs that read them.

`python -m greenlane.config.reference` prints docs/reference/settings.md.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec

from greenlane.config.project import ProjectTable, SuiteTable
from greenlane.config.server import ServerSettings
from greenlane.model.run import Prepare
from greenlane.model.suite import Detect, OutcomeRules, Preset, ReportSource, Select

_HEAD = """\
# Settings

Unknown keys, wrong types and impossible values are errors that name the file and the key.

<!-- Made by `python -m greenlane.config.reference`; a test compares. -->
"""
_PROJECT = """
## `greenlane.toml`

At the root of a project. It is part of what is submitted: the snapshot's own file counts. Without
one, the suites are detected; `greenlane init` writes down what was found.

```toml
[suite.unit]
preset = "pytest"
args = ["-q"]

[suite.web]
preset = "jest"
cwd = "web"
prepare = [{ command = "npm ci", inputs = ["package-lock.json"] }]
resources = ["port:3000"]
```

With one suite that one is the default, with several the one named `default`. A caller that asks
for `all` gets the default suite, unless one is named `all`. A command that the project was
registered with (`greenlane project add`) comes before all of them.
"""
_PYTHON = """
### Which Python runs

`{python}`, and the first folder of `PATH`, are those of the first that there is:

1. the `.venv` that a `prepare` step of the suite makes (`uv sync`, `python -m venv .venv`);
2. the virtual environment that is active where the job is submitted;
3. `.venv` or `venv` in the folder of the run, the suite's folder before the root;
4. the same in the submitter's worktree and in the repository's main worktree;
5. `python3` on the submitter's `PATH`.

Where that environment has the project installed as editable, its import paths are moved into the
snapshot, so that what runs is what was submitted.
"""
_SERVER = """
## The server's file

`$GREENLANE_CONFIG`, else `$XDG_CONFIG_HOME/greenlane/server.toml`, else
`~/.config/greenlane/server.toml`. It may be missing.
"""
_PRESETS = """
## `[preset.NAME]`

A preset says how a framework is found, run, selected and read. A project adds its own, or changes
[a shipped one](presets.md), in `greenlane.toml`: tables merge, lists and all else are replaced.
`extends` takes over all of another preset but its `detect`. A user's own are the files `NAME.toml`
of the folder `presets` beside the server's file; a file is what the table would be.
"""

#: The structs of presets are read by every stage and carry no descriptions of their own.
_MEANING: Final[dict[type[msgspec.Struct], dict[str, str]]] = {
    Preset: {
        "name": "The name of the table.",
        "summary": "What it is for, in a line.",
        "extends": "Another preset that it starts from.",
        "needs": "Programs that must be on `PATH`; `greenlane doctor` looks for them.",
        "install_hint": "How to get them.",
        "detect": "Which files of a project speak for it.",
        "command": "What runs.",
        "cwd": "Folder to run in, relative to the folder that it was found in.",
        "env": "Environment variables; filled in as those of a suite are.",
        "prepare": "Set-up steps, written as those of a suite are.",
        "timeout_seconds": "Wall time the command may take.",
        "idle_timeout_seconds": "Time the command may go without output.",
        "report": "Where it leaves reports, tried in this order.",
        "outcome": "How exit codes and output are read.",
        "select": "How tests are chosen on the command line.",
    },
    Detect: {
        "all": "Globs that must all match.",
        "all_contain": "Like `contains`, and each must be found.",
        "any": "Globs of which one must match, or one of `contains`.",
        "contains": "Globs, and what a file that they match must hold (a regular expression).",
        "runs": "Regular expressions of commands that run it, to be found in test scripts.",
        "priority": "The highest that fits a folder wins.",
    },
    ReportSource: {
        "format": "Name of the format.",
        "path": "Glob relative to the suite's folder, or below `{out}`.",
        "stream": "`stdout`: the run's own log is the report.",
        "clean_before": "Before a run in a snapshot, delete what matches and git does not track.",
    },
    OutcomeRules: {
        "passed": "Exit codes of success.",
        "failed": "Exit codes that say that tests failed.",
        "no_tests": "Exit codes that say that none ran.",
        "usage_error": "Exit codes that say that the command line was wrong.",
        "build_error": "Exit codes that say that nothing could be built or imported.",
        "crashed": "Exit codes that say that the framework itself broke.",
        "timeout": "Exit codes that say that a limit of the framework's own ended the run.",
        "build_error_patterns": "Regular expressions searched in the output, line by line.",
        "usage_error_patterns": "The same.",
        "no_tests_patterns": "The same.",
        "crashed_patterns": "The same.",
        "timeout_patterns": "The same; a limit of the framework's own ended the run.",
        "listed_patterns": "The same; the tests were listed and not run.",
    },
    Select: {
        "like": "Regular expression that the whole of an id must match; its named groups can be "
        "filled in.",
        "before": "Words that come once, before the ids.",
        "ids": "Words repeated for each test, with `{id}`, `{file}` and `{line}` filled in.",
        "filter": "Words that come once, where there are no `ids` or a test lacks what they need: "
        "`{regex}` is an anchored regular expression for all tests, `{list}` a list.",
        "item": "What of a test stands in `filter`.",
        "join": "What stands between the items of `{list}`.",
        "gap": "Regular expression that a blank of an item stands for in `{regex}`.",
        "files": "Words after `filter`, with `{file}` for each file of the tests.",
        "affected": "Words that choose what a change reaches: `{file}` for each changed file, or "
        "`{package}` for each package.",
        "affected_by": "How packages are found: `go` or `cargo`.",
        "affected_replaces": "Words of the command that `affected` takes the place of.",
    },
    Prepare: {
        "argv": "The command; `command` may be written instead.",
        "inputs": "Files, relative to the suite's folder. The step runs again when one changes.",
    },
}
_WORDS: Final[dict[Any, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dict: "table",
    list: "list",
}


def render_reference() -> str:
    """Give the text of docs/reference/settings.md."""
    return "".join(
        (
            _HEAD,
            _PROJECT,
            "\n### `[project]`\n\n",
            _table(ProjectTable),
            "\n### `[suite.NAME]`\n\n",
            _table(SuiteTable),
            _PYTHON,
            _SERVER,
            "\n",
            _table(ServerSettings),
            _PRESETS,
            "\n",
            _table(Preset, without=("name",)),
            *(
                f"\n### `{name}`\n\n{_table(kind)}"
                for name, kind in (
                    ("detect", Detect),
                    ("report", ReportSource),
                    ("outcome", OutcomeRules),
                    ("select", Select),
                    ("prepare", Prepare),
                )
            ),
        )
    )


def _table(kind: type[msgspec.Struct], without: tuple[str, ...] = ()) -> str:
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(kind):
        if field.name in without:
            continue
        meaning = _description(field.type) or _MEANING.get(kind, {})[field.name]
        cells = (f"`{field.name}`", _type(field.type), _default(field), meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _description(kind: Any) -> str:
    if get_origin(kind) is not Annotated:
        return ""
    return next((meta.description for meta in get_args(kind)[1:] if meta.description), "")


def _type(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return _type(get_args(kind)[0])
    members = [member for member in get_args(kind) if member is not type(None)]
    if get_origin(kind) in {list, dict}:
        inner = _type(members[-1])
        word = _WORDS[get_origin(kind)]
        return word if " or " in inner else f"{word} of {inner}"
    if members:
        return " or ".join(dict.fromkeys(_type(member) for member in members))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(f"`{item.value}`" for item in kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return "table"
    return _WORDS.get(kind, "anything")


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if field.required:
        return "required"
    match value:
        case None | "" | [] | msgspec.Struct():
            return ""
        case bool():
            return f"`{str(value).lower()}`"
        case Enum():
            return f"`{value.value}`"
        case dict():
            return ""
        case float():
            return f"`{value:g}`"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
