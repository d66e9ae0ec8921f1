"""Write the reference of the shipped presets from their data.

`python -m greenlane.config.preset_reference` prints docs/reference/presets.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from greenlane.config.catalogue import Catalogue
from greenlane.config.describe import describe_preset
from greenlane.model.suite import Preset

_HEAD: Final = """\
# Presets

<!-- Made by `python -m greenlane.config.preset_reference`; a test compares. -->

A preset says how a framework is found, run, selected and read. It is data: a project changes one or
adds its own in [`greenlane.toml`](settings.md#preset-name), a user in a file
`NAME.toml` of the folder `presets` beside `server.toml`, as
[add a framework](../how-to/add-a-framework.md) shows. `greenlane presets list` says which of them
can run here, and `greenlane presets show NAME --toml` prints one whole.

`{out}` is the run's own folder for reports, `{inject}` the folder of Greenlane's reporters,
`{cache}` a folder that the suite finds again in its next run, `{python}` the
[Python that runs](settings.md#which-python-runs), `{NAME}` in an environment the inherited value.
Reports are read in the order that is given; the first that says something about
tests is believed, and the others may only contradict it. Where several presets fit one folder, the
highest priority is taken.

| preset | for |
|---|---|
"""


def render_presets() -> str:
    """Give the text of docs/reference/presets.md."""
    presets = Catalogue().presets()
    rows = [
        f"| [`{preset.name}`](#{preset.name}) | {_cell(preset.summary)} |" for preset in presets
    ]
    sections = ["\n".join(_section(preset)) for preset in presets]
    return _HEAD + "\n".join(rows) + "\n" + "\n".join(sections)


def _section(preset: Preset) -> Iterator[str]:
    yield from ("", f"## {preset.name}", "")
    yield f"{preset.summary}." + (
        f" Extends [`{preset.extends}`](#{preset.extends})." if (preset.extends) else ""
    )
    yield from ("", "| | |", "|---|---|")
    for title, lines in describe_preset(preset):
        said = "<br>".join(_code(line) for line in lines)
        yield f"| {title} | {said} |"


def _code(line: str) -> str:
    """Keep what Markdown would read from it: a pipe ends a cell even in a code span."""
    ticks = "``" if "`" in line else "`"
    pad = " " if "`" in line else ""
    return f"{ticks}{pad}{_cell(line)}{pad}{ticks}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(render_presets())
