"""The presets: those that are shipped, with what a project adds to them or changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from greenlane.config.preset_file import PresetEntry, preset_entry, read_presets
from greenlane.config.strict import Table, convert_value, dotted, nearest_hint
from greenlane.model.errors import SettingsError
from greenlane.model.suite import Preset

SHIPPED_FOLDER = Path(__file__).parent / "presets"
_NOT_INHERITED = frozenset({"name", "extends", "detect"})  # a child is not found by its parent's


class Catalogue:
    """Presets by name. Files are read when first asked for; extended presets are kept."""

    def __init__(
        self, folder: Path = SHIPPED_FOLDER, *, entries: dict[str, PresetEntry] | None = None
    ) -> None:
        self._folder = folder
        self._entries = entries
        self._presets: dict[str, Preset] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._loaded()

    def names(self) -> list[str]:
        """Give all names, sorted."""
        return sorted(self._loaded())

    def presets(self) -> list[Preset]:
        """Give all presets, by name."""
        return [self.get(name) for name in self.names()]

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

    def with_overrides(self, tables: Mapping[str, Table], *, source: str) -> Catalogue:
        """Give a catalogue in which a project's presets are added to, or laid over, these."""
        if not tables:
            return self
        added = {
            name: preset_entry(name, table, source, at=dotted("preset", name))
            for name, table in tables.items()
        }
        entries = self._loaded() | dict(self._laid_over(added))
        wider = Catalogue(self._folder, entries=entries)
        for name in added:
            wider.get(name)
        return wider

    def _laid_over(self, added: Mapping[str, PresetEntry]) -> Iterator[tuple[str, PresetEntry]]:
        for name, entry in added.items():
            below = self._loaded().get(name)
            if below is None:
                yield name, entry
                continue
            upper = dict(entry.table)
            if upper.get("extends") == name:
                del upper["extends"]
            table = upper if "extends" in upper else merge(below.table, upper)
            yield name, PresetEntry(table=table, source=entry.source, at=entry.at)

    def _loaded(self) -> dict[str, PresetEntry]:
        if self._entries is None:
            self._entries = read_presets(self._folder)
        return self._entries

    def _build(self, name: str) -> Preset:
        entry = self._loaded()[name]
        table = {**self._extended(name, ()), "name": name}
        return convert_value(table, Preset, source=entry.source, at=entry.at)

    def _extended(self, name: str, below: tuple[str, ...]) -> Table:
        entry = self._loaded()[name]
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
