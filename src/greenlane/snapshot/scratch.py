"""Private folders that last as long as one capture: in memory where they are small."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

_MEMORY = "/dev/shm"  # noqa: S108 (the names made in it are unguessable and private)
_PREFIX = "greenlane-scratch-"
_ABANDONED_SECONDS = 600  # no capture is that young that its lock may not be held yet


class ScratchFolder:
    """A new folder that only this user can enter. Its lock says that somebody still needs it.

    What killed clients left behind is deleted on the way.
    """

    def __init__(self, *, is_in_memory: bool) -> None:
        parent = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 (see above)
        if is_in_memory and os.access(_MEMORY, os.W_OK | os.X_OK):
            parent = _MEMORY
        name = f"{_PREFIX}{os.getpid()}-{os.urandom(8).hex()}"
        self.path = os.path.join(os.path.realpath(parent), name)
        os.mkdir(self.path, 0o700)
        self._lock: int | None = _hold(self.path, os.O_CREAT | os.O_EXCL)
        sweep(os.path.dirname(self.path), os.stat(self.path).st_mtime - _ABANDONED_SECONDS)

    def close(self) -> None:
        """Delete the folder. May be called twice."""
        if self._lock is not None:
            remove_tree(self.path)
            os.close(self._lock)
            self._lock = None


def sweep(parent: str, made_before: float) -> None:
    """Delete scratch folders of this user whose process is gone. `made_before` is UNIX seconds."""
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(_PREFIX)]
    for name in names:
        folder = os.path.join(parent, name)
        with suppress(OSError):  # another sweep may be at it, or its owner
            about = os.lstat(folder)
            if about.st_uid == os.geteuid() and about.st_mtime < made_before:
                _remove_abandoned(folder)


def remove_tree(folder: str) -> None:
    """Delete a folder and all in it; nothing happens where there is none.

    In place of `shutil.rmtree`, whose import costs more than all that it deletes here.
    """
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            remove_tree(entry.path)
        else:
            os.unlink(entry.path)
    os.rmdir(folder)


def _hold(folder: str, flags: int = 0) -> int:
    """Take the lock of a scratch folder; what has no lock file is none, and is not touched."""
    lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove_abandoned(folder: str) -> None:
    lock = _hold(folder)
    try:
        remove_tree(folder)
    finally:
        os.close(lock)
