"""What a run costs beyond its command, without server, queue and client."""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from pathlib import Path

from bench.figures import Row, Step, Table, measure_in_turns, milliseconds, times
from bench.trees import EDITS, edit_tree, git, make_tree
from greenlane.model.job import CommitId, JobId, RunId, TreeId
from greenlane.model.run import Checkout, RunResult, RunSpec
from greenlane.place.local import LocalPlace

_SECOND = 1.05  # past the second that a switch would wait for


def measure(folder: Path, *, files: int, rounds: int) -> Table:
    """Measure a run without a checkout, with the same tree again, and with another tree."""
    runs = _Runs(folder)
    snapshots = _make_snapshots(folder, files)
    runs.run(snapshots[0])  # makes the slot
    still: dict[str, Step] = {
        "floor": lambda: subprocess.run(["true"], check=True),
        "none": lambda: runs.run(None),
        "same": lambda: runs.run(snapshots[0]),
    }
    taken = measure_in_turns(still, rounds)
    others = itertools.cycle(reversed(snapshots))
    taken |= measure_in_turns(
        {"other": lambda: runs.run(next(others))},
        min(rounds, 15),
        before=lambda _: time.sleep(_SECOND),
    )
    runs.place.close()
    kinds = {
        "none": "`true`, no checkout",
        "same": f"`true`, the tree of before, {files:,} files",
        "other": f"`true`, {EDITS} of {files:,} files changed",
    }
    return Table(
        title="A run alone: from the order to its end",
        floor="the bare command",
        peer="none",
        rows=[
            Row(
                what=what,
                figure=taken[name].show(),
                floor=milliseconds(taken["floor"].median),
                ratio=times(taken[name].median, taken["floor"].median),
            )
            for name, what in kinds.items()
        ],
        note="Median (p99).",
        has_peer=True,
    )


class _Runs:
    """A place, and a way to run one thing in it and wait."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.place = LocalPlace(folder / "runs", self._take)
        self._ended = threading.Event()
        self._result: RunResult | None = None
        self._count = 0

    def run(self, checkout: Checkout | None) -> None:
        self._count += 1
        self._ended.clear()
        run_id = RunId(f"run{self._count}")
        spec = RunSpec(
            run_id=run_id,
            job_id=JobId("job"),
            run_dir=str(self._folder / "runs" / run_id),
            checkout=checkout,
            argv=["true"],
            env={"PATH": "/usr/bin:/bin"},
            timeout_seconds=60,
        )
        self.place.start(spec)
        self._ended.wait()
        if self._result is None or self._result.exit_code != 0:
            raise RuntimeError(f"the run went wrong: {self._result}")

    def _take(self, _run_id: RunId, result: RunResult | None) -> None:
        self._result = result
        self._ended.set()


def _make_snapshots(folder: Path, files: int) -> list[Checkout]:
    """Make a repository, and two commits of it in a bare one."""
    work, bare = folder / "work", folder / "repository.git"
    make_tree(work, files)
    git(work, "init", "-q", "--bare", str(bare))
    found = []
    for turn in range(2):
        edit_tree(work, files, turn)
        git(work, "add", "-A")
        git(work, "-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-qm", "snapshot")
        git(work, "push", "-q", str(bare), f"HEAD:refs/heads/v{turn}")
        found.append(_checkout(folder, work, bare))
    return found


def _checkout(folder: Path, work: Path, bare: Path) -> Checkout:
    said = subprocess.check_output(["git", "rev-parse", "HEAD", "HEAD^{tree}"], cwd=work)
    commit, tree = said.decode().split()
    return Checkout(
        slot=str(folder / "slots" / "1"),
        repository=str(bare),
        commit=CommitId(commit),
        tree=TreeId(tree),
    )
