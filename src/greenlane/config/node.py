"""The package manager of a Node project: which one, how it installs and starts. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from greenlane.config.markers import Index
from greenlane.config.scripts import NPM_DEFAULT, package_json
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


def launched(index: Index, folder: str, command: list[str]) -> list[str]:
    """Start a program through Yarn where that keeps no node_modules for npx to look in."""
    if command[:2] != ["npx", "--no-install"]:
        return command
    found = _nearest_lock(index, folder)
    settings = join(found[3], ".yarnrc.yml") if found and found[1] == "yarn" else ""
    has_modules = re.search(
        r"^nodeLinker: *[\"']?(?:node-modules|pnpm)\b", index.text(settings), re.MULTILINE
    )
    return command if settings not in index.known or has_modules else ["yarn", *command[2:]]


def leaves_to_members(index: Index, folder: str) -> bool:
    """Tell whether a folder is the root of a workspace whose packages have the test scripts."""
    package = package_json(index, folder)
    is_root = package.get("workspaces") or join(folder, "pnpm-workspace.yaml") in index.known
    if not is_root or _has_test(package):
        return False
    start = "" if folder == "." else f"{folder}/"
    return any(
        other != folder and other.startswith(start) and _has_test(package_json(index, other))
        for other in index.folders_by_name.get("package.json", ())
    )


def _has_test(package: dict[str, Any]) -> bool:
    scripts = package.get("scripts")
    test = scripts.get("test") if isinstance(scripts, dict) else None
    return isinstance(test, str) and bool(test.strip()) and NPM_DEFAULT not in test


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
