from __future__ import annotations

import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.config.preset_file import preset_entry
from greenlane.config.strict import dotted, parse_toml

#: Presets as they are shipped in spirit: one of each channel, so that the tests stay small.
PRESETS = r"""
[preset.pytest]
command = ["{python}", "-m", "pytest"]
env = { PYTHONPATH = "{inject}:{PYTHONPATH}", STREAM = "{out}/s.jsonl" }
timeout_seconds = 600
detect.any = ["pytest.ini", "conftest.py", "**/test_*.py"]
detect.runs = ['pytest']
detect.priority = 30
select.ids = ["{id}"]

[preset.django]
command = ["{python}", "manage.py", "test", "--testrunner=green.Runner"]
detect.all = ["manage.py"]
detect.runs = ['manage\.py test']
detect.priority = 50
select.ids = ["{id}"]

[preset.rust]
command = ["cargo", "test"]
detect.all = ["Cargo.toml"]
detect.runs = ['cargo test']
detect.priority = 40
select = { before = ["--", "--exact"], ids = ["{id}"] }

[preset.bevy]
extends = "rust"
detect.all = ["Cargo.toml"]
detect.contains = { "Cargo.toml" = '^bevy\b' }
detect.runs = ['cargo test']
detect.priority = 45

[preset.go]
command = ["go", "test", "./..."]
detect.all = ["go.mod"]
detect.runs = ['go test']
detect.priority = 40
select.filter = ["-run", "{regex}"]

[preset.jest]
command = ["npx", "--no-install", "jest", "--ci"]
env = { CI = "true" }
detect.contains = { "package.json" = '"jest"\s*:' }
detect.runs = ['jest', 'react-scripts test']
detect.priority = 40

[preset.node-test]
command = ["node", "--test"]
detect.contains = { "package.json" = 'node --test' }
detect.runs = ['node --test']
detect.priority = 35

[preset.custom]
summary = "reads whatever is left behind"
"""


@pytest.fixture
def catalogue() -> Catalogue:
    return make_catalogue(PRESETS)


def make_catalogue(text: str, *, source: str = "presets.toml") -> Catalogue:
    tables = parse_toml(text.encode(), source=source)["preset"]
    return Catalogue(
        entries={
            name: preset_entry(name, table, source, at=dotted("preset", name))
            for name, table in tables.items()
        }
    )
