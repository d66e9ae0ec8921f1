"""The files of a run: what the runner and the reader left, read without trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from greenlane.model.job import RunId
from greenlane.model.report import ReportSummary, TestCase

_MAX_REPORT_BYTES: Final = 32_000_000
_decode_report = msgspec.json.Decoder(ReportSummary).decode
_decode_test = msgspec.json.Decoder(TestCase).decode


class RunFiles:
    """Finds and reads what lies in the folders of the runs."""

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir

    def folder(self, run: RunId) -> Path:
        """Give the folder of a run, whether it is there or not."""
        return self._runs_dir / run

    def log(self, run: RunId) -> Path:
        """Give the path of a run's log."""
        return self.folder(run) / "log"

    def expects_report(self, run: RunId) -> bool:
        """Say whether a report reader was to run beside this run."""
        return (self.folder(run) / "read.json").exists()

    def is_cancelled(self, run: RunId) -> bool:
        """Say whether somebody asked for the end of this run."""
        return (self.folder(run) / "cancel").exists()

    def read_report(self, run: RunId) -> ReportSummary | None:
        """Give the head of the report; None when it is missing or cannot be read."""
        path = self.folder(run) / "report.json"
        try:
            if path.stat().st_size > _MAX_REPORT_BYTES:
                return None
            return _decode_report(path.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None

    def iterate_tests(self, run: RunId) -> Iterator[TestCase]:
        """Give each test of a run, without holding them all."""
        for line in self.iterate_test_lines(run):
            yield _decode_test(line)

    def iterate_test_lines(self, run: RunId) -> Iterator[bytes]:
        """Give each test of a run as the JSON that the reader wrote."""
        try:
            with (self.folder(run) / "tests.jsonl").open("rb") as lines:
                for line in lines:
                    if stripped := line.strip():
                        yield stripped
        except FileNotFoundError:
            return
