"""Print what a snapshot costs beside `git status`: `python bench/snapshot_cost.py [--large]`."""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from greenlane.snapshot.capture import capture, find_worktree
from greenlane.snapshot.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

SIZES = (1_000, 10_000)
LARGE = 100_000
EDITS = 10


def make_repository(root: Path, count: int) -> None:
    """Make a repository of text files of about 4 kB, 50 in a folder."""
    numbers = random.Random(1)
    words = [f"{numbers.getrandbits(32):08x}" for _ in range(5000)]
    for number in range(count):
        path = file_of(root, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = range(numbers.randint(20, 180))
        path.write_text("\n".join(" ".join(numbers.choices(words, k=4)) for _ in lines))
    git(root, "init", "-q", ".")
    git(root, "config", "gc.auto", "0")
    git(root, "add", "-A")
    git(root, "-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-qm", "base")
    git(root, "gc", "-q")


def file_of(root: Path, number: int) -> Path:
    """Give where file `number` lies."""
    return root / f"src/p{number // 5000:03}/d{number // 50:04}/f{number:06}.py"


def edit(root: Path, count: int, turn: int) -> None:
    """Change some files and add one."""
    for number in range(0, count, count // EDITS):
        with file_of(root, number).open("a") as file:
            file.write(f"\n# turn {turn}")
    (root / "untracked.txt").write_text(f"turn {turn}\n")


def git(root: Path, *arguments: str) -> None:
    """Run git, and wait for it."""
    subprocess.run(["git", "-C", str(root), *arguments], check=True, stdout=subprocess.DEVNULL)


def measure(folder: Path, count: int, turns: int) -> dict[str, float]:
    """Give the median of each step, in milliseconds."""
    root = folder / f"work{count}"
    make_repository(root, count)
    repository = str(Repositories(folder / "repositories").ensure(f"p{count}"))
    times: dict[str, list[float]] = {}

    def clock(name: str, step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        started = time.perf_counter()
        value = step(*arguments, **named)
        times.setdefault(name, []).append((time.perf_counter() - started) * 1000)
        return value

    for turn in range(turns):
        edit(root, count, turn)
        clock("status", git, root, "status")
        worktree = clock("find", find_worktree, str(root))
        assert worktree is not None
        snapshot = clock("capture", capture, worktree)
        clock("publish", snapshot.publish_to_path, repository)
        clock("again", snapshot.publish_to_path, repository)
        clock("close", snapshot.close)
    return {name: statistics.median(taken[1:]) for name, taken in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help=f"with {LARGE:,} files too")
    parser.add_argument("--turns", type=int, default=11)
    arguments = parser.parse_args()
    print(
        f"{'files':>8} {'git status':>11} {'capture':>8} {'publish':>8} {'whole':>7} {'ratio':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for count in (*SIZES, *([LARGE] if arguments.large else [])):
            took = measure(Path(folder), count, arguments.turns)
            whole = sum(took[name] for name in ("find", "capture", "publish", "close"))
            print(
                f"{count:>8,} {took['status']:>9.1f}ms {took['capture']:>6.1f}ms "
                f"{took['publish']:>6.1f}ms {whole:>5.1f}ms {whole / took['status']:>5.1f}x"
            )


if __name__ == "__main__":
    main()
