"""The presets: those that are shipped, with what a project adds to them or changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from greenlane.config.preset_file import (
    Origin,
    PresetEntry,
    preset_entry,
    read_presets,
    read_user_presets,
)
from greenlane.config.strict import Table, convert_value, dotted, nearest_hint
from greenlane.model.errors import SettingsError
from greenlane.model.suite import Preset

SHIPPED_FOLDER = Path(__file__).parent / "presets"
_NOT_INHERITED = frozenset({"name", "extends", "detect"})  # a child is not found by its parent's


class Catalogue:
    """Presets by name. Files are read when first asked for; extended presets are kept.

    A preset of the user's that cannot be used is in it by name, and fails whoever asks for it.
    """

    def __init__(
        self,
        folder: Path = SHIPPED_FOLDER,
        *,
        user_folder: str = "",
        entries: Mapping[str, PresetEntry | SettingsError] | None = None,
    ) -> None:
        self._folder = folder
        self._user_folder = user_folder
        self._entries = entries
        self._presets: dict[str, Preset] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._loaded()

    def names(self) -> list[str]:
        """Give all names, sorted."""
        return sorted(self._loaded())

    def presets(self) -> list[Preset]:
        """Give all presets, by name, but those that the user's folder has made useless.

        Raises:
            SettingsError: one cannot be used, and no preset of the user's can be the reason.
        """
        if all(self.origin(name) is not Origin.USER for name in self.names()):
            return [self.get(name) for name in self.names()]
        return [preset for name in self.names() if isinstance(preset := self.look(name), Preset)]

    def look(self, name: str) -> Preset | SettingsError:
        """Give a preset that is there, or why it cannot be used."""
        try:
            return self.get(name)
        except SettingsError as error:
            return error

    def get(self, name: str) -> Preset:
        """Give a preset with all that it extends.

        Raises:
            SettingsError: there is none of that name, or it cannot be used.
        """
        if name not in self._presets:
            if name not in self._loaded():
                hint = nearest_hint(name, self._loaded(), what="presets")
                raise SettingsError(f"there is no preset {name!r}", hint=hint)
            self._presets[name] = self._build(name)
        return self._presets[name]

    def origin(self, name: str) -> Origin:
        """Say where a preset that is there comes from."""
        entry = self._loaded()[name]
        return Origin.USER if isinstance(entry, SettingsError) else entry.origin

    def with_overrides(self, tables: Mapping[str, Table], *, source: str) -> Catalogue:
        """Give a catalogue in which a project's presets are added to, or laid over, these.

        Raises:
            SettingsError: one of them cannot be used.
        """
        if not tables:
            return self
        added = {
            name: msgspec.structs.replace(
                preset_entry(name, table, source, at=dotted("preset", name)), origin=Origin.PROJECT
            )
            for name, table in tables.items()
        }
        entries = dict(self._loaded()) | dict(_laid_over(self._loaded(), added))
        wider = Catalogue(self._folder, entries=entries)
        for name in added:
            wider.get(name)
        return wider

    def _loaded(self) -> Mapping[str, PresetEntry | SettingsError]:
        if self._entries is None:
            shipped: dict[str, PresetEntry | SettingsError] = {**read_presets(self._folder)}
            own = read_user_presets(self._user_folder) if self._user_folder else {}
            self._entries = shipped | dict(_laid_over(shipped, own))
        return self._entries

    def _entry(self, name: str) -> PresetEntry:
        entry = self._loaded()[name]
        if isinstance(entry, SettingsError):
            raise SettingsError(entry.message, hint=entry.hint)
        return entry

    def _build(self, name: str) -> Preset:
        entry = self._entry(name)
        table = {**self._extended(name, ()), "name": name}
        return convert_value(table, Preset, source=entry.source, at=entry.at)

    def _extended(self, name: str, below: tuple[str, ...]) -> Table:
        entry = self._entry(name)
        parent = entry.table.get("extends", "")
        if not parent:
            return entry.table
        at = f"{entry.source}: `{dotted(entry.at, 'extends')}`"
        if parent in (*below, name):
            chain = " → ".join((*below, name, parent))
            raise SettingsError(f"{at}: presets extend each other in a circle: {chain}")
        if parent not in self._loaded():
            hint = nearest_hint(parent, self._loaded(), what="presets")
            raise SettingsError(f"{at}: there is no preset {parent!r}", hint=hint)
        inherited = self._extended(parent, (*below, name))
        kept = {key: value for key, value in inherited.items() if key not in _NOT_INHERITED}
        return merge(kept, entry.table)


def _laid_over(
    lower: Mapping[str, PresetEntry | SettingsError],
    upper: Mapping[str, PresetEntry | SettingsError],
) -> Iterator[tuple[str, PresetEntry | SettingsError]]:
    """Give each upper entry, merged with the lower one of its name where it starts from that."""
    for name, entry in upper.items():
        below = lower.get(name)
        if below is None or isinstance(entry, SettingsError):
            yield name, entry
            continue
        table = dict(entry.table)
        if table.get("extends") == name:
            del table["extends"]
        if "extends" in table:
            yield name, msgspec.structs.replace(entry, table=table)
        elif isinstance(below, SettingsError):
            yield name, below
        else:
            yield name, msgspec.structs.replace(entry, table=merge(below.table, table))


class LivingCatalogue:
    """The shipped presets and a user's, read again when a file of the user's folder changes."""

    def __init__(self, user_folder: str) -> None:
        self._folder = user_folder
        self._seen: frozenset[tuple[str, int, int]] = frozenset()
        self._catalogue = Catalogue(user_folder=user_folder)

    def now(self) -> Catalogue:
        """Give the presets as they are now; the same object while nothing changed."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._catalogue = Catalogue(user_folder=self._folder)
        return self._catalogue

    def _look(self) -> frozenset[tuple[str, int, int]]:
        try:
            with os.scandir(self._folder) as entries:
                return frozenset(_stamp(entry) for entry in entries)
        except OSError:
            return frozenset()


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    try:
        about = entry.stat()
    except OSError:
        return entry.name, 0, 0
    return entry.name, about.st_mtime_ns, about.st_size


def merge(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> Table:
    """Lay one table over another: tables merge, all else is replaced."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged
