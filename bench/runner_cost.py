"""Print what a run costs beyond its command: `python bench/runner_cost.py [ROUNDS]`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from greenlane.model.job import CommitId, JobId, RunId, TreeId
from greenlane.model.run import Checkout, RunResult, RunSpec
from greenlane.place.local import LocalPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = 1000


class Bench:
    """A place, and a way to run one thing in it and wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = LocalPlace(folder / "runs", self._take)
        self._ended = threading.Event()
        self._result: RunResult | None = None
        self._count = 0

    def _take(self, _run_id: RunId, result: RunResult | None) -> None:
        self._result = result
        self._ended.set()

    def run(self, checkout: Checkout | None) -> tuple[float, RunResult]:
        self._count += 1
        self._ended.clear()
        run_id = RunId(f"run{self._count}")
        spec = RunSpec(
            run_id=run_id,
            job_id=JobId("job"),
            run_dir=str(self.folder / "runs" / run_id),
            checkout=checkout,
            argv=["true"],
            env={"PATH": "/usr/bin:/bin"},
            timeout_seconds=60,
        )
        started = time.perf_counter()
        self.place.start(spec)
        self._ended.wait()
        spent = time.perf_counter() - started
        assert self._result is not None
        assert self._result.exit_code == 0, self._result.because
        return spent, self._result


def git(folder: Path, *arguments: str) -> str:
    config = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    return subprocess.check_output(["git", *config, *arguments], cwd=folder, text=True).strip()


def make_snapshots(folder: Path) -> Iterator[Checkout]:
    """Make a repository of FILES files, and two commits that differ in ten of them."""
    work, bare = folder / "work", folder / "repository.git"
    work.mkdir()
    git(folder, "init", "-q", "--bare", str(bare))
    git(work, "init", "-q")
    for number in range(FILES):
        path = work / f"folder{number % 50}" / f"file{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{number}\n")
    for version in range(2):
        for number in range(10):
            (work / f"folder{number}" / f"file{number}.txt").write_text(f"version {version}\n")
        git(work, "add", "-A")
        git(work, "commit", "-q", "-m", "snapshot")
        git(work, "push", "-q", str(bare), f"HEAD:refs/heads/v{version}")
        yield Checkout(
            slot=str(folder / "slots" / "1"),
            repository=str(bare),
            commit=CommitId(git(work, "rev-parse", "HEAD")),
            tree=TreeId(git(work, "rev-parse", "HEAD^{tree}")),
        )


def report(name: str, rounds: int, once: Callable[[int], tuple[float, RunResult]]) -> None:
    spent: list[float] = []
    inside: list[float] = []
    checkout: list[float] = []
    for number in range(rounds):
        seconds, result = once(number)
        spent.append(seconds * 1000)
        inside.append((result.ended_at - result.started_at) * 1000)
        checkout.append(result.phase_seconds.get("checkout", 0.0) * 1000)
    p99 = sorted(spent)[int(0.99 * (rounds - 1))]
    print(
        f"{name:34} start to end {statistics.median(spent):6.1f} ms (p99 {p99:6.1f})   "
        f"in the runner {statistics.median(inside):6.1f}   of it checkout "
        f"{statistics.median(checkout):6.1f}"
    )


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        started = time.perf_counter()
        bench.run(None)
        print(f"first run, fork server started: {(time.perf_counter() - started) * 1000:.1f} ms")
        snapshots = list(make_snapshots(Path(name)))
        bench.run(snapshots[0])
        report("true, no checkout", rounds, lambda _: bench.run(None))
        report(f"true, same tree, {FILES} files", rounds, lambda _: bench.run(snapshots[0]))

        def alternate(number: int) -> tuple[float, RunResult]:
            time.sleep(1.05)  # past the second that the slot would wait for
            return bench.run(snapshots[(number + 1) % 2])

        report("true, 10 files changed", min(rounds, 15), alternate)
        bench.place.close()


if __name__ == "__main__":
    main()
