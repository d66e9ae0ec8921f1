"""The report reader: one short process for every run, beside the server.

`python -m greenlane.report.reader RUN_DIR --exit-code N [--timed-out]` reads what the run left,
as `RUN_DIR/read.json` says, and writes `tests.jsonl` and then `report.json`, each by rename.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import msgspec

from greenlane.model.report import ReportSummary
from greenlane.model.suite import Preset
from greenlane.report.collect import Leavings, read_leavings
from greenlane.report.find import find_reports, open_inside
from greenlane.report.sources import Document


class ReadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What `read.json` says: how to read a run, and where its leavings are."""

    preset: Preset
    cwd: str  # where the command ran; report globs are relative to it
    root: str  # the slot, or the submitter's folder
    out: str  # the run's folder for reports, `{out}`
    log: str
    started_at: float  # unix seconds; older reports are of another run


def read_run(run_dir: Path, *, exit_code: int | None, timed_out: bool) -> ReportSummary:
    """Read a run's leavings and write `tests.jsonl` and `report.json` into its folder.

    Raises:
        OSError: `read.json` cannot be read or the results cannot be written.
        msgspec.DecodeError: `read.json` is not what it should be.
    """
    order = msgspec.json.decode((run_dir / "read.json").read_bytes(), type=ReadOrder)
    root, log = Path(order.root), Path(order.log)
    reports = find_reports(
        order.preset.report,
        cwd=Path(order.cwd),
        root=root,
        out=Path(order.out),
        started_at=order.started_at,
    )
    log_folder = (str(log.parent.resolve()),)
    outputs = [Document(name="log", open=partial(open_inside, str(log), log_folder))]
    summary = read_leavings(
        Leavings(
            preset=order.preset,
            exit_code=exit_code,
            timed_out=timed_out,
            outputs=outputs if log.exists() else (),
            reports=reports,
            root=str(root.resolve()),
        ),
        run_dir / "tests.jsonl",
    )
    part = run_dir / ".report.json.part"
    part.write_bytes(msgspec.json.encode(summary))
    part.replace(run_dir / "report.json")
    return summary


def main(arguments: list[str]) -> int:
    """Run the reader as a program.

    The arguments are taken apart by hand: argparse would cost more than the rest of a small run.
    """
    match arguments:
        case [run_dir, "--exit-code", code]:
            read_run(Path(run_dir), exit_code=int(code), timed_out=False)
        case [run_dir, "--exit-code", code, "--timed-out"]:
            read_run(Path(run_dir), exit_code=int(code), timed_out=True)
        case [run_dir]:
            read_run(Path(run_dir), exit_code=None, timed_out=False)
        case _:
            sys.stderr.write("usage: reader RUN_DIR [--exit-code N [--timed-out]]\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
