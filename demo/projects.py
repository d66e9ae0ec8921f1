"""The example projects: what each needs, its command, and how one of its tests is made red."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One folder of `examples/`. Its README says the same `old`, `new` and `red_test`."""

    name: str
    preset: str
    command: tuple[str, ...]
    program: str = ""  # what must be on PATH
    module: str = ""  # what this Python must be able to import
    env: dict[str, str] = field(default_factory=dict)
    file: str
    old: str
    new: str
    red_test: str

    @property
    def missing(self) -> str:
        """Say what is not here; empty when all is."""
        if self.program and not shutil.which(self.program):
            return self.program
        if self.module and not importlib.util.find_spec(self.module):
            return f"the Python package {self.module}"
        return ""


PROJECTS = (
    Project(
        name="pytest",
        preset="pytest",
        command=(sys.executable, "-m", "pytest"),
        module="pytest",
        # Plugins that happen to be installed beside it have no part in this.
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        file="basket.py",
        old="quantity >= 10",
        new="quantity > 10",
        red_test="test_ten_of_a_kind_are_cheaper",
    ),
    Project(
        name="django",
        preset="django",
        command=(sys.executable, "manage.py", "test"),
        module="django",
        file="books/models.py",
        old="LOAN_DAYS = 14",
        new="LOAN_DAYS = 41",
        red_test="test_a_loan_is_late_after_two_weeks",
    ),
    Project(
        name="rust",
        preset="rust",
        command=("cargo", "test", "--locked"),
        program="cargo",
        file="src/lib.rs",
        old='(4, "IV")',
        new='(4, "IIII")',
        red_test="four_is_written_by_subtraction",
    ),
    Project(
        name="node",
        preset="node-test",
        command=("node", "--test"),
        program="node",
        file="src/duration.js",
        old="minute: 60,",
        new="minute: 61,",
        red_test="names the largest unit first",
    ),
)
