"""What docs/how-to/add-a-framework.md says, taken out of the page."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/how-to/add-a-framework.md"

ROBOT_TESTS = """\
*** Test Cases ***
Adds
    Should Be Equal As Integers    ${1 + 1}    2

Subtracts
    Should Be Equal As Integers    ${2 - 1}    2
"""


def preset_of_the_page() -> str:
    """Give the TOML of the page."""
    [block] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(block)


def put_preset(folder: Path) -> None:
    """Follow the page: put the preset where a user has his own."""
    (folder / "presets").mkdir(parents=True)
    (folder / "presets" / "robot.toml").write_text(preset_of_the_page())
