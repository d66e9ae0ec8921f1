"""The package manager of a Node project: which one, and how it installs. Pure."""

from __future__ import annotations

import posixpath

from greenlane.config.markers import Index
from greenlane.config.scripts import package_json
from greenlane.config.tree import folder_of, join
from greenlane.model.run import Prepare

#: Lock file, manager and the words that install exactly what the lock file says.
LOCKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("pnpm-lock.yaml", "pnpm", ("install", "--frozen-lockfile")),
    ("yarn.lock", "yarn", ("install", "--frozen-lockfile")),
    ("bun.lock", "bun", ("install", "--frozen-lockfile")),
    ("bun.lockb", "bun", ("install", "--frozen-lockfile")),
    ("package-lock.json", "npm", ("ci",)),
    ("npm-shrinkwrap.json", "npm", ("ci",)),
)
_FOLDER_OPTION = {"npm": "--prefix", "pnpm": "--dir", "yarn": "--cwd", "bun": "--cwd"}
_NEEDS = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")


def manager_of(index: Index, folder: str) -> str:
    """Give the manager that the nearest lock file stands for; npm where there is none."""
    found = _nearest_lock(index, folder)
    return found[1] if found else "npm"


def install_steps(index: Index, folder: str) -> list[Prepare]:
    """Give the step that fills node_modules, or none where nothing is needed.

    The lock file may lie in an outer folder (a workspace); the step then installs there.
    """
    found = _nearest_lock(index, folder)
    home = found[3] if found else folder
    if not any(package_json(index, where).get(key) for where in {folder, home} for key in _NEEDS):
        return []
    if found is None:
        return [
            Prepare(argv=["npm", "install", "--no-package-lock"], inputs=["package.json"]),
        ]
    lock, manager, install, _ = found
    way = posixpath.relpath(home, folder)
    words = list(install)
    if manager == "yarn" and join(home, ".yarnrc.yml") in index.known:
        words = ["install", "--immutable"]
    elsewhere = [] if way == "." else [_FOLDER_OPTION[manager], way]
    inputs = [posixpath.normpath(posixpath.join(way, name)) for name in (lock, "package.json")]
    return [Prepare(argv=[manager, *elsewhere, *words], inputs=inputs)]


def _nearest_lock(index: Index, folder: str) -> tuple[str, str, tuple[str, ...], str] | None:
    """Give lock file, manager, install words and the folder that holds them."""
    while True:
        for lock, manager, words in LOCKS:
            if join(folder, lock) in index.known:
                return lock, manager, words, folder
        if folder == ".":
            return None
        folder = folder_of(folder)
