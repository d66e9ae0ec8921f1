"""What the ways of telling what a change reaches have in common: paths, what lies behind. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NO_MATTER = re.compile(
    r"(?:.*/)?(?:[^/]+\.(?:md|rst|adoc)|(?:LICEN[CS]E|COPYING|NOTICE|AUTHORS|CODEOWNERS)[^/]*"
    r"|\.gitignore|\.gitattributes|\.editorconfig|greenlane\.toml)|(?:\.github|\.gitlab)/.+"
)


def with_all_behind(seeds: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Give the seeds and all that edges lead to from them, directly or through others."""
    reached: set[str] = set()
    todo = list(seeds)
    while todo:
        one = todo.pop()
        if one not in reached:
            reached.add(one)
            todo += edges.get(one, ())
    return reached


def is_for_people(path: str) -> bool:
    """Tell whether a file is documentation or about the repository itself."""
    return _NO_MATTER.fullmatch(path) is not None


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is a folder, or lies below it."""
    return folder in {".", path} or path.startswith(f"{folder}/")


def folders_above(path: str) -> Iterable[str]:
    """Give the folders that a file or folder lies in, nearest first, the root `.` last."""
    while path not in ("", "."):
        path = path.rpartition("/")[0] or "."
        yield path
