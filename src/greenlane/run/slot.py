"""The files of a slot: a checkout of the server's bare repository that tests may have mangled.

The slot's own git folder lies beside it and borrows the objects of the bare repository
(gitrepository-layout(5): `objects/info/alternates`). A worktree of the bare repository would share
settings, refs and hooks with it: a test that makes a branch would break the next run, and one
that sets `core.fsmonitor` would reach the server's own git. Here all of it is reset at each switch.

Our own copy of the index, a hard link, is the only one that is trusted: a test can mark files in
it as unchanged.
"""

from __future__ import annotations

import os
import shutil
import stat

from greenlane.run.spec import CheckoutSpec

_KEPT_INDEX = "index.greenlane"
_OWN_FILES = frozenset(
    {"HEAD", "config", "index", _KEPT_INDEX, "objects", "refs", "shallow", "info"}
)
_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tautocrlf = false
[gc]
\tauto = 0
"""


class Slot:
    """One slot on the disk."""

    def __init__(self, spec: CheckoutSpec) -> None:
        self.path = spec.slot
        self.git_dir = f"{spec.slot}.git"
        self._repository = spec.repository
        self._commit = spec.commit
        self._index = os.path.join(self.git_dir, "index")
        self._kept_index = os.path.join(self.git_dir, _KEPT_INDEX)

    def mend(self) -> bool:
        """Bring back everything that makes it a checkout; say whether its index is known.

        Locks of dead git processes, half-done merges, branches, commits and settings that a test
        made go away. The checked out files are not looked at.
        """
        self._make_folder(self.path)
        self._make_folder(self.git_dir)
        keep_only(self.git_dir, _OWN_FILES)
        self._borrow_objects()
        _ensure_text(os.path.join(self.git_dir, "config"), _CONFIG)
        _ensure_text(os.path.join(self.git_dir, "HEAD"), f"{self._commit}\n")
        _ensure_text(os.path.join(self.path, ".git"), f"gitdir: {self.git_dir}\n")
        return self._restore_index()

    def is_empty(self) -> bool:
        """Say whether nothing was ever checked out here."""
        return os.listdir(self.path) in ([], [".git"])

    def keep_index(self) -> None:
        """Remember the index as it is now, as the one to trust at the next switch."""
        passing = f"{self._kept_index}.tmp"
        remove(passing)
        os.link(self._index, passing)
        os.rename(passing, self._kept_index)

    def index_time(self) -> float:
        """Give when the trusted index was written; git doubts files that are not older."""
        return os.stat(self._kept_index).st_mtime

    def forget_index(self) -> None:
        """Make the next switch look at every file."""
        remove(self._kept_index)
        remove(self._index)

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
            remove(os.path.join(self.path, name))
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
        remove(whole)
        os.makedirs(whole)

    def _make_folder(self, path: str) -> None:
        if os.path.islink(path) or os.path.isfile(path):
            os.unlink(path)
        os.makedirs(path, mode=0o700, exist_ok=True)
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            os.chmod(path, 0o700)

    def _borrow_objects(self) -> None:
        """Have no refs and no objects of our own; know where the others' history was cut."""
        objects, refs, info = (
            os.path.join(self.git_dir, name) for name in ("objects", "refs", "info")
        )
        for folder, kept in ((objects, {"info"}), (refs, set()), (info, set())):
            self._make_folder(folder)
            keep_only(folder, kept)
        borrowed = os.path.join(objects, "info")
        self._make_folder(borrowed)
        keep_only(borrowed, {"alternates"})
        _ensure_text(os.path.join(borrowed, "alternates"), f"{self._repository}/objects\n")
        try:
            with open(os.path.join(self._repository, "shallow"), encoding="ascii") as file:
                _ensure_text(os.path.join(self.git_dir, "shallow"), file.read())
        except FileNotFoundError:
            remove(os.path.join(self.git_dir, "shallow"))

    def _restore_index(self) -> bool:
        kept = _identity(self._kept_index)
        if kept is None:
            remove(self._index)
            return False
        if _identity(self._index) != kept:
            passing = f"{self._index}.tmp"
            remove(self._index)
            remove(passing)
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


def keep_only(folder: str, names: frozenset[str] | set[str]) -> None:
    """Remove everything else from a folder."""
    for name in os.listdir(folder):
        if name not in names:
            remove(os.path.join(folder, name))


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
    remove(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove(path: str) -> None:
    """Remove whatever is at a path; nothing is fine."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
