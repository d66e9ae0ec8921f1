"""Write a preset as TOML that can be pasted: everything in it, nothing that is a default. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from greenlane.config.strict import dotted
from greenlane.config.write import toml_text
from greenlane.model.run import Prepare
from greenlane.model.suite import Preset

_LINE_CHARS: Final = 96
_WHOLE: Final = {"passed", "failed"}  # of `outcome`: said even where they are the defaults


def render_preset(preset: Preset, *, at: str = "") -> str:
    """Give the text of a preset's own file; with `at`, of that table of another file."""
    table = {key: value for key, value in _plain(preset).items() if key not in {"name", "extends"}}
    return "\n".join(_table(table, at)).lstrip("\n") + "\n"


def _plain(value: msgspec.Struct) -> dict[str, Any]:
    """Turn a struct into tables and plain values, without what is empty or a default."""
    table: dict[str, Any] = {}
    for field in msgspec.structs.fields(value):
        given = getattr(value, field.name)
        if isinstance(given, msgspec.Struct):
            given = _plain(given)
            if field.name == "detect":  # even an empty one is not the parent's
                table[field.name] = given
                continue
        elif field.name == "report":
            given = [_plain(source) for source in given]
        elif field.name in _WHOLE:
            table[field.name] = given
            continue
        if given not in ("", [], {}, None) and given != field.default:
            table[field.name] = given
    return table


def _table(table: Mapping[str, Any], at: str) -> Iterator[str]:
    """Write plain values first, then the tables, as TOML has to have it."""
    if at:
        yield from ("", f"[{at}]")
    yield from (f"{dotted('', key)} = {_value(value)}" for key, value in _values(table))
    for key, value in table.items():
        below = dotted(at, key)
        if isinstance(value, Mapping):
            yield from _table(value, below)
        elif key == "report":
            for source in value:
                yield from ("", f"[[{below}]]", *_table(source, ""))


def _values(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if key != "report" and not isinstance(value, Mapping):
            yield key, value


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case Prepare():
            inputs = f", inputs = {_value(value.inputs)}" if value.inputs else ""
            return f"{{ command = {_value(value.argv)}{inputs} }}"
        case _:
            return _list(_value(one) for one in value)


def _list(items: Iterable[str]) -> str:
    words = list(items)
    line = f"[{', '.join(words)}]"
    return line if len(line) <= _LINE_CHARS else "[\n" + "".join(f"    {w},\n" for w in words) + "]"


def _text(text: str) -> str:
    """Write regular expressions as they are, where TOML can."""
    is_literal = "\\" in text and "'" not in text and text.isprintable()
    return f"'{text}'" if is_literal else toml_text(text)
