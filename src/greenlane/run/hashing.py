"""Name the content of a folder, to see whether it moved during a run in place."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from greenlane.run.child import StartError
from greenlane.run.git import Git, GitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greenlane.run.supervise import Supervisor

#: Made by tools beside the sources, as is every folder with a CACHEDIR.TAG in it. They matter
#: only where there is no git, which knows what is ignored.
_NOT_SOURCE = frozenset({".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", "node_modules"})
_CACHE_TAG = "CACHEDIR.TAG"  # https://bford.info/cachedir/


def hash_folder(folder: str, run_dir: str, supervisor: Supervisor) -> str:
    """Give a name for everything in a folder that a person or an agent may have written.

    In a git work tree it is the id of the tree that a commit of everything would have (tracked,
    modified and untracked files of the whole work tree); elsewhere `sha256:…` over paths, modes
    and contents. The user's repository is only read.
    """
    try:
        return _hash_work_tree(folder, run_dir, supervisor)
    except (GitError, StartError, OSError):  # not git, no git, or something git refuses to add
        return _hash_files(folder, supervisor)


def _hash_work_tree(folder: str, run_dir: str, supervisor: Supervisor) -> str:
    asking = Git(folder, supervisor, env={})
    _, said = asking.run(
        "rev-parse", "--show-toplevel", "--git-path", "index", "--git-path", "objects"
    )
    top, index, objects = (os.path.join(folder, path) for path in said.decode().splitlines())
    passing = os.path.join(run_dir, "hashing")
    shutil.rmtree(passing, ignore_errors=True)
    os.makedirs(passing, mode=0o700)
    try:
        own_index = os.path.join(passing, "index")
        if os.path.exists(index):
            shutil.copy2(index, own_index)  # with its time, by which git knows racy entries
        env = {
            "GIT_INDEX_FILE": own_index,
            "GIT_OBJECT_DIRECTORY": passing,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
        }
        git = Git(top, supervisor, env=env)
        git.run("add", "--all", "--sparse")
        return git.run("write-tree")[1].decode().splitlines()[-1]
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _hash_files(folder: str, supervisor: Supervisor) -> str:
    total = hashlib.sha256()
    for path, mode in _walk(folder, supervisor):
        name = os.fsencode(os.path.relpath(path, folder))
        total.update(b"%d %s\0%o\0" % (len(name), name, mode))
        total.update(_content(path, mode))
    return f"sha256:{total.hexdigest()}"


def _walk(folder: str, supervisor: Supervisor) -> Iterator[tuple[str, int]]:
    """Give every file and symlink below a folder with its mode, always in the same order."""
    for parent, folders, files in os.walk(folder):
        supervisor.raise_if_cancelled()
        folders[:] = sorted(name for name in folders if _is_source(parent, name))
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*files, *linked]):
            path = os.path.join(parent, name)
            try:
                yield path, os.lstat(path).st_mode
            except FileNotFoundError:  # it went away just now: the next hash is another
                continue


def _is_source(parent: str, name: str) -> bool:
    return name not in _NOT_SOURCE and not os.path.exists(os.path.join(parent, name, _CACHE_TAG))


def _content(path: str, mode: int) -> bytes:
    try:
        if stat.S_ISLNK(mode):
            return hashlib.sha256(os.fsencode(os.readlink(path))).digest()
        if stat.S_ISREG(mode):
            with open(path, "rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        return str(error.errno).encode()
    return b""
