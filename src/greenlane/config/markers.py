"""Which presets does a folder of the tree speak for? Globs over an index of the paths. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice

import msgspec

from greenlane.config.tree import FOREIGN_FOLDERS, TreeFiles, folder_of, join
from greenlane.model.suite import Detect, Preset

#: Folders of samples: a suite in them is somebody's example unless there is no other.
SAMPLE_FOLDERS = frozenset(
    {"example", "examples", "fixture", "fixtures", "sample", "samples", "testdata", "third_party"}
)
#: Files whose text is searched for one rule of `contains`.
FILES_READ = 40
_WILD = re.compile(r"[*?\[]")


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """A preset that fits a folder, and the files that say so."""

    preset: str
    folder: str
    files: list[str]
    priority: int
    is_direct: bool  # a file named without wildcards, and not only a pattern


class Index:
    """The paths of a tree, arranged for questions by name and by folder."""

    def __init__(self, files: TreeFiles) -> None:
        self.files = files
        self.paths = sorted(path for path in files.paths() if _is_text(path))
        self.known = frozenset(self.paths)
        self._matches: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}

    @cached_property
    def own(self) -> list[str]:
        """Give the paths that are in no foreign folder, sorted."""
        return [path for path in self.paths if FOREIGN_FOLDERS.isdisjoint(path.split("/")[:-1])]

    @cached_property
    def folders_by_name(self) -> dict[str, list[str]]:
        """Give for each file name the folders of the project that have it."""
        table: dict[str, list[str]] = {}
        for path in self.own:
            table.setdefault(path.rpartition("/")[2], []).append(folder_of(path))
        return table

    def text(self, path: str) -> str:
        """Give what is in a file as text; "" where there is none."""
        if path not in self._texts:
            content = self.files.read(path) if path in self.known else None
            self._texts[path] = (content or b"").decode("utf-8", "replace")
        return self._texts[path]

    def without(self, folders: Collection[str]) -> Index:
        """Give the index of what lies in none of some folders."""
        return Index(_Without(self.files, tuple(f"{folder}/" for folder in folders)))

    def first_match(self, folder: str, pattern: str) -> str | None:
        """Give the first path that a glob, relative to a folder, matches."""
        return next(self.matches(folder, pattern), None)

    def matches(self, folder: str, pattern: str) -> Iterator[str]:
        """Give the paths that a glob, relative to a folder, matches, sorted."""
        if not _is_wild(pattern):
            path = join(folder, pattern)
            yield from [path] if path in self.known else []
            return
        whole = re.compile(_glob(pattern))
        start = "" if folder == "." else folder + "/"
        candidates = self._named_like(pattern)
        for path in candidates[bisect_left(candidates, start) :]:
            if not path.startswith(start):
                break
            if whole.fullmatch(path, len(start)):
                yield path

    def _named_like(self, pattern: str) -> list[str]:
        """Give the paths whose name fits the last part of a glob, looked up once for each."""
        if pattern not in self._matches:
            parts = pattern.split("/")
            name = re.compile(_glob(parts[-1]) if parts[-1] != "**" else ".*")
            within = self.own if FOREIGN_FOLDERS.isdisjoint(parts) else self.paths
            self._matches[pattern] = [
                path for path in within if name.fullmatch(path.rpartition("/")[2])
            ]
        return self._matches[pattern]


class _Without:
    """A tree without some of its folders."""

    def __init__(self, files: TreeFiles, starts: tuple[str, ...]) -> None:
        self._files = files
        self._starts = starts

    def paths(self) -> list[str]:
        """Give every path that is left."""
        return [path for path in self._files.paths() if not path.startswith(self._starts)]

    def read(self, path: str) -> bytes | None:
        """Give what is in a file."""
        return self._files.read(path)


def marker_folders(index: Index, presets: Iterable[Preset]) -> list[str]:
    """Give the folders that hold a marker, outermost first; the root is always among them."""
    folders = {"."}
    for preset in presets:
        for marker in _plain_markers(preset.detect) if preset.detect else ():
            if "/" not in marker:
                folders.update(index.folders_by_name.get(marker, ()))
    return sorted(folders, key=lambda folder: (folder != ".", folder.count("/"), folder))


def marked(index: Index, folder: str, presets: Iterable[Preset]) -> list[Marked]:
    """Give the presets that fit a folder, the highest priority first."""
    fits = (_fit(index, folder, preset) for preset in presets)
    return sorted(
        (fit for fit in fits if fit is not None), key=lambda fit: (-fit.priority, fit.preset)
    )


def is_sample(folder: str) -> bool:
    """Say whether a folder is one of samples, or below one."""
    return not SAMPLE_FOLDERS.isdisjoint(folder.split("/"))


def _fit(index: Index, folder: str, preset: Preset) -> Marked | None:
    """Match a preset: all that it needs, and one of `any` and `contains` where there are such."""
    rules = preset.detect
    if rules is None or not (rules.all or rules.all_contain or rules.any or rules.contains):
        return None
    found = [index.first_match(folder, pattern) for pattern in rules.all]
    found += [_first_holding(index, folder, name, text) for name, text in rules.all_contain.items()]
    if None not in found and (rules.any or rules.contains):
        found.append(next(_alternatives(index, folder, rules), None))
    files = [path for path in found if path is not None]
    if len(files) < len(found):
        return None
    direct = {join(folder, marker) for marker in _plain_markers(rules)}
    return Marked(
        preset=preset.name,
        folder=folder,
        files=list(dict.fromkeys(files)),
        priority=rules.priority,
        is_direct=not direct.isdisjoint(files),
    )


def _alternatives(index: Index, folder: str, rules: Detect) -> Iterator[str]:
    """Give the files that speak for a preset, those with a plain name first, texts last."""
    for pattern in sorted(rules.any, key=_is_wild):
        path = index.first_match(folder, pattern)
        if path is not None and not _is_wild(pattern):
            yield path
    for name in sorted(rules.contains, key=_is_wild):
        path = _first_holding(index, folder, name, rules.contains[name])
        if path is not None:
            yield path
    for pattern in rules.any:
        path = index.first_match(folder, pattern)
        if path is not None:
            yield path


def _first_holding(index: Index, folder: str, pattern: str, text: str) -> str | None:
    """Give the first path that a glob matches and that holds what a regular expression finds."""
    for path in islice(index.matches(folder, pattern), FILES_READ):
        if re.search(text, index.text(path), re.MULTILINE):
            return path
    return None


def _plain_markers(rules: Detect) -> list[str]:
    names = (*rules.all, *rules.all_contain, *rules.any, *rules.contains)
    return [name for name in names if not _is_wild(name)]


def _is_text(path: str) -> bool:
    """Leave out what no settings file and no answer could name: a path that is not UTF-8."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)


def _is_wild(pattern: str) -> bool:
    return _WILD.search(pattern) is not None


def _glob(pattern: str) -> str:
    """Turn a glob into a regular expression: `**/` spans folders, `*` and `?` do not."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern)
    words = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return "".join(
        words.get(part)
        or (part.replace("[!", "[^").replace("\\", "\\\\") if _is_set(part) else re.escape(part))
        for part in parts
    )


def _is_set(part: str) -> bool:
    return part.startswith("[") and part.endswith("]") and len(part) > 2
