"""The Go packages that a change reaches, by the imports of all Go files of the tree. Pure.

Build constraints are not weighed: what any file of a package imports counts.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from greenlane.config.affected_paths import folders_above, is_below, is_for_people, with_all_behind
from greenlane.config.tree import TreeFiles, folder_of, join

_SETTINGS = frozenset({"go.mod", "go.sum", "go.work", "go.work.sum"})
_NATIVE = re.compile(r".*\.(?:c|cc|cpp|cxx|m|h|hh|hpp|hxx|f|F|for|f90|s|S|sx|swig|swigcxx|syso)")
_NOT_LISTED = re.compile(r"(?:^|/)(?:[._][^/]+|testdata|vendor)(?:/|$)")
_TOKENS = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|`[^`]*(?:`|\Z)|'(?:\\.|[^'\\\n])*'?",
    re.DOTALL,
)
_IMPORTS = re.compile(r"\bimport\s*\(([^)]*)|\bimport\s*[\w.]*\s*(\"[^\"\n]*\"|`[^`\n]*`)")
_STRING = re.compile(r"\"([^\"\n]*)\"|`([^`\n]*)`")
_EMBED = re.compile(r"^//go:embed[ \t]+(.+)$", re.MULTILINE)
_EMBEDDED = re.compile(r"\"([^\"]*)\"|`([^`]*)`|(\S+)")
_MODULE = re.compile(r"^module[ \t]+\"?([^\s\"]+)", re.MULTILINE)
_REPLACE = re.compile(
    r"^\s*(?:replace[ \t]+)?(\S+)(?:[ \t]+v\S+)?[ \t]+=>[ \t]+(\.\S+)", re.MULTILINE
)


class _InDoubtError(Exception):
    """A file whose part in the whole cannot be told."""


@dataclass
class _Graph:
    """The folders that hold Go files, and who imports whom."""

    folders: set[str] = field(default_factory=set)
    users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    test_users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    embeds: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def affected_go_packages(files: TreeFiles, cwd: str, changed: Sequence[str]) -> list[str] | None:
    """Name the packages below `cwd`, in its module, whose tests a change reaches."""
    modules = {folder_of(path) for path in files.paths() if _name(path) == "go.mod"}
    module = next((one for one in (cwd, *folders_above(cwd)) if one in modules), None)
    if module is None:
        return None
    try:
        graph = _read(files, modules)
        tested, built = _touched(graph, changed)
    except _InDoubtError:
        return None
    built = with_all_behind(built, graph.users)
    reached = tested | built | {user for one in built for user in graph.test_users.get(one, ())}
    return sorted(
        "." if one == cwd else f"./{posixpath.relpath(one, cwd)}"
        for one in reached & graph.folders
        if is_below(one, cwd)
        and not _NOT_LISTED.search(posixpath.relpath(one, cwd))
        and next(above for above in (one, *folders_above(one)) if above in modules) == module
    )


def _read(files: TreeFiles, modules: Iterable[str]) -> _Graph:
    """Read every Go file of the tree."""
    graph = _Graph()
    places = _places(files, modules)
    for path in files.paths():
        if not path.endswith(".go"):
            continue
        folder, text = folder_of(path), _text(files, path)
        graph.folders.add(folder)
        users = graph.test_users if path.endswith("_test.go") else graph.users
        for imported in _imports(text):
            for target in _find(imported, places):
                users[target].add(folder)
        for line in _EMBED.findall(text):
            graph.embeds[folder] += ["".join(one) for one in _EMBEDDED.findall(line)]
    return graph


def _places(files: TreeFiles, modules: Iterable[str]) -> list[tuple[str, str]]:
    """Pair import paths of modules, and of what `replace` puts in their place, with folders."""
    places: list[tuple[str, str]] = []
    for folder in modules:
        text = _text(files, join(folder, "go.mod"))
        places += [(found[1], folder) for found in _MODULE.finditer(text)]
        for name, path in _REPLACE.findall(text):
            places.append((name, posixpath.normpath(posixpath.join(folder, path))))
    return places


def _find(imported: str, places: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Give the folders that an import may mean."""
    for name, folder in places:
        if imported == name:
            yield folder
        elif imported.startswith(f"{name}/"):
            yield join(folder, imported[len(name) + 1 :])


def _imports(text: str) -> Iterable[str]:
    plain = _TOKENS.sub(lambda found: found[0] if found[0][0] in '"`' else " ", text)
    for group, single in _IMPORTS.findall(plain):
        for quoted, raw in _STRING.findall(group or single):
            yield quoted or raw


def _touched(graph: _Graph, changed: Sequence[str]) -> tuple[set[str], set[str]]:
    """Tell the packages of which only tests changed from those that others build upon.

    Raises:
        _InDoubtError: a file that may matter to any package.
    """
    tested: set[str] = set()
    built: set[str] = set()
    for path in changed:
        folder = folder_of(path)
        embedding = {one for one in graph.embeds if _is_embedded(path, one, graph.embeds[one])}
        built |= embedding
        if _name(path) in _SETTINGS or is_below(path, "vendor") or "/vendor/" in path:
            raise _InDoubtError(path)
        if "testdata" in folder.split("/"):
            owner = path[: f"/{path}".index("/testdata/")].rstrip("/") or "."
            tested.add(_known(owner, graph))
        elif path.endswith("_test.go"):
            tested.add(folder)
        elif path.endswith(".go"):
            built.add(folder)
        elif _NATIVE.fullmatch(path):
            built.add(_known(folder, graph))
        elif not embedding and not is_for_people(path):
            raise _InDoubtError(path)
    return tested, built


def _known(folder: str, graph: _Graph) -> str:
    if folder not in graph.folders:
        raise _InDoubtError(folder)
    return folder


def _is_embedded(path: str, folder: str, patterns: Iterable[str]) -> bool:
    """Tell whether a file matches a pattern of `//go:embed`, or lies in a folder that does."""
    if not is_below(path, folder):
        return False
    inside = path if folder == "." else path[len(folder) + 1 :]
    parts = [inside, *folders_above(inside)]
    wanted = [pattern.removeprefix("all:") for pattern in patterns]
    return any(fnmatchcase(part, pattern) for part in parts for pattern in wanted)


def _text(files: TreeFiles, path: str) -> str:
    data = files.read(path)
    if data is None:
        raise _InDoubtError(path)
    return data.decode("utf-8", "replace")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
