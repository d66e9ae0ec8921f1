"""The files of a slot: a worktree of the server's bare repository that tests may have mangled.

The layout is git's own (gitrepository-layout(5)): `worktrees/<name>/` in the repository, and a
file `.git` in the slot that points there. It is written here, not by `git worktree add`, so that
a slot can be brought back from any state it is found in. Our own copy of the index, a hard link,
is the only one that is trusted: a test can mark files in it as unchanged.
"""

from __future__ import annotations

import os
import shutil
import stat

from greenlane.run.spec import CheckoutSpec
from greenlane.run.state import short_name

_KEPT_INDEX = "index.greenlane"
_OWN_FILES = frozenset({"HEAD", "commondir", "gitdir", "index", "locked", _KEPT_INDEX})


class Slot:
    """One slot on the disk."""

    def __init__(self, spec: CheckoutSpec) -> None:
        self.path = spec.slot
        self._commit = spec.commit
        name = f"{os.path.basename(spec.slot)}-{short_name(spec.slot)}"
        self.git_dir = os.path.join(spec.repository, "worktrees", name)
        self._index = os.path.join(self.git_dir, "index")
        self._kept_index = os.path.join(self.git_dir, _KEPT_INDEX)

    def mend(self) -> bool:
        """Bring back everything that makes it a worktree; say whether its index is known.

        Locks of dead git processes, half-done merges, branches that a test switched to and
        settings of the worktree go away. The checked out files are not looked at.
        """
        self._make_folder()
        os.makedirs(self.git_dir, exist_ok=True)
        for name in os.listdir(self.git_dir):
            if name not in _OWN_FILES:
                _remove(os.path.join(self.git_dir, name))
        _ensure_text(os.path.join(self.git_dir, "commondir"), "../..\n")
        _ensure_text(os.path.join(self.git_dir, "gitdir"), f"{self.path}/.git\n")
        _ensure_text(os.path.join(self.git_dir, "locked"), "a slot of greenlane\n")
        _ensure_text(os.path.join(self.git_dir, "HEAD"), f"{self._commit}\n")
        _ensure_text(os.path.join(self.path, ".git"), f"gitdir: {self.git_dir}\n")
        return self._restore_index()

    def is_empty(self) -> bool:
        """Say whether nothing was ever checked out here."""
        return os.listdir(self.path) in ([], [".git"])

    def keep_index(self) -> None:
        """Remember the index as it is now, as the one to trust at the next switch."""
        passing = f"{self._kept_index}.tmp"
        _remove(passing)
        os.link(self._index, passing)
        os.rename(passing, self._kept_index)

    def index_time(self) -> float:
        """Give when the trusted index was written; git doubts files that are not older."""
        return os.stat(self._kept_index).st_mtime

    def forget_index(self) -> None:
        """Make the next switch look at every file."""
        _remove(self._kept_index)
        _remove(self._index)

    def make_writable(self) -> None:
        """Undo what a test did to the permissions of folders."""
        os.chmod(self.path, 0o700)
        for folder, names, _ in os.walk(self.path):
            for name in names:
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
                    os.chmod(path, mode | stat.S_IRWXU)

    def clear(self) -> None:
        """Empty it: the way out when nothing else helps."""
        self.make_writable()
        for name in os.listdir(self.path):
            _remove(os.path.join(self.path, name))
        self.forget_index()

    def remove_lonely_caches(self, gone: set[str]) -> None:
        """Remove `__pycache__` where the sources are gone: it would make a namespace package.

        `gone` are paths of files, relative to the slot, that are no longer there.
        """
        folders = {parent for path in gone for parent in _parents(path)}
        for folder in sorted(folders, key=len, reverse=True):
            self._remove_if_only_cache(os.path.join(self.path, folder))

    def remove_all_lonely_caches(self) -> None:
        """Do the same for the whole slot, when it is not known what is gone."""
        for folder, _, _ in os.walk(self.path, topdown=False):
            if folder != self.path:
                self._remove_if_only_cache(folder)

    def empty_folder(self, path: str) -> None:
        """Make a folder of the slot an empty one."""
        whole = os.path.join(self.path, path)
        _remove(whole)
        os.makedirs(whole)

    def _make_folder(self) -> None:
        if os.path.islink(self.path) or os.path.isfile(self.path):
            os.unlink(self.path)
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            os.chmod(self.path, 0o700)

    def _restore_index(self) -> bool:
        kept = _identity(self._kept_index)
        if kept is None:
            _remove(self._index)
            return False
        if _identity(self._index) != kept:
            passing = f"{self._index}.tmp"
            _remove(self._index)
            _remove(passing)
            os.link(self._kept_index, passing)
            os.rename(passing, self._index)
        return True

    def _remove_if_only_cache(self, folder: str) -> None:
        if os.path.realpath(folder) != os.path.join(
            os.path.realpath(self.path), folder[len(self.path) + 1 :]
        ):
            return
        try:
            names = os.listdir(folder)
        except OSError:
            return
        if names in ([], ["__pycache__"]):
            shutil.rmtree(folder, ignore_errors=True)


def _parents(path: str) -> list[str]:
    found = []
    while path := os.path.dirname(path):
        found.append(path)
    return found


def _identity(path: str) -> int | None:
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return None


def _ensure_text(path: str, text: str) -> None:
    """Write a small file unless it is there with this very content."""
    try:
        if not os.path.islink(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                if file.read(len(text) + 1) == text:
                    return
    except OSError:
        pass
    _remove(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _remove(path: str) -> None:
    """Remove whatever is at a path; nothing is fine."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
