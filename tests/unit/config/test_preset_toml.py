"""A preset written as TOML is read back as it was."""

from __future__ import annotations

import msgspec
import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.describe import describe_preset
from greenlane.config.preset_file import preset_entry
from greenlane.config.preset_toml import render_preset
from greenlane.config.strict import parse_toml
from greenlane.model.run import Prepare
from greenlane.model.suite import Detect, OutcomeRules, Preset, ReportSource, Select

ODD = Preset(
    name="odd",
    summary="quotes \" and ' and a tab\t",
    command=["{python}", "it's", r"back\slash"],
    env={"A": "", "B": "{out}"},
    prepare=[Prepare(argv=["npm", "ci"], inputs=["lock"]), Prepare(argv=["make"])],
    idle_timeout_seconds=1.5,
    detect=Detect(contains={"*.x": r"^\[a\]'"}, priority=-3),
    report=[ReportSource(format="junit", path="out/*.xml", clean_before=False)],
    outcome=OutcomeRules(failed=[], crashed_patterns=["a" * 120, r"\bb"]),
    select=Select(join=" ", filter=["{list}"]),
)


@pytest.mark.parametrize("preset", [ODD, *Catalogue().presets()], ids=lambda preset: preset.name)
def test_it_is_read_back(preset: Preset) -> None:
    table = parse_toml(render_preset(preset, at="preset.it").encode(), source="x")
    entry = preset_entry("it", table["preset"]["it"], "x", at="preset.it")
    again = Catalogue(entries={"it": entry}).get("it")
    assert again == msgspec.structs.replace(preset, name="it", extends="")
    alone = parse_toml(render_preset(preset).encode(), source="x")
    assert alone == table["preset"]["it"]


@pytest.mark.parametrize("preset", [ODD, *Catalogue().presets()], ids=lambda preset: preset.name)
def test_everything_is_described(preset: Preset) -> None:
    said = dict(describe_preset(preset))
    assert all(line for lines in said.values() for line in lines)
    assert said.keys() >= {"found by", "runs", "reads", "exit codes", "runs some tests with"}
