"""What a snapshot costs the one who submits, beside `git status`."""

from __future__ import annotations

import itertools
from pathlib import Path

from bench.figures import Row, Step, Table, measure_in_turns, milliseconds, times
from bench.trees import EDITS, edit_tree, git, make_tree
from greenlane.snapshot.capture import capture, find_worktree
from greenlane.snapshot.repositories import Repositories


def measure(folder: Path, *, sizes: list[int], rounds: int) -> Table:
    """Measure every size with a few files edited since the snapshot before."""
    return Table(
        title="A snapshot alone: find the worktree, capture, publish",
        floor="`git status` of the same tree",
        peer="none",
        rows=[_measure_size(folder, size, rounds) for size in sizes],
        note=f"Median (p99); {EDITS} files edited and one untracked each time.",
        has_peer=True,
    )


def _measure_size(folder: Path, files: int, rounds: int) -> Row:
    root = folder / f"work{files}"
    make_tree(root, files)
    repository = str(Repositories(folder / "repositories").ensure(f"p{files}"))
    turns = itertools.count()

    def take() -> None:
        worktree = find_worktree(str(root))
        assert worktree is not None
        with capture(worktree) as snapshot:
            snapshot.publish_to_path(repository)

    steps: dict[str, Step] = {"status": lambda: git(root, "status"), "snapshot": take}
    take()  # the first one sends the whole tree
    taken = measure_in_turns(steps, rounds, before=lambda _: edit_tree(root, files, next(turns)))
    return Row(
        what=f"{files:,} files",
        figure=taken["snapshot"].show(),
        floor=milliseconds(taken["status"].median),
        ratio=times(taken["snapshot"].median, taken["status"].median),
    )
