"""Before the command: see that no report of an earlier run is taken for one of this run.

What matches a report glob and is not tracked is deleted. What is tracked belongs to the snapshot
and stays, a fixture perhaps; it is only a report when the run writes it anew. Nothing is deleted
in a folder of the submitter's own: there the times of the files are true, and the reader goes by
them.
"""

from __future__ import annotations

import glob
import json
import os
import time

from greenlane.run import checkout
from greenlane.run.spec import Spec, write_atomically
from greenlane.run.supervise import Supervisor

#: What tools own; the reader looks for no reports there either.
_SKIPPED_FOLDERS = frozenset(
    {".git", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__"}
)
_MARGIN_SECONDS = 0.06  # the reader allows for a clock that lags by 0.05 s


def clear(spec: Spec, cwd: str, supervisor: Supervisor) -> None:
    """Delete the untracked files that the report globs match; have the tracked ones be old."""
    if spec.checkout is None:
        return
    root = os.path.realpath(spec.root)
    paths = [
        path for path in _matches(cwd, spec.clean_before) if path.startswith(f"{root}{os.sep}")
    ]
    if not paths:
        return
    names = {os.path.relpath(path, root): path for path in paths}
    tracked = checkout.list_tracked(spec.checkout, supervisor).intersection(names)
    for name in names.keys() - tracked:
        os.unlink(names[name])
    if tracked and spec.read_argv:
        _start_after(spec.run_dir, max(os.lstat(names[name]).st_mtime for name in tracked))


def _matches(cwd: str, patterns: list[str]) -> set[str]:
    """Give the real paths of all files that the patterns match below a folder."""
    found = set()
    for pattern in patterns:
        for name in glob.iglob(pattern, root_dir=cwd, recursive=True, include_hidden=True):
            if not _SKIPPED_FOLDERS.isdisjoint(name.split(os.sep)[:-1]):
                continue
            folder, last = os.path.split(os.path.join(cwd, name))
            path = os.path.join(os.path.realpath(folder), last)
            if os.path.islink(path) or not os.path.isdir(path):
                found.add(path)
    return found


def _start_after(run_dir: str, written_at: float) -> None:
    """Tell the reader that the run starts now, and have now be after what was checked out."""
    time.sleep(min(_MARGIN_SECONDS, max(0.0, written_at + _MARGIN_SECONDS - time.time())))
    path = os.path.join(run_dir, "read.json")
    with open(path, "rb") as file:
        order = json.load(file)
    write_atomically(path, {**order, "started_at": time.time()})
