"""Find the report files that a run left, and open them without being led astray.

Tests can be hostile: a report may be a link to a file elsewhere, a FIFO that blocks its reader,
a device. What is opened is judged by its descriptor, so that nothing can be swapped in between.
"""

# ruff: noqa: PTH112, PTH114, PTH115, PTH118, PTH119, PTH207 - raw names, globbed in bulk
from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from greenlane.model.suite import ReportSource
from greenlane.report.sources import Document, RefusedError

MAX_FILES = 20_000
_CLOCK_SLACK_SECONDS = 0.05  # file times come from a coarser clock than the run's start
_SKIPPED_FOLDERS = frozenset(
    {".git", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__"}
)
_AGGREGATE = "TESTS-TestSuites.xml"  # Ant writes all TEST-*.xml into it once more


def find_reports(
    sources: Sequence[ReportSource], *, cwd: Path, root: Path, out: Path, started_at: float
) -> list[Document]:
    """Find the files of all report sources, each once, that were written since `started_at`.

    A symbolic link is named too, whatever its age: opening it says whether it may be read.
    """
    found: dict[str, str] = {}  # real path: the name by which it was found
    for source in sources:
        if source.path:
            for path in _matches(source.path, cwd, out):
                found.setdefault(os.path.realpath(path), path)
    paths = [path for path in list(found.values())[:MAX_FILES] if _is_fresh(path, started_at)]
    has_parts = any(os.path.basename(path).startswith("TEST-") for path in paths)
    allowed = (str(root.resolve()), str(out.resolve()))
    return [
        Document(name=os.path.basename(path), open=partial(open_inside, path, allowed))
        for path in paths
        if not (has_parts and os.path.basename(path) == _AGGREGATE)
    ]


def _matches(pattern: str, cwd: Path, out: Path) -> Iterator[str]:
    """Match a glob below `cwd`, or below the folder that `{out}` names."""
    if pattern.startswith("{out}"):
        base, pattern = str(out), pattern.removeprefix("{out}").lstrip("/")
    else:
        base, pattern = str(cwd), pattern.replace("{out}", str(out))
    for name in glob.iglob(pattern, root_dir=base, recursive=True, include_hidden=True):
        if _SKIPPED_FOLDERS.isdisjoint(name.split("/")[:-1]):
            path = os.path.join(base, name)
            if os.path.islink(path) or not os.path.isdir(path):
                yield path


def _is_fresh(path: str, started_at: float) -> bool:
    """Tell whether a file was written since the run began; links always count."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode) or status.st_mtime >= started_at - _CLOCK_SLACK_SECONDS


def open_inside(path: str, allowed: Sequence[str]) -> BinaryIO:
    """Open a plain file that really lies below one of the `allowed` folders.

    Raises:
        RefusedError: it lies elsewhere, or is no plain file.
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    if reason := _why_refused(descriptor, allowed):
        os.close(descriptor)
        raise RefusedError(reason)
    return os.fdopen(descriptor, "rb")


def _why_refused(descriptor: int, allowed: Sequence[str]) -> str:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return "it is not a plain file"
    real = os.readlink(f"/proc/self/fd/{descriptor}")
    if any(real.startswith(f"{folder}/") for folder in allowed):
        return ""
    return "it is a link that leads out of the run's folders"
