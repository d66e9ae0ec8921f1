"""The table of the samples, printed at the end whatever the tests said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from tests.e2e.conftest import instance
from tests.frameworks.trial import COLUMNS

__all__ = ["instance"]

_ROW = "framework_row"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    rows = [
        json.loads(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for key, value in report.user_properties
        if key == _ROW
    ]
    if rows:
        table = Table(*COLUMNS, title="Sample projects, run for real", title_justify="left")
        for row in sorted(rows):
            table.add_row(*row)
        terminalreporter.write_line("")
        Console(width=200, file=terminalreporter._tw._file).print(table)


@pytest.fixture
def show_row(record_property: Any) -> Any:
    """Keep a row for the table."""

    def keep(row: list[str]) -> None:
        record_property(_ROW, json.dumps(row))

    return keep
