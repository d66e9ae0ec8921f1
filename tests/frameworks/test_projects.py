"""Real projects of real frameworks: green, red, build error, no tests, time-out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.instance import Instance
from tests.frameworks import samples
from tests.frameworks.trial import Bench


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", samples.names())
def test_framework(
    name: str, tmp_path: Path, instance: Instance, show_row: Callable[[list[str]], None]
) -> None:
    if missing := samples.missing_tools(samples.load(name)):
        pytest.skip(f"{', '.join(missing)}: `{samples.install_line(name)}` installs it")
    trial = Bench(name, tmp_path / name, instance).run()
    show_row(trial.row())
    assert not trial.mistakes, "\n".join(["", *trial.mistakes])


def test_what_must_be_proven_is_there() -> None:
    assert {"godot", "react", "django", "rust"} <= set(samples.names())
