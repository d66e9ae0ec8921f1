"""What `greenlane run -- true` costs, beside the bare command, `git status` and `tsp`."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Row, Samples, Step, Table, measure_in_turns, milliseconds, times
from bench.scratch import clean_environment
from bench.server import GREENLANE, Server, serving
from bench.trees import EDITS, edit_tree, make_tree
from bench.tsp import Spooler, spooling

AIM_OVER_BARE_SECONDS = 0.150
AIM_TIMES_STATUS = 4
SMALL = 1_000
_SECOND = 1.05  # a switch waits for the next second, in which files look new to git and `.pyc`


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A tree, and how often it is measured."""

    files: int
    rounds: int


QUICK = [Size(files=50, rounds=2)]
FULL = [Size(files=SMALL, rounds=25), Size(files=10_000, rounds=15)]
LARGE = Size(files=100_000, rounds=5)


def measure(folder: Path, sizes: list[Size]) -> Table:
    """Measure every size, with nothing edited and with a few edits."""
    rows = []
    with serving(folder / "one") as server, spooling(folder / "one-tsp") as spooler:
        for size in sizes:
            root = folder / f"tree{size.files}"
            make_tree(root, size.files)
            rows += [
                _row(size, "nothing edited", _measure_still(root, size, server, spooler)),
                _row(size, f"{EDITS} files edited", _measure_edited(root, size, server, spooler)),
            ]
    return Table(
        title="One run: `greenlane run -- true` in a warm lane",
        floor="`git status` of the same tree",
        peer="`tsp` add + wait",
        rows=rows,
        has_peer=spooler is not None,
        note=(
            "Medians. The ratio is to `git status`. The bare command is `true`. Greenlane captures "
            "the tree, stores it, checks it out in the slot, runs, and tells the verdict; `tsp` "
            "runs the command where it is, in the files as they are by then. Edits are more than "
            "a second apart, as an agent's are; of two switches in one second the later one waits."
        ),
    )


def _measure_still(
    root: Path, size: Size, server: Server, spooler: Spooler | None
) -> dict[str, Samples]:
    steps = _steps(root, server, spooler)
    for step in steps.values():
        step()  # the first run makes the slot
    return measure_in_turns(steps, size.rounds)


def _measure_edited(
    root: Path, size: Size, server: Server, spooler: Spooler | None
) -> dict[str, Samples]:
    edits = iter(range(1_000_000))

    def edit(next_step: str) -> None:
        if next_step == "greenlane":
            time.sleep(_SECOND)
        edit_tree(root, size.files, next(edits))

    return measure_in_turns(_steps(root, server, spooler), (size.rounds + 1) // 2, before=edit)


def _steps(root: Path, server: Server, spooler: Spooler | None) -> dict[str, Step]:
    def call(*argv: str) -> None:
        subprocess.run(
            argv,
            cwd=root,
            env=server.environment if argv[0] == GREENLANE else clean_environment(),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    steps: dict[str, Step] = {
        "bare": lambda: call("true"),
        "status": lambda: call("git", "status"),
        "greenlane": lambda: call(GREENLANE, "run", "--no-autostart", "--", "true"),
    }
    if spooler is not None:
        steps["tsp"] = lambda: spooler.shell("tsp -w $(tsp true)")
    return steps


def _row(size: Size, how: str, taken: dict[str, Samples]) -> Row:
    figure, status, bare = (taken[name].median for name in ("greenlane", "status", "bare"))
    if size.files <= SMALL:
        limit, aim = bare + AIM_OVER_BARE_SECONDS, "bare command + 150 ms"
    else:
        limit = AIM_TIMES_STATUS * status + AIM_OVER_BARE_SECONDS
        aim = f"{AIM_TIMES_STATUS} x `git status` + 150 ms"
    return Row(
        what=f"{size.files:,} files, {how}",
        figure=taken["greenlane"].show(),
        floor=f"{milliseconds(status)}; bare command {milliseconds(bare)}",
        peer=milliseconds(taken["tsp"].median) if "tsp" in taken else "-",
        ratio=times(figure, status),
        aim=f"{aim} = {milliseconds(limit)}",
        is_met=figure <= limit,
    )
