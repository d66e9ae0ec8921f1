from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from greenlane.config.preset_reference import render_presets
from greenlane.config.reference import render_reference
from greenlane.config.server import ServerSettings

FILE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def test_the_reference_is_that_of_these_settings() -> None:
    assert FILE.read_text() == render_reference(), (
        "run `python -m greenlane.config.reference > docs/reference/settings.md`"
    )


def test_the_presets_are_those_that_are_shipped() -> None:
    assert (FILE.parent / "presets.md").read_text() == render_presets(), (
        "run `python -m greenlane.config.preset_reference > docs/reference/presets.md`"
    )


@pytest.mark.parametrize("key", [field.name for field in msgspec.structs.fields(ServerSettings)])
def test_every_key_of_the_server_is_explained(key: str) -> None:
    [row] = [line for line in render_reference().splitlines() if f"| `{key}` | " in line][-1:]
    assert row.rpartition(" | ")[2].strip(" |").endswith(".")
