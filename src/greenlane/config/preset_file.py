"""A preset as a file has it: read, split into words and checked by itself."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path

import msgspec

from greenlane.config.argv import check_env, check_folder, prepare_steps, split_command
from greenlane.config.strict import SIZE_LIMIT_BYTES, Table, convert_value, dotted, parse_toml
from greenlane.model.errors import SettingsError
from greenlane.model.suite import Preset

MAX_TIMEOUT_SECONDS = 604_800.0
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Origin(StrEnum):
    """Where a preset comes from; a later one is laid over an earlier one of the same name."""

    SHIPPED = "shipped"
    USER = "user"  # the user's presets folder
    PROJECT = "project"  # greenlane.toml


class PresetEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A preset as it is written, checked by itself but not yet extended."""

    table: Table
    source: str
    at: str  # dotted path of the table in its file; "" where it is the whole file
    origin: Origin = Origin.SHIPPED


def read_presets(folder: Path) -> dict[str, PresetEntry]:
    """Read the presets of a folder: one a file, named like the file."""
    entries: dict[str, PresetEntry] = {}
    for path in sorted(folder.glob("*.toml")):
        source = f"preset file {path.name}"
        table = parse_toml(path.read_bytes(), source=source)
        entries[path.stem] = preset_entry(path.stem, table, source, at="")
    return entries


def read_user_presets(folder: str) -> dict[str, PresetEntry | SettingsError]:
    """Read the presets of a user's folder; one that cannot be used is its error.

    A file must belong to this user or to root: a preset says what commands run.
    """
    entries: dict[str, PresetEntry | SettingsError] = {}
    for path in sorted(Path(folder).glob("*.toml")):
        try:
            entries[path.stem] = _read_user_preset(path)
        except SettingsError as error:
            entries[path.stem] = error
    return entries


def _read_user_preset(path: Path) -> PresetEntry:
    source = str(path)
    try:
        owner = path.stat().st_uid
        if owner not in {os.getuid(), 0}:
            raise SettingsError(f"{source}: it belongs to user {owner}, and is not read")
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{source}: it cannot be read: {error.strerror}") from error
    table = parse_toml(content, source=source)
    entry = preset_entry(path.stem, table, source, at="")
    return msgspec.structs.replace(entry, origin=Origin.USER)


def preset_entry(name: str, table: Table, source: str, *, at: str) -> PresetEntry:
    """Check a preset by itself, so that an error names the file that holds the slip."""
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"{source}: {name!r} is not a name for a preset",
            hint="Use letters, digits, `.`, `_` and `-`.",
        )
    if table.get("name", name) != name:
        raise SettingsError(f"{source}: `{dotted(at, 'name')}` differs from {name!r}")
    written = table | _plain_words(table, source, at)
    preset = convert_value({**written, "name": name}, Preset, source=source, at=at)
    check_env(preset.env, source=source, at=dotted(at, "env"))
    check_folder(preset.cwd, source=source, at=dotted(at, "cwd"))
    _check_times(preset, source, at)
    _check_patterns(preset, source, at)
    return PresetEntry(table=written, source=source, at=at)


def _plain_words(table: Table, source: str, at: str) -> Table:
    """Split the commands that are written as text; leave what has a wrong type to the check."""
    plain: Table = {}
    if isinstance(table.get("command"), str):
        plain["command"] = split_command(table["command"], source=source, at=dotted(at, "command"))
    steps = table.get("prepare")
    if isinstance(steps, list) and all(isinstance(step, str | list | dict) for step in steps):
        made = prepare_steps(steps, source=source, at=dotted(at, "prepare"))
        plain["prepare"] = [{"argv": step.argv, "inputs": step.inputs} for step in made]
    return plain


def _check_times(preset: Preset, source: str, at: str) -> None:
    times = {
        "timeout_seconds": preset.timeout_seconds,
        "idle_timeout_seconds": preset.idle_timeout_seconds,
    }
    for key, value in times.items():
        if value is not None and not 0 < value <= MAX_TIMEOUT_SECONDS:
            place = f"{source}: `{dotted(at, key)}`"
            raise SettingsError(f"{place}: expected more than 0 and at most a week, got {value}")


def _check_patterns(preset: Preset, source: str, at: str) -> None:
    start = f"{at}." if at else ""
    patterns = {
        f"{start}outcome.{field}": getattr(preset.outcome, field)
        for field in preset.outcome.__struct_fields__
        if field.endswith("_patterns")
    }
    if preset.detect is not None:
        patterns[f"{start}detect.runs"] = preset.detect.runs
        patterns[f"{start}detect.contains"] = list(preset.detect.contains.values())
        patterns[f"{start}detect.all_contain"] = list(preset.detect.all_contain.values())
    for key, values in patterns.items():
        for value in values:
            try:
                re.compile(value, re.MULTILINE)
            except (re.error, RecursionError, OverflowError) as error:
                raise SettingsError(
                    f"{source}: `{key}`: not a regular expression: {error}"
                ) from error
