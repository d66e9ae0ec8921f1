"""Which part of a suite runs: what a change reaches, and how a part is called. Pure over a tree."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Sequence

import msgspec

from greenlane.config.affected import affected_packages
from greenlane.config.selection import repeated
from greenlane.config.tree import TreeFiles
from greenlane.model.errors import BadRequestError, NothingToRunError
from greenlane.model.suite import Preset, Suite

PART_LIMIT_CHARS = 200
#: Files that no test imports and every test depends on.
_SETTINGS = re.compile(
    r"(?:.*/)?(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|pnpm-(?:lock|workspace)\.yaml"
    r"|yarn\.lock|bun\.lockb?|deno\.jsonc?|deno\.lock|tsconfig[^/]*\.json|\.babelrc[^/]*"
    r"|(?:babel|jest|vite|vitest)\.(?:config|setup|workspace)\.[^/]+|\.env[^/]*)"
)
_WHOLE_HINT = "`greenlane test` runs the whole suite."


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The files that differ from some earlier state; paths relative to the project's root."""

    files: list[str] = []  # changed or new
    deleted: list[str] = []
    since: str = ""  # that state, for people: "origin/main"


def reached_words(
    files: TreeFiles, suite: Suite, preset: Preset | None, change: Change
) -> list[str] | None:
    """Say "only what this change reaches" in the words of a framework; None: it reaches all.

    A framework that is told files is not told of deleted ones. Where nothing but deletions is left
    nobody can say what still needs those files, and a changed setting or lock file is behind every
    test: then all runs.

    Raises:
        BadRequestError: the framework cannot be told.
        NothingToRunError: nothing changed, or no package is reached.
    """
    if preset is None or not preset.select.affected:
        name = f"preset {preset.name!r}" if preset else "a suite without a preset"
        raise BadRequestError(
            f"{name} cannot run the tests that a change reaches", hint=_WHOLE_HINT
        )
    changed = [*change.files, *change.deleted]
    if not changed:
        raise NothingToRunError(
            f"nothing differs from {change.since or 'that state'}: no test is affected",
            hint=_WHOLE_HINT,
        )
    rules = preset.select
    if not rules.affected_by:
        takes_files = any("{file}" in word for word in rules.affected)
        if takes_files and (not change.files or any(map(_SETTINGS.fullmatch, changed))):
            return None
        inside = [posixpath.relpath(path, suite.cwd) for path in change.files]
        return repeated(rules.affected, "file", [_as_path(path) for path in inside])
    packages = affected_packages(files, rules.affected_by, suite.cwd, changed)
    if packages is None:
        return None
    if not packages:
        raise NothingToRunError(
            f"no package of suite {suite.name!r} is affected by {_count(len(changed), 'file')} "
            f"that differ from {change.since or 'that state'}",
            hint=_WHOLE_HINT,
        )
    return repeated(rules.affected, "package", packages)


def describe_part(*, args: Sequence[str], tests: int, because: str, change: Change | None) -> str:
    """Say for people which part of a suite runs; "" for all of it."""
    parts = []
    if tests:
        parts.append(because or f"{_count(tests, 'selected test')}")
    if change is not None:
        count = _count(len(change.files) + len(change.deleted), "changed file")
        since = f" since {change.since}" if change.since else ""
        parts.append(f"tests affected by {count}{since}")
    if args:
        parts.append(f"arguments: {shlex.join(args)}")
    said = "; ".join(parts)
    return said if len(said) <= PART_LIMIT_CHARS else said[: PART_LIMIT_CHARS - 1] + "…"


def _as_path(path: str) -> str:
    """Keep a file from being taken for an option."""
    return f"./{path}" if path.startswith("-") else path


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
