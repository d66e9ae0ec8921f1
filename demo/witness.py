"""Stand before a test command and write down, outside the server, what this run sees of itself.

    python witness.py FOLDER -- COMMAND…

Of each run it notes in FOLDER/stamps: when it began, when its tests began and when it ended, the
tree that really lies in the working folder, and whether the lane was free (a lock that all runs of
the lane try to take). The tests begin once FOLDER/gate exists: the first run of a lane waits there
until the queue is full and the server is dead.
Standard library only, and nothing of Greenlane.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

GATE_DEADLINE_SECONDS = 120.0


def main(argv: list[str]) -> int:
    """Run the command between two stamps and give its exit code."""
    folder, command = Path(argv[1]), argv[3:]
    with (folder / "lane.lock").open("a") as lane:
        was_free = try_lock(lane)
        run = {"pid": os.getpid(), "tree": write_tree(Path.cwd()), "was_free": was_free}
        stamp(folder, "start", run)
        await_gate(folder / "gate")
        stamp(folder, "tests", run)
        code = subprocess.run(command, check=False).returncode
        stamp(folder, "stop", run)
    return code if code >= 0 else 128 - code


def try_lock(lane: IO[str]) -> bool:
    """Take the lane without waiting; False when another run is in it."""
    try:
        fcntl.flock(lane, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stamp(folder: Path, event: str, run: dict[str, object]) -> None:
    """Append one line; short appends of several processes do not mix."""
    line = json.dumps({"event": event, "at": time.time(), **run}) + "\n"
    descriptor = os.open(folder / "stamps", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def await_gate(gate: Path) -> None:
    """Wait until the demo lets the runs go."""
    deadline = time.monotonic() + GATE_DEADLINE_SECONDS
    while not gate.exists():
        if time.monotonic() > deadline:
            sys.exit("witness: the gate did not open")
        time.sleep(0.005)


def write_tree(folder: Path) -> str:
    """Give the id that `git write-tree` has for all files here that are not ignored.

    With an index and an object store that are thrown away: the repository stays as it is.
    """
    real = git(folder, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "objects").mkdir()
        away = {
            "GIT_INDEX_FILE": f"{scratch}/index",
            "GIT_OBJECT_DIRECTORY": f"{scratch}/objects",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": real,
        }
        git(folder, "add", "--all", **away)
        return git(folder, "write-tree", **away)


def git(folder: Path, *words: str, **variables: str) -> str:
    """Run git in a folder, away from hooks and from what the environment says about git."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", *words],
        cwd=folder,
        env=own | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(words)} in {folder}: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
