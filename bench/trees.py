"""Repositories of any size, made fast; and lanes of a server that have one."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.scratch import clean_environment
from bench.server import Server
from greenlane.snapshot.capture import capture, find_worktree

EDITS = 10
_HEAD = b"commit refs/heads/main\ncommitter Bench <bench@localhost> 0 +0000\ndata 4\nbase\n"


def make_tree(root: Path, count: int) -> None:
    """Make a repository of text files of some 2 kB, 50 in a folder, all of them committed."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main", ".")
    importer = subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=root, env=clean_environment(), stdin=subprocess.PIPE
    )
    assert importer.stdin is not None
    with importer.stdin as stream:
        stream.write(_HEAD)
        stream.writelines(_import_lines(count))
    if importer.wait() != 0:
        raise RuntimeError("git fast-import failed")
    git(root, "reset", "-q", "--hard")


def edit_tree(root: Path, count: int, turn: int) -> None:
    """Change some files and one that git does not know."""
    for number in range(0, count, max(1, count // EDITS)):
        with (root / _path_of(number)).open("a") as file:
            file.write(f"\n# turn {turn}")
    (root / "untracked.txt").write_text(f"turn {turn}\n")


def make_lane(server: Server, root: Path, files: int = 10) -> dict[str, Any]:
    """Give a submission of a command, as the command line would send it, in a lane of its own."""
    make_tree(root, files)
    worktree = find_worktree(str(root))
    assert worktree is not None
    body = {"path": str(root), "common_dir": worktree.common_dir}
    project = server.ask("POST", "/projects/resolve", body)
    with capture(worktree) as snapshot:
        snapshot.publish_to_path(project["repository"])
        return {
            "project": project["project"],
            "snapshot": {"commit": snapshot.commit, "tree": snapshot.tree},
            "folder": str(root),
            "command": ["true"],
            "agent_id": "bench",
        }


def git(root: Path, *arguments: str) -> None:
    """Run git in a folder, and wait for it."""
    subprocess.run(
        ["git", *arguments],
        cwd=root,
        env=clean_environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _import_lines(count: int) -> Iterator[bytes]:
    numbers = random.Random(1)
    words = [f"{numbers.getrandbits(32):08x}" for _ in range(5000)]
    bodies = [" ".join(numbers.choices(words, k=numbers.randint(50, 400))) for _ in range(200)]
    for number in range(count):
        content = f"# file {number}\n{bodies[number % len(bodies)]}\n".encode()
        yield b"M 644 inline %s\ndata %d\n" % (_path_of(number).encode(), len(content))
        yield content


def _path_of(number: int) -> str:
    return f"src/p{number // 5000:03}/d{number // 50:04}/f{number:06}.py"
