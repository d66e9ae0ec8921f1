"""Write a `greenlane.toml` for suites that were detected: commented, and read back unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable

from greenlane.config.catalogue import Catalogue
from greenlane.config.project import FILE_NAME
from greenlane.config.strict import dotted
from greenlane.model.run import Prepare
from greenlane.model.suite import Suite

_HEAD = """\
# How Greenlane runs the tests of this project. `greenlane test` runs the default suite.
# All settings: docs/reference/settings.md of Greenlane. Unknown keys are errors.

[project]
# name = "my project"             # default: the name of the folder
# share_lane_with_clones = true   # clones of one origin wait for each other
"""
_SEVERAL = """
# With several suites none is the default, unless one is named `default`:
# `greenlane test --suite NAME`.
"""


def render_project(suites: Iterable[Suite], catalogue: Catalogue) -> str:
    """Give the text of the file."""
    tables = [_suite(suite, catalogue) for suite in suites]
    return _HEAD + (_SEVERAL if len(tables) > 1 else "") + "".join(tables)


def toml_text(text: str) -> str:
    """Write a text as a basic string of TOML, which is one of JSON but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _suite(suite: Suite, catalogue: Catalogue) -> str:
    preset = catalogue.get(suite.preset) if suite.preset else None
    lines = ["", f"# {_comment(suite.because)}", f"[{dotted('suite', suite.name)}]"]
    if preset is not None:
        lines.append(f"preset = {toml_text(preset.name)}")
    if preset is None or suite.command != preset.command:
        lines.append(f"command = {_list(suite.command)}")
    else:
        lines.append(f"# command = {_list(suite.command)}   # what the preset runs")
    if suite.cwd != ".":
        lines.append(f"cwd = {toml_text(suite.cwd)}")
    shipped = preset.env if preset else {}
    changed = {name: value for name, value in suite.env.items() if shipped.get(name) != value}
    if changed:
        pairs = ", ".join(f"{name} = {toml_text(value)}" for name, value in changed.items())
        lines.append(f"env = {{ {pairs} }}")
    if suite.prepare != (preset.prepare if preset else []):
        lines += ["prepare = [", *(f"    {_step(step)}," for step in suite.prepare), "]"]
    lines.append(f"# timeout_seconds = {suite.timeout_seconds:g}")
    lines.append('# resources = ["port:8000"]   # named locks that a run holds')
    return "\n".join(lines) + "\n"


def _step(step: Prepare) -> str:
    return f"{{ command = {_list(step.argv)}, inputs = {_list(step.inputs)} }}"


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(toml_text(word) for word in words) + "]"


def _comment(text: str) -> str:
    """Keep a text on its line: a file name may hold anything."""
    return "".join(char if char.isprintable() else "?" for char in text) or FILE_NAME
