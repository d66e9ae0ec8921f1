"""`python -m bench [NAME…] [--quick] [--small]`: measure, and print a table for each question."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import depth, first_byte, flood, one_run, rate, reports, runner, snapshot
from bench.figures import Table
from bench.scratch import make_scratch

Part = Callable[[Path, argparse.Namespace], Table]


def _one_run(folder: Path, options: argparse.Namespace) -> Table:
    sizes = one_run.QUICK if options.quick else one_run.FULL
    large = [] if options.quick or options.small else [one_run.LARGE]
    return one_run.measure(folder, [*sizes, *large])


def _first_byte(folder: Path, options: argparse.Namespace) -> Table:
    return first_byte.measure(folder, rounds=3 if options.quick else 150)


def _rate(folder: Path, options: argparse.Namespace) -> Table:
    if options.quick:
        return rate.measure(folder, jobs=6, lanes=3, rounds=1)
    return rate.measure(folder, jobs=300, lanes=50, rounds=3)


def _depth(folder: Path, options: argparse.Namespace) -> Table:
    if options.quick:
        return depth.measure(folder, ended=1000, queued=200, rounds=3)
    return depth.measure(folder, ended=1_000_000, queued=10_000, rounds=300)


def _flood(folder: Path, options: argparse.Namespace) -> Table:
    if options.quick:
        return flood.measure(folder, size_mb=5, rounds=1)
    return flood.measure(folder, size_mb=1000, rounds=2)


def _snapshot(folder: Path, options: argparse.Namespace) -> Table:
    if options.quick:
        return snapshot.measure(folder, sizes=[50], rounds=2)
    return snapshot.measure(folder, sizes=[1_000, 10_000], rounds=11)


def _runner(folder: Path, options: argparse.Namespace) -> Table:
    if options.quick:
        return runner.measure(folder, files=50, rounds=2)
    return runner.measure(folder, files=1_000, rounds=50)


def _reports(folder: Path, options: argparse.Namespace) -> Table:
    return reports.measure(folder, size_mb=1 if options.quick else 500)


PARTS: dict[str, Part] = {
    "run": _one_run,
    "snapshot": _snapshot,
    "runner": _runner,
    "first-byte": _first_byte,
    "rate": _rate,
    "depth": _depth,
    "flood": _flood,
    "reports": _reports,
}


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PARTS)}; all when left out")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does the bench work?")
    parser.add_argument("--small", action="store_true", help="leave out the tree of 100,000 files")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"## {describe_host()}\n", flush=True)
    for name in options.names or PARTS:
        started = time.monotonic()
        with make_scratch() as folder:
            table = PARTS[name](folder, options)
        took = time.monotonic() - started
        print(f"{table.render()}\n\n`python -m bench {name}` took {took:.0f} s.\n", flush=True)
    return 0


def describe_host() -> str:
    """Say on what this is measured, and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} CPUs, {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
