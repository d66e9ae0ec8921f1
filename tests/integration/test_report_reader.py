"""The reader beside the run: which files it reads, what it refuses, what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenlane.model.report import ReportSummary, RunStatus
from greenlane.model.suite import OutcomeRules, Preset, ReportSource
from greenlane.report.reader import read_run

GREEN = '<testsuite tests="1"><testcase name="a" classname="c.D"/></testsuite>'
RED = '<testsuite tests="1"><testcase name="a" classname="c.D"><failure/></testcase></testsuite>'
DEADLINE_SECONDS = 60

PRESET = Preset(
    name="some",
    report=[
        ReportSource(format="junit", path="{out}/**/*.xml"),
        ReportSource(format="junit", path="reports/*.xml"),
    ],
    outcome=OutcomeRules(failed=[]),
)


class Run:
    """A run's folder beside a slot."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.slot, self.out = folder / "run", folder / "slot", folder / "run/out"
        self.out.mkdir(parents=True)
        (self.slot / "reports").mkdir(parents=True)
        (self.folder / "log").write_text("nothing much\n")
        self.order: dict[str, Any] = {
            "preset": msgspec.to_builtins(PRESET),
            "cwd": str(self.slot),
            "root": str(self.slot),
            "out": str(self.out),
            "log": str(self.folder / "log"),
            "started_at": time.time() - 10,
        }

    def read(self, exit_code: int = 0) -> ReportSummary:
        (self.folder / "read.json").write_text(json.dumps(self.order))
        return read_run(self.folder, exit_code=exit_code, timed_out=False)

    def status(self) -> RunStatus:
        return self.read().status


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_reports_in_the_run_folder_and_in_the_slot(run: Run) -> None:
    (run.out / "deep").mkdir()
    (run.out / "deep/a.xml").write_text(GREEN)
    (run.slot / "reports/b.xml").write_text(GREEN.replace("c.D", "e.F"))
    summary = run.read()
    assert (summary.status, summary.totals.passed) == (RunStatus.PASSED, 2)


def test_no_report_is_not_green(run: Run) -> None:
    assert run.status() is RunStatus.NO_TESTS


def test_a_stale_report_is_not_read(run: Run) -> None:
    path = run.slot / "reports/old.xml"
    path.write_text(GREEN)
    old = run.order["started_at"] - 1
    os.utime(path, (old, old))
    assert run.status() is RunStatus.NO_TESTS
    os.utime(path)
    assert run.status() is RunStatus.PASSED


def test_a_file_that_is_found_by_several_names_counts_once(run: Run) -> None:
    preset = msgspec.structs.replace(PRESET, report=PRESET.report * 2)
    run.order["preset"] = msgspec.to_builtins(preset)
    (run.slot / "reports/a.xml").write_text(GREEN)
    (run.slot / "reports/b.xml").symlink_to("../reports/a.xml")
    assert run.read().totals.total == 1


@pytest.mark.parametrize(
    "kind", ["link out", "link to a device", "fifo", "broken link", "folder out"]
)
def test_what_is_refused_is_never_green(run: Run, tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "green.xml").write_text(GREEN)
    (run.out / "good.xml").write_text(GREEN)
    bad = run.slot / "reports/bad.xml"
    match kind:
        case "link out":
            bad.symlink_to(outside / "green.xml")
        case "link to a device":
            bad.symlink_to("/dev/zero")
        case "fifo":
            os.mkfifo(bad)
        case "broken link":
            bad.symlink_to(outside / "nothing")
        case _:
            (run.slot / "reports").rmdir()
            (run.slot / "reports").symlink_to(outside)
    summary = run.read()
    assert summary.status is not RunStatus.PASSED
    assert "refused" in summary.because


def test_an_aggregate_is_not_counted_beside_its_parts(run: Run) -> None:
    (run.slot / "reports/TEST-c.D.xml").write_text(GREEN)
    (run.slot / "reports/TESTS-TestSuites.xml").write_text(f"<testsuites>{GREEN}</testsuites>")
    assert run.read().totals.total == 1


def test_a_red_report_beside_a_green_one(run: Run) -> None:
    (run.out / "a.xml").write_text(GREEN)
    (run.out / "b.xml").write_text(RED)
    assert run.status() is RunStatus.FAILED


def test_another_format_may_contradict(run: Run) -> None:
    sources = [*PRESET.report, ReportSource(format="tap", path="{out}/*.tap")]
    run.order["preset"] = msgspec.to_builtins(msgspec.structs.replace(PRESET, report=sources))
    (run.out / "a.xml").write_text(GREEN)
    (run.out / "a.tap").write_text("1..1\nok 1 - a\n")
    summary = run.read()
    assert (summary.status, summary.totals.total) == (RunStatus.PASSED, 1)
    (run.out / "a.tap").write_text("1..1\nnot ok 1 - a\n")
    summary = run.read()
    assert summary.status is RunStatus.FAILED
    assert "a.tap" in summary.because


def test_the_exit_status_alone(run: Run) -> None:
    run.order["preset"] = msgspec.to_builtins(Preset(name=""))
    assert run.read(0).status is RunStatus.PASSED
    assert run.read(1).status is RunStatus.FAILED


def test_as_a_program(run: Run) -> None:
    (run.out / "a.xml").write_text(RED)
    (run.folder / "read.json").write_text(json.dumps(run.order))
    command = [sys.executable, "-m", "greenlane.report.reader", str(run.folder), "--exit-code", "1"]
    subprocess.run(command, check=True, timeout=DEADLINE_SECONDS)
    summary = msgspec.json.decode((run.folder / "report.json").read_bytes(), type=ReportSummary)
    assert summary.status is RunStatus.FAILED
    assert [one.id for one in summary.failures] == ["c.D.a"]
    assert len((run.folder / "tests.jsonl").read_bytes().splitlines()) == 1
    assert {one.name for one in run.folder.iterdir()} == {
        "log", "out", "read.json", "report.json", "tests.jsonl",
    }  # fmt: skip
    subprocess.run([*command, "--timed-out"], check=True, timeout=DEADLINE_SECONDS)
    summary = msgspec.json.decode((run.folder / "report.json").read_bytes(), type=ReportSummary)
    assert summary.status is RunStatus.TIMEOUT


def test_it_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, greenlane.report.reader\n"
        "heavy = {'lxml', 'sqlalchemy', 'starlette', 'uvicorn', 'rich', 'argparse', 'alembic'}\n"
        "loaded = {name for name in sys.modules if name.startswith('greenlane.report.formats.')}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert len(loaded) == 2, loaded  # base and text\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=DEADLINE_SECONDS)
