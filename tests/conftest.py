"""What holds for every test: no environment of the developer's own, and no silent skip in CI."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

#: In CI a skip is a failure, since it means a missing tool, unless its reason starts so.
BY_DESIGN = "by design:"

GIT_SETTINGS = """\
[user]
    name = Tester
    email = tester@example.com
[init]
    defaultBranch = main
"""


@pytest.fixture(scope="session")
def git_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("git") / "gitconfig"
    path.write_text(GIT_SETTINGS)
    return path


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, git_settings: Path) -> None:
    """Take away what would lead to the developer's own server or repository."""
    for name in list(os.environ):
        if name.startswith(("GREENLANE_", "GIT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(git_settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def reason_of_skip(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Give the reason where this report is a skip that CI does not take; None for any other."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = text.removeprefix("Skipped: ")
    return None if reason.startswith(BY_DESIGN) else reason


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = reason_of_skip(report)
    if os.environ.get("CI") == "true" and reason is not None:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where every tool must be there: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    refuse_skip(report)
    return report
