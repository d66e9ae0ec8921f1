"""The crates of a Cargo workspace that a change reaches, by its manifests. Pure."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from greenlane.config.affected_paths import folders_above, is_below, is_for_people, with_all_behind
from greenlane.config.tree import TreeFiles, folder_of, join

_EVERYWHERE = re.compile(
    r"(?:.*/)?(?:Cargo\.(?:toml|lock)|build\.rs|rust-toolchain(?:\.toml)?|\.cargo/.*)"
)
_SOURCES = re.compile(r"(?:src|tests|benches|examples)/.+|[^/]+\.rs|README[^/]*")
_DEFAULTS = "default-members"
_KINDS = ("dependencies", "dev-dependencies", "build-dependencies")
_KINDS_OF_OLD = ("dev_dependencies", "build_dependencies")

_Table = Mapping[str, Any]


@dataclass(frozen=True)
class _Crate:
    """A package of the tree."""

    name: str
    folder: str
    uses: frozenset[str]  # names of crates and, after a `/`, folders that it depends on


def affected_crates(files: TreeFiles, cwd: str, changed: Sequence[str]) -> list[str] | None:
    """Name the crates of a plain `cargo test` in `cwd` whose tests a change reaches."""
    manifests = _read_manifests(files)
    if manifests is None or any(_EVERYWHERE.fullmatch(path) for path in changed):
        return None
    crates = [
        crate for folder, table in manifests.items() if (crate := _crate(folder, table, manifests))
    ]
    tested = _tested(manifests, crates, cwd)
    if tested is None or len({crate.name for crate in crates}) < len(crates):
        return None
    touched: set[str] = set()
    for path in changed:
        owner = _owner(crates, path)
        if owner is not None:
            touched.add(owner.name)
        elif not is_for_people(path):
            return None
    users: dict[str, set[str]] = defaultdict(set)
    for name, uses in _uses(crates).items():
        for used in uses:
            users[used].add(name)
    return sorted(with_all_behind(touched, users) & tested)


def _read_manifests(files: TreeFiles) -> dict[str, _Table] | None:
    """Read every manifest of the tree by its folder; None: one of them cannot be read."""
    manifests: dict[str, _Table] = {}
    for path in files.paths():
        if path.rpartition("/")[2] != "Cargo.toml":
            continue
        try:
            manifests[folder_of(path)] = tomllib.loads((files.read(path) or b"\xff").decode())
        except (ValueError, RecursionError):
            return None
    return manifests


def _crate(folder: str, manifest: _Table, manifests: Mapping[str, _Table]) -> _Crate | None:
    name = _table(manifest, "package").get("name")
    if not isinstance(name, str):
        return None
    root = _root_of(folder, manifests)
    shared = _table(_table(manifests.get(root, {}), "workspace"), "dependencies")
    uses: set[str] = set()
    targets = _table(manifest, "target").values()
    for table in (manifest, *(one for one in targets if isinstance(one, dict))):
        for kind in (*_KINDS, *_KINDS_OF_OLD):
            for key, about in _table(table, kind).items():
                uses |= _used(key, about, folder)
                if isinstance(about, dict) and about.get("workspace") is True:
                    uses |= _used(key, shared.get(key), root)
    return _Crate(name, folder, frozenset(uses))


def _used(key: str, about: object, folder: str) -> set[str]:
    """Give what a dependency may mean: the crate of that name, and the folder of its path."""
    if not isinstance(about, dict):
        return {key}
    renamed, path = about.get("package"), about.get("path")
    used = {renamed if isinstance(renamed, str) else key}
    if isinstance(path, str):
        used.add("/" + posixpath.normpath(posixpath.join(folder, path)))
    return used


def _root_of(folder: str, manifests: Mapping[str, _Table]) -> str:
    """Give the folder of the workspace that a package belongs to, its own where there is none."""
    named = _table(manifests.get(folder, {}), "package").get("workspace")
    if isinstance(named, str):
        return posixpath.normpath(posixpath.join(folder, named))
    for above in (folder, *folders_above(folder)):
        workspace = manifests.get(above, {}).get("workspace")
        if isinstance(workspace, dict) and not _matches(folder, above, workspace, "exclude"):
            return above
    return folder


def _tested(manifests: Mapping[str, _Table], crates: Sequence[_Crate], cwd: str) -> set[str] | None:
    """Name the crates that a plain `cargo test` in a folder tests; None: nobody can tell."""
    home = next((one for one in (cwd, *folders_above(cwd)) if one in manifests), None)
    if home is None:
        return None
    workspace = _table(manifests[home], "workspace")
    inside = [one for one in crates if _root_of(one.folder, manifests) == home]
    if _DEFAULTS in workspace:
        found = {one.name for one in inside if _matches(one.folder, home, workspace, _DEFAULTS)}
    elif own := next((one.name for one in crates if one.folder == home), None):
        found = {own}
    else:
        found = {one.name for one in inside if _matches(one.folder, home, workspace, "members")}
        found = with_all_behind(found, _uses(inside)) & {one.name for one in inside}
    return found or None


def _uses(crates: Iterable[_Crate]) -> dict[str, set[str]]:
    """Give for each crate the names of those that it depends on."""
    names = {f"/{crate.folder}": crate.name for crate in crates}
    return {crate.name: {names.get(used, used) for used in crate.uses} for crate in crates}


def _matches(folder: str, root: str, workspace: _Table, key: str) -> bool:
    globs = workspace.get(key)
    wanted = [one for one in globs if isinstance(one, str)] if isinstance(globs, list) else []
    return any(
        _is_like(folder, whole) or (key == "exclude" and is_below(folder, whole))
        for whole in (posixpath.normpath(join(root, one)) for one in wanted)
    )


def _is_like(folder: str, pattern: str) -> bool:
    """Match a path with a glob whose `*` stays within a part of it; `**` may be any parts."""
    parts, wanted = folder.split("/"), pattern.split("/")
    if "**" in wanted:
        return fnmatchcase(folder, pattern)
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _owner(crates: Iterable[_Crate], path: str) -> _Crate | None:
    """Give the crate that a source file belongs to."""
    by_folder = {crate.folder: crate for crate in crates}
    folder = next((one for one in folders_above(path) if one in by_folder), None)
    if folder is None:
        return None
    inside = path if folder == "." else path[len(folder) + 1 :]
    return by_folder[folder] if _SOURCES.fullmatch(inside) else None


def _table(table: object, key: str) -> _Table:
    value = table.get(key) if isinstance(table, Mapping) else None
    return value if isinstance(value, dict) else {}
