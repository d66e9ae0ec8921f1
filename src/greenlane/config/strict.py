"""Decode settings files strictly: every slip is a `SettingsError` that names file and key."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

import msgspec

from greenlane.model.errors import SettingsError

SIZE_LIMIT_BYTES = 1_000_000
SHOWN_TEXT = 60  # characters of a foreign word that a message repeats

T = TypeVar("T")
Table = dict[str, Any]

_WORD_OF_TYPE = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "datetime": "a date",
    "date": "a date",
    "time": "a time",
}
_BAD_CHOICE = "Invalid enum value "
_TYPE_NAMES = re.compile(r"`([a-z]+(?: \| [a-z]+)*)`")


def decode_settings(content: bytes, kind: type[T], *, source: str) -> T:
    """Turn the bytes of a TOML file into `kind`, a struct; `source` names the file in errors.

    Raises:
        SettingsError: not UTF-8, not TOML, over 1 MB, an unknown key, a wrong type or value.
    """
    return convert_value(parse_toml(content, source=source), kind, source=source)


def parse_toml(content: bytes, *, source: str) -> Table:
    """Read TOML and nothing else about it."""
    if len(content) > SIZE_LIMIT_BYTES:
        raise SettingsError(
            f"{source}: {len(content)} bytes is too large for settings",
            hint=f"The limit is {SIZE_LIMIT_BYTES} bytes.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{source}: not UTF-8 text (line {line}, byte {error.start})",
            hint="Save the file as UTF-8.",
        ) from error
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError(f"{source}: values are nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, and what int() and datetime() raise
        raise SettingsError(
            f"{source}: not valid TOML: {_shown(str(error), 200)}", hint="See https://toml.io."
        ) from error


def convert_value(value: Any, kind: type[T], *, source: str, at: str = "") -> T:
    """Check a value against a type and build it; `at` is the dotted path of the value."""
    _check(value, kind, source, at)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(_place(source, at) + _plain(str(error))) from error


def nearest_hint(word: str, known: Iterable[str], *, what: str) -> str:
    """Say which known name was probably meant, and which there are."""
    names = sorted(known)
    near = difflib.get_close_matches(word[:SHOWN_TEXT], names, n=3, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(f"`{name}`" for name in near) + "?"
    if not names:
        return f"There are no {what}."
    return f"Known {what}: {', '.join(names)}."


def dotted(at: str, key: str) -> str:
    """Extend a dotted path by a key, quoted where TOML would have it quoted."""
    bare = key != "" and all(char.isascii() and (char.isalnum() or char in "-_") for char in key)
    word = _shown(key, SHOWN_TEXT) if bare else f'"{_shown(key, SHOWN_TEXT)}"'
    return f"{at}.{word}" if at else word


def _check(value: Any, kind: Any, source: str, at: str) -> None:
    """Walk value and type together, so that an error can name its key."""
    kind = _member_for(value, kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if isinstance(value, Mapping):
            _check_struct(value, kind, source, at)
        else:
            _check_leaf(value, dict, source, at)
        return
    origin = get_origin(kind)
    if origin is dict and isinstance(value, Mapping):
        item_kind = get_args(kind)[1]
        for key, item in value.items():
            _check(item, item_kind, source, dotted(at, key))
    elif origin is list and isinstance(value, list):
        item_kind = get_args(kind)[0]
        for number, item in enumerate(value, 1):
            _check(item, item_kind, source, f"{at}[{number}]")
    else:
        _check_leaf(value, kind, source, at)


def _check_struct(
    table: Mapping[str, Any], kind: type[msgspec.Struct], source: str, at: str
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, item in table.items():
        if key not in fields:
            hint = nearest_hint(key, fields, what="keys")
            raise SettingsError(f"{source}: unknown key `{dotted(at, key)}`", hint=hint)
        _check(item, fields[key].type, source, dotted(at, key))
    for name, field in fields.items():
        if field.required and name not in table:
            raise SettingsError(f"{source}: `{dotted(at, name)}` is missing")


def _check_leaf(value: Any, kind: Any, source: str, at: str) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        allowed = _allowed_words(kind)
        hint = nearest_hint(str(value), allowed, what="values") if allowed else ""
        raise SettingsError(_place(source, at) + _plain(str(error)), hint=hint) from error


def _member_for(value: Any, kind: Any) -> Any:
    """Peel annotations, and take the member of a union that fits the shape of the value."""
    while get_origin(kind) is Annotated and _is_container(get_args(kind)[0]):
        kind = get_args(kind)[0]
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind
    wanted = dict if isinstance(value, Mapping) else list if isinstance(value, list) else None
    for member in get_args(kind):
        if wanted is not None and wanted is _container_of(member):
            return _member_for(value, member)
    return kind


def _is_container(kind: Any) -> bool:
    return _container_of(kind) is not None or get_origin(kind) in {Union, types.UnionType}


def _container_of(kind: Any) -> type | None:
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return dict
    origin = get_origin(kind)
    return cast("type", origin) if origin in {dict, list} else None


def _allowed_words(kind: Any) -> list[str]:
    members = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    words: list[str] = []
    for member in members:
        if isinstance(member, type) and issubclass(member, Enum):
            words += [str(item.value) for item in member]
        elif get_origin(member) is Literal:
            words += [str(item) for item in get_args(member)]
    return words


def _place(source: str, at: str) -> str:
    return f"{source}: `{at}`: " if at else f"{source}: "


def _plain(message: str) -> str:
    """Say in plain words what msgspec says in Python's."""
    text = _TYPE_NAMES.sub(_type_words, message.split(" - at `", 1)[0])
    if text.startswith(_BAD_CHOICE):
        text = text.removeprefix(_BAD_CHOICE) + " is not among the allowed values"
    return _shown(text[:1].lower() + text[1:], 200)


def _type_words(match: re.Match[str]) -> str:
    names = [name for name in match[1].split(" | ") if name != "null"]
    return " or ".join(_WORD_OF_TYPE.get(name, name) for name in names)


def _shown(text: str, limit: int) -> str:
    """Cut a foreign text and take its control characters out."""
    clean = "".join(char if char.isprintable() else "?" for char in text[: limit + 1])
    return clean[:limit] + "…" if len(clean) > limit else clean
